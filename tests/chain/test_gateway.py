"""The gateway against a real anvil, and against strangers who answer anything."""

import json
import secrets
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace

import pytest

from chain import abi, answers
from chain.address import ZERO_ADDRESS
from chain.endpoint import Endpoint
from chain.errors import Refused, Unreachable, WrongNetwork
from chain.exchange import approve_call, refund_call, transfer_call
from chain.gateway import Call, Gateway
from chain.network import Network
from chain.transactions import Fees, SignedTx, account_of, raised, sign_transaction
from tests.chain.conftest import COIN, Account, Chain, Stranger, signed_offer

Open = Callable[[Callable[[str], object]], Stranger]
NOBODY = "http://127.0.0.1:9"


@contextmanager
def gateway_to(network: Network, *urls: str, timeout: float = 5.0) -> Iterator[Gateway]:
    gateway = Gateway(replace(network, rpc_urls=urls), timeout)
    try:
        yield gateway
    finally:
        gateway.close()


def test_importing_the_gateway_imports_neither_web3_nor_eth_account() -> None:
    code = "import sys, chain.gateway; print({'web3', 'eth_account'} & set(sys.modules))"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout == "set()\n"


# The network


def test_check_accepts_the_network_it_was_told_about(chain: Chain) -> None:
    chain.gateway.check()


def test_another_chain_is_a_wrong_network(chain: Chain) -> None:
    with (
        gateway_to(replace(chain.network, chain_id=1), chain.url) as gateway,
        pytest.raises(WrongNetwork, match=f"Expected chain 1, but found chain {523464}"),
    ):
        gateway.head()


def test_an_address_without_contract_is_a_wrong_network(chain: Chain) -> None:
    empty = replace(chain.network, registry="0x" + "11" * 20)
    with (
        gateway_to(empty, chain.url) as gateway,
        pytest.raises(WrongNetwork, match="no contract there"),
    ):
        gateway.check()


def test_two_contracts_that_do_not_belong_together_are_a_wrong_network(chain: Chain) -> None:
    token = chain.network.tokens[0].address
    for changed in (
        replace(chain.network, registry=token),
        replace(chain.network, min_window=61),
    ):
        with (
            gateway_to(changed, chain.url) as gateway,
            pytest.raises(WrongNetwork, match="another contract there"),
        ):
            gateway.check()
    with (
        gateway_to(replace(chain.network, exchange=token), chain.url) as gateway,
        pytest.raises(Refused),
    ):
        gateway.check()


def test_nobody_there_is_unreachable(chain: Chain) -> None:
    with (
        gateway_to(chain.network, NOBODY) as gateway,
        pytest.raises(Unreachable, match=r"127\.0\.0\.1:9 cannot be reached"),
    ):
        gateway.head()


def test_a_secret_in_an_endpoints_address_is_not_in_the_error(chain: Chain) -> None:
    url = "http://user:s3cret@127.0.0.1:9/v2/s3cret?key=s3cret"
    with gateway_to(chain.network, url) as gateway, pytest.raises(Unreachable) as raised_error:
        gateway.head()
    assert "s3cret" not in str(raised_error.value)
    assert raised_error.value.__cause__ is None


def test_a_majority_is_asked_and_liars_last_from_then_on(chain: Chain, stranger: Open) -> None:
    liar = stranger(lambda method: None)
    with gateway_to(chain.network, NOBODY, liar.url, chain.url) as gateway:
        with pytest.raises(Unreachable, match="Only 1 of the network's 3 endpoints answer"):
            gateway.head()
        with pytest.raises(Unreachable, match=r"Only 1 of .* 3 endpoints (answer|say)"):
            gateway.code(chain.network.registry, 1)
    other = chain.url.replace("127.0.0.1", "localhost")
    with gateway_to(chain.network, liar.url, chain.url, other) as gateway:
        assert gateway.head().number > 0
        assert gateway.code(chain.network.registry)
        asked = len(liar.asked)
        assert gateway.block(1) is not None
        assert len(liar.asked) == asked


def test_an_endpoint_on_another_chain_is_never_believed(chain: Chain, stranger: Open) -> None:
    other = stranger(lambda method: "0x1")
    local = chain.url.replace("127.0.0.1", "localhost")
    with gateway_to(chain.network, other.url, chain.url, local) as gateway:
        assert gateway.native_balance("0x" + "22" * 20) == 0
    assert set(other.asked) == {"eth_chainId"}
    with gateway_to(chain.network, other.url, chain.url) as gateway, pytest.raises(WrongNetwork):
        gateway.native_balance("0x" + "22" * 20)


# Reading


def test_blocks_are_the_chains(chain: Chain) -> None:
    head = chain.gateway.head()
    assert chain.gateway.block(head.number) == head
    assert chain.gateway.block(head.number + 1000) is None


def test_balances_and_allowances(chain: Chain, owner: Account, buyer: Account) -> None:
    token = chain.network.tokens[0].address
    assert chain.gateway.native_balance(owner.address) == 10 * COIN
    assert chain.gateway.token_balance(ZERO_ADDRESS, owner.address) == 10 * COIN
    assert chain.gateway.token_balance(token, owner.address) == 0
    chain.send(approve_call(token, buyer.address, 7), owner)
    assert chain.gateway.allowance(token, owner.address, buyer.address) == 7
    assert chain.gateway.permit_nonce(token, owner.address) == 0


def test_a_token_that_is_none_is_unreachable(chain: Chain, owner: Account) -> None:
    with pytest.raises(Unreachable, match="no answer from a token"):
        chain.gateway.token_balance("0x" + "33" * 20, owner.address)


# Sending


def test_a_transaction_is_mined_and_its_receipt_found(chain: Chain, owner: Account) -> None:
    receipt = chain.send(transfer_call(ZERO_ADDRESS, "0x" + "44" * 20, 5), owner)
    assert chain.gateway.native_balance(owner.address) == 10 * COIN - 5 - receipt.fee_wei
    block = chain.gateway.block(receipt.block_number)
    assert block is not None
    assert block.hash == receipt.block_hash


def test_a_receipt_that_does_not_exist_is_none(chain: Chain) -> None:
    assert chain.gateway.receipt(secrets.token_bytes(32)) is None


def test_a_revert_is_refused_in_the_contracts_words(
    chain: Chain, owner: Account, buyer: Account
) -> None:
    offer, _, _ = signed_offer(chain, owner, buyer, bytes(32))
    with pytest.raises(Refused) as refused:
        chain.gateway.sign(refund_call(chain.network, offer), owner.key, 0)
    assert refused.value.reason == "no such order"


def test_gas_has_a_margin_of_a_fifth(chain: Chain, owner: Account) -> None:
    call = transfer_call(ZERO_ADDRESS, "0x" + "44" * 20, 1)
    assert chain.gateway.estimate(call, owner.address) == 21_000
    signed = chain.gateway.sign(call, owner.key, 0)
    assert signed.gas == 25_200
    assert chain.gateway.fee_wei(signed.gas) == signed.gas * signed.max_fee_wei


def test_not_enough_money_is_refused_before_anything_is_signed(chain: Chain) -> None:
    poor = chain.account(coins=0)
    with pytest.raises(Refused, match="not enough ETH: this can take up to"):
        chain.gateway.sign(transfer_call(ZERO_ADDRESS, "0x" + "44" * 20, 0), poor.key, 0)
    rich_enough_for_the_value = chain.account(coins=1)
    with pytest.raises(Refused, match="not enough ETH"):
        chain.gateway.sign(
            transfer_call(ZERO_ADDRESS, "0x" + "44" * 20, COIN), rich_enough_for_the_value.key, 0
        )


def test_numbers_follow_each_other_while_nothing_is_mined(own_chain: Chain) -> None:
    owner = own_chain.account()
    gateway = own_chain.gateway
    call = transfer_call(ZERO_ADDRESS, "0x" + "44" * 20, 1)
    sent = []
    for number in range(3):
        assert gateway.pending_nonce(owner.address) == number
        sent.append(gateway.sign(call, owner.key, number))
        gateway.broadcast(sent[-1].raw)
    assert all(gateway.receipt(each.hash) is None for each in sent)
    own_chain.mine()
    assert all(gateway.receipt(each.hash) for each in sent)


def test_a_dependent_call_can_be_signed_before_the_first_is_mined(own_chain: Chain) -> None:
    owner, buyer = own_chain.account(), own_chain.account()
    gateway, token = own_chain.gateway, own_chain.network.tokens[0].address
    mint = Call(token, _mint(owner, 100))
    pay = transfer_call(token, buyer.address, 100)
    with pytest.raises(Refused, match="balance too small"):
        gateway.sign(pay, owner.key, 1)
    gateway.broadcast(gateway.sign(mint, owner.key, 0).raw)
    gateway.broadcast(gateway.sign(pay, owner.key, 1).raw)
    own_chain.mine()
    assert gateway.token_balance(token, buyer.address) == 100


def test_a_bump_replaces_what_waits(own_chain: Chain) -> None:
    owner = own_chain.account()
    gateway = own_chain.gateway
    call = transfer_call(ZERO_ADDRESS, "0x" + "44" * 20, 1)
    first = gateway.sign(call, owner.key, 0)
    gateway.broadcast(first.raw)
    second = gateway.bump(call, first, owner.key)
    assert second.nonce == first.nonce
    assert second.max_fee_wei * 8 >= first.max_fee_wei * 9
    assert second.priority_fee_wei * 8 >= first.priority_fee_wei * 9
    gateway.broadcast(second.raw)
    own_chain.mine()
    assert gateway.receipt(second.hash) is not None
    assert gateway.receipt(first.hash) is None


def test_a_bump_that_cannot_be_paid_is_refused(chain: Chain) -> None:
    poor = chain.account(coins=0)
    call = transfer_call(ZERO_ADDRESS, "0x" + "44" * 20, 0)
    stuck = sign_transaction(chain.network.chain_id, call, 0, 21_000, Fees(10**9, 1), poor.key)
    with pytest.raises(Refused, match="not enough"):
        chain.gateway.bump(call, stuck, poor.key)


def test_sending_twice_is_sending_once(own_chain: Chain) -> None:
    owner = own_chain.account()
    gateway = own_chain.gateway
    sent = gateway.sign(transfer_call(ZERO_ADDRESS, "0x" + "44" * 20, 1), owner.key, 0)
    gateway.broadcast(sent.raw)
    gateway.broadcast(sent.raw)
    own_chain.mine()
    gateway.broadcast(sent.raw)
    assert gateway.pending_nonce(owner.address) == 1


def test_a_number_taken_by_another_transaction_is_refused(chain: Chain, owner: Account) -> None:
    call = transfer_call(ZERO_ADDRESS, "0x" + "44" * 20, 1)
    late = chain.gateway.sign(call, owner.key, 0)
    chain.send(transfer_call(ZERO_ADDRESS, "0x" + "55" * 20, 1), owner)
    with pytest.raises(Refused, match="another transaction of this account has taken its place"):
        chain.gateway.broadcast(late.raw)


@pytest.mark.parametrize(
    ("fees", "gas", "coins", "reason"),
    [
        (Fees(1, 1), 21_000, 1, "fee is too low"),
        (Fees(10**10, 1), 20_999, 1, "gas does not fit"),
        (Fees(10**10, 1), 21_000, 0, "cannot pay"),
    ],
)
def test_what_can_never_be_mined_is_refused(
    chain: Chain, fees: Fees, gas: int, coins: int, reason: str
) -> None:
    sender = chain.account(coins)
    call = transfer_call(ZERO_ADDRESS, "0x" + "44" * 20, 0)
    signed = sign_transaction(chain.network.chain_id, call, 0, gas, fees, sender.key)
    with pytest.raises(Refused, match=reason):
        chain.gateway.broadcast(signed.raw)


def test_what_an_endpoint_will_not_take_now_is_not_refused(chain: Chain, stranger: Open) -> None:
    busy = json.dumps({"error": {"code": -32005, "message": "limit exceeded"}}).encode()
    door = stranger(lambda method: hex(523464) if method == "eth_chainId" else busy)
    with gateway_to(chain.network, door.url) as gateway, pytest.raises(Unreachable):
        gateway.broadcast(b"\x02")


def test_a_broadcast_reaches_every_endpoint_and_needs_one(
    chain: Chain, owner: Account, stranger: Open
) -> None:
    door = stranger(lambda method: hex(523464) if method == "eth_chainId" else b"no")
    call = transfer_call(ZERO_ADDRESS, "0x" + "44" * 20, 1)
    signed = chain.gateway.sign(call, owner.key, 0)
    with gateway_to(chain.network, NOBODY, chain.url, door.url) as gateway:
        gateway.broadcast(signed.raw)
    chain.mine()
    assert "eth_sendRawTransaction" in door.asked
    assert chain.gateway.receipt(signed.hash) is not None


def test_a_reorganised_transaction_has_no_receipt(own_chain: Chain) -> None:
    owner = own_chain.account()
    before = own_chain.rpc("evm_snapshot")
    receipt = own_chain.send(transfer_call(ZERO_ADDRESS, "0x" + "44" * 20, 1), owner)
    own_chain.rpc("evm_revert", before)
    own_chain.mine(3)
    assert own_chain.gateway.receipt(receipt.hash) is None


def test_a_receipt_of_a_replaced_block_does_not_count(chain: Chain, stranger: Open) -> None:
    head = chain.gateway.head()
    tx_hash = secrets.token_bytes(32)
    receipt = {
        "transactionHash": answers.hex_text(tx_hash),
        "blockNumber": hex(head.number),
        "blockHash": answers.hex_text(head.hash),
        "gasUsed": "0x5208",
        "status": "0x1",
        "effectiveGasPrice": "0x1",
    }
    place = {"number": hex(head.number), "hash": answers.hex_text(head.hash), "timestamp": "0x1"}
    block = place | {"stateRoot": "0x" + "00" * 32}
    known = {
        "eth_chainId": hex(523464),
        "eth_getTransactionReceipt": receipt,
        "eth_getBlockByNumber": block,
    }
    door = stranger(lambda method: known[method])
    with gateway_to(chain.network, door.url) as gateway:
        assert gateway.receipt(tx_hash) is not None
        block["hash"] = "0x" + "ee" * 32
        assert gateway.receipt(tx_hash) is None


# Strangers

HOSTILE: list[object] = [
    b"", b"{", b"null", b"[]", b"7", b'"x"', b"{}", b"\xff\xfe\x00", b"[" * 100_000,
    b'{"result":' + b"9" * 5000 + b"}", b'{"error":7}', b'{"error":{"message":{}}}',
    None, True, 7, -1, 1e99, "", "0x", "0xzz", "0x-1", "0x" + "f" * 65, "latest",
    [], [None], [[]], {}, {"number": 1}, {"number": "0x1", "hash": "0x12", "timestamp": "0x1"},
    {"number": "0x1", "hash": "0x" + "11" * 32, "timestamp": "0x" + "f" * 40},
    {"transactionHash": None}, {"gasUsed": "0x1", "effectiveGasPrice": []},
    [{"address": []}], [{"address": "0x12", "topics": "x"}],
]  # fmt: skip


@pytest.mark.parametrize("answer", HOSTILE, ids=lambda answer: repr(answer)[:30])
def test_nonsense_is_unreachable_and_nothing_else(
    chain: Chain, stranger: Open, owner: Account, answer: object
) -> None:
    door = stranger(lambda method: hex(523464) if method == "eth_chainId" else answer)
    network = chain.network
    token = network.tokens[0].address
    call = transfer_call(token, owner.address, 1)
    known = sign_transaction(network.chain_id, call, 0, 21_000, Fees(10**9, 1), owner.key)
    with gateway_to(network, door.url) as gateway:
        questions: list[Callable[[], object]] = [
            gateway.head,
            lambda: gateway.logs(1, 3, (network.registry,)),
            lambda: gateway.sign(call, owner.key, 0),
            lambda: gateway.bump(call, known, owner.key),
            lambda: gateway.pending_nonce(owner.address),
            lambda: gateway.token_balance(token, owner.address),
        ]
        if answer is not None:  # which is how "there is none" is said
            questions += [lambda: gateway.block(3), lambda: gateway.receipt(bytes(32))]
        for question in questions:
            if answer == [] and question is questions[1]:
                continue  # no logs
            with pytest.raises(Unreachable):
                question()


def test_a_stranger_who_does_not_say_its_chain_is_unreachable(chain: Chain, stranger: Open) -> None:
    for answer in HOSTILE:
        door = stranger(lambda method, said=answer: said)
        with gateway_to(chain.network, door.url) as gateway, pytest.raises(Unreachable):
            gateway.head()


def test_an_answer_is_read_up_to_a_limit(stranger: Open) -> None:
    door = stranger(lambda method: "0" * 200_000)
    asker = Endpoint(door.url, max_bytes=100_000)
    try:
        with pytest.raises(Unreachable, match="larger answer than is ever needed"):
            asker.ask("eth_blockNumber")
        door.answer = lambda method: "0" * 90_000
        assert asker.ask("eth_blockNumber") == "0" * 90_000
    finally:
        asker.close()


def test_silence_is_unreachable(stranger: Open) -> None:
    patience = threading.Event()
    door = stranger(lambda method: patience.wait(60))
    asker = Endpoint(door.url, timeout=0.1)
    try:
        with pytest.raises(Unreachable, match="does not answer in time"):
            asker.ask("eth_blockNumber")
    finally:
        patience.set()
        asker.close()


def test_deep_json_is_no_danger_whatever_libraries_are_loaded() -> None:
    code = """
import json, eth_account, web3, chain, chain.endpoint, chain.transactions
try:
    json.loads("[" * 100_000)
except RecursionError:
    print("refused")
"""
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout == "refused\n"


def test_an_impossible_fee_is_not_paid(chain: Chain, stranger: Open, owner: Account) -> None:
    def answer(method: str) -> object:
        if method == "eth_getBlockByNumber":
            place = {"number": "0x1", "hash": "0x" + "11" * 32, "timestamp": "0x1"}
            return place | {"baseFeePerGas": hex(10**16)}
        return {
            "eth_chainId": hex(523464),
            "eth_estimateGas": "0x5208",
            "eth_maxPriorityFeePerGas": "0x1",
            "eth_getBalance": hex(2**200),
        }[method]

    door = stranger(answer)
    call = transfer_call(ZERO_ADDRESS, owner.address, 1)
    with (
        gateway_to(chain.network, door.url) as gateway,
        pytest.raises(Unreachable, match="impossible fee"),
    ):
        gateway.sign(call, owner.key, 0)


def test_logs_too_many_for_an_endpoint_are_asked_for_in_halves(
    chain: Chain, stranger: Open
) -> None:
    ranges: list[int] = []
    declined = json.dumps({"error": {"code": -32005, "message": "more than 10000 results"}})

    def answer(method: str) -> object:
        if method == "eth_chainId":
            return hex(523464)
        ranges.append(1)
        return declined.encode() if len(ranges) in (1, 2) else []

    door = stranger(answer)
    with gateway_to(chain.network, door.url) as gateway:
        assert gateway.logs(1, 8, (chain.network.registry,)) == []
    assert len(ranges) == 5  # 1–8 no, 1–4 no, 1–2, 3–4, 5–8


# Fees


def test_a_raise_is_never_too_small() -> None:
    def stuck(fee: int, tip: int) -> SignedTx:
        return SignedTx(b"", bytes(32), 0, 21_000, fee, tip)

    assert raised(Fees(1, 1), stuck(1000, 80)) == Fees(1125, 90)
    assert raised(Fees(1, 1), stuck(1, 0)) == Fees(2, 1)
    assert raised(Fees(9999, 999), stuck(1000, 80)) == Fees(9999, 999)


def test_a_chain_without_base_fee_gets_a_plain_transaction(owner: Account) -> None:
    call = transfer_call(ZERO_ADDRESS, owner.address, 1)
    plain = sign_transaction(1, call, 0, 21_000, Fees(5, 5, dynamic=False), owner.key)
    dynamic = sign_transaction(1, call, 0, 21_000, Fees(5, 5), owner.key)
    assert plain.raw[0] >= 0xC0
    assert dynamic.raw[0] == 2


def test_no_secret_in_a_repr(owner: Account) -> None:
    call = Call(owner.address, b"the secret")
    signed = sign_transaction(1, call, 0, 60_000, Fees(5, 5), owner.key)
    for shown in (repr(call), repr(signed)):
        assert "secret" not in shown
        assert b"the secret".hex() not in shown
        assert owner.key.hex() not in shown
    assert account_of(owner.key) == owner.address


def _mint(receiver: Account, amount: int) -> bytes:
    return abi.interface("PracticeDollar").calldata("mint", receiver.address, amount)
