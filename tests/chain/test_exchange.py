"""Calls, answers and events of the exchange against the contract itself, and events from liars."""

import secrets
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chain import abi
from chain.address import ZERO_ADDRESS
from chain.agreement import (
    Confirmation,
    Domain,
    Receipt,
    dataset_id,
    delivery_key,
    mask_commit,
    order_id,
    sign,
)
from chain.answers import RawLog
from chain.errors import Refused, Unreachable
from chain.exchange import (
    ACKED,
    FUNDED,
    NONE,
    PAID,
    PAID_RATED,
    REFUNDED,
    REVEALED,
    Accepted,
    Acknowledged,
    Complained,
    Confirmed,
    Deposited,
    EpochRaised,
    ExchangeEvent,
    Funded,
    OrderWord,
    Rated,
    Refunded,
    Revealed,
    Withdrawn,
    accept_call,
    acknowledge_call,
    approve_call,
    cancel_all_call,
    complain_call,
    confirm_call,
    decoders,
    deposit_call,
    fund_call,
    fund_with_authorization_call,
    rate_call,
    read_epoch,
    read_free_bond,
    read_order,
    refund_call,
    reveal_call,
    root_prefix,
    sign_authorization,
    sign_permit,
    transfer_call,
    withdraw_call,
)
from chain.transactions import Call
from tests.chain.conftest import COIN, Account, Chain, signed_offer
from tests.chain.contracts.deliveries import GARBAGE, RECORDS, delivery

SCORES = bytes([5, 4, 3, 2, 1, 5])
ROOT = bytes(range(32))
REVIEW = b"\x11" * 32


def logged(chain: Chain, call: Call, by: Account) -> ExchangeEvent:
    """The one event of the exchange that a transaction leaves, decoded."""
    receipt = chain.send(call, by)
    number = receipt.block_number
    logs = chain.gateway.logs(number, number, (chain.network.exchange,))
    (log,) = (log for log in logs if log.tx_hash == receipt.hash)
    return decoders()[log.topics[0]](log)


def dollars(chain: Chain, account: Account, units: int) -> str:
    """The practice dollar's address, after giving somebody some."""
    token = chain.network.tokens[0].address
    mint = abi.interface("PracticeDollar").calldata("mint", account.address, units)
    chain.send(Call(token, mint), account)
    return token


@pytest.fixture
def dataset(chain: Chain, owner: Account) -> bytes:
    registration = chain.register(owner)
    return dataset_id(chain.network.registry, owner.address, registration.root, 3)


@pytest.fixture
def domain(chain: Chain) -> Domain:
    return Domain(chain.network.chain_id, chain.network.exchange)


def test_funded_by_allowance_and_confirmed(
    chain: Chain, owner: Account, buyer: Account, dataset: bytes, domain: Domain
) -> None:
    network, gateway = chain.network, chain.gateway
    token = dollars(chain, buyer, 5_000_000)
    offer, signature, _ = signed_offer(chain, owner, buyer, dataset)
    order = order_id(domain, offer)
    assert read_order(gateway, network, order) == OrderWord(NONE, 0, 0)
    with pytest.raises(Refused, match="allowance too small"):
        gateway.estimate(fund_call(network, offer, signature), buyer.address)
    chain.send(approve_call(token, network.exchange, 5_000_000), buyer)

    event = logged(chain, fund_call(network, offer, signature), buyer)
    deadline = gateway.head().timestamp + 60
    assert event == Funded(order, owner.address, buyer.address, offer, deadline)
    assert read_order(gateway, network, order) == OrderWord(FUNDED, deadline, 0)

    event = logged(chain, confirm_call(network, offer, ROOT, SCORES, REVIEW), buyer)
    assert event == Confirmed(order, owner.address, buyer.address, ROOT, SCORES, REVIEW)
    assert read_order(gateway, network, order) == OrderWord(PAID_RATED, 0, 0)
    assert gateway.token_balance(token, owner.address) == 5_000_000


def test_funded_by_permit_and_confirmed_by_the_owner(
    chain: Chain, owner: Account, buyer: Account, dataset: bytes, domain: Domain
) -> None:
    network, gateway = chain.network, chain.gateway
    token = dollars(chain, buyer, 5_000_000)
    offer, signature, _ = signed_offer(chain, owner, buyer, dataset)
    until = gateway.head().timestamp + 3600
    nonce = gateway.permit_nonce(token, buyer.address)
    assumed = sign_permit(network, token, buyer.key, offer.price, nonce, until)
    separator = gateway.permit_separator(token)
    permit = sign_permit(network, token, buyer.key, offer.price, nonce, until, separator)
    assert permit == assumed
    spoilt = replace(permit, r=bytes(32))
    with pytest.raises(Refused, match="allowance too small"):
        gateway.estimate(fund_call(network, offer, signature, spoilt), buyer.address)
    chain.send(fund_call(network, offer, signature, permit), buyer)
    assert gateway.permit_nonce(token, buyer.address) == nonce + 1

    order = order_id(domain, offer)
    given_away = sign(domain, Confirmation(order, ROOT, SCORES, REVIEW), buyer.key)
    without = confirm_call(network, offer, ROOT, SCORES, REVIEW)
    with pytest.raises(Refused, match="not signed by the buyer"):
        gateway.estimate(without, owner.address)
    chain.send(confirm_call(network, offer, ROOT, SCORES, REVIEW, given_away), owner)
    assert read_order(gateway, network, order).state == PAID_RATED


def test_revealed_accepted_and_rated_in_the_chains_own_coin(
    chain: Chain, owner: Account, buyer: Account, dataset: bytes, domain: Domain
) -> None:
    network, gateway = chain.network, chain.gateway
    offer, signature, secret = signed_offer(
        chain, owner, buyer, dataset, token=ZERO_ADDRESS, price=COIN
    )
    chain.send(fund_call(network, offer, signature), buyer)
    order = order_id(domain, offer)
    receipt = sign(domain, Receipt(order, ROOT), buyer.key)
    with pytest.raises(Refused, match="not the committed secret"):
        gateway.estimate(reveal_call(network, offer, ROOT, receipt, ROOT), owner.address)
    event = logged(chain, reveal_call(network, offer, ROOT, receipt, secret), owner)
    deadline = gateway.head().timestamp + 60
    assert event == Revealed(order, owner.address, buyer.address, ROOT, secret, deadline)
    assert secret.hex() not in repr(event)
    assert repr(secret) not in repr(event)
    prefix = int.from_bytes(ROOT[:26], "big")
    assert read_order(gateway, network, order) == OrderWord(REVEALED, deadline, prefix)

    with pytest.raises(Refused, match="window still open"):
        gateway.estimate(accept_call(network, offer), owner.address)
    chain.pass_time(61)
    event = logged(chain, accept_call(network, offer), owner)
    assert event == Accepted(order, owner.address, buyer.address)
    assert read_order(gateway, network, order).state == PAID
    event = logged(chain, rate_call(network, offer, SCORES, REVIEW), buyer)
    assert event == Rated(order, owner.address, buyer.address, SCORES, REVIEW)


def test_acknowledged_revealed_and_complained_about(
    chain: Chain, owner: Account, buyer: Account, dataset: bytes, domain: Domain
) -> None:
    network, gateway = chain.network, chain.gateway
    chain.send(deposit_call(network, ZERO_ADDRESS, 1000), owner)
    mask = secrets.token_bytes(32)
    offer, signature, secret = signed_offer(
        chain, owner, buyer, dataset,
        token=ZERO_ADDRESS, price=COIN, bond=1000, mask_commit=mask_commit(mask),
    )  # fmt: skip
    chain.send(fund_call(network, offer, signature), buyer)
    order = order_id(domain, offer)
    made = delivery(delivery_key(secret, mask, order), RECORDS[:3], {1: GARBAGE})

    event = logged(chain, acknowledge_call(network, offer, made.root), buyer)
    assert event == Acknowledged(order, owner.address, buyer.address, made.root)
    slot = read_order(gateway, network, order)
    assert (slot.state, slot.root_prefix) == (ACKED, root_prefix(made.root))
    with pytest.raises(Refused, match="not acknowledged"):
        gateway.estimate(reveal_call(network, offer, ROOT, b"", secret), owner.address)
    chain.send(reveal_call(network, offer, made.root, b"", secret), owner)

    def about(index: int, m: bytes = mask) -> Call:
        entry = made.ciphertexts[index], made.leaves[index], made.path(index)
        return complain_call(network, offer, made.root, secret, m, index, *entry)

    with pytest.raises(Refused, match="the record is the registered one"):
        gateway.estimate(about(0), buyer.address)
    with pytest.raises(Refused, match="not the committed mask"):
        gateway.estimate(about(1, bytes(32)), buyer.address)
    before = gateway.native_balance(buyer.address)
    event = logged(chain, about(1), owner)
    assert event == Complained(order, owner.address, buyer.address, 1, mask, made.root)
    assert mask.hex() not in repr(event)
    assert repr(mask) not in repr(event)
    assert read_order(gateway, network, order) == OrderWord(REFUNDED, 0, 0)
    assert gateway.native_balance(buyer.address) == before + COIN + 1000
    assert read_free_bond(gateway, network, owner.address, ZERO_ADDRESS) == 0


def test_funded_by_whoever_carries_the_authorization(
    chain: Chain, owner: Account, buyer: Account, dataset: bytes, domain: Domain
) -> None:
    network, gateway = chain.network, chain.gateway
    token = dollars(chain, buyer, 5_000_000)
    offer, signature, _ = signed_offer(chain, owner, buyer, dataset)
    order, separator = order_id(domain, offer), gateway.permit_separator(token)
    until = gateway.head().timestamp + 3600
    authorization = sign_authorization(network, offer, order, buyer.key, separator, until)
    other = sign_authorization(network, offer, bytes(32), buyer.key, separator, until)
    late = sign_authorization(network, offer, order, buyer.key, separator, until - 3600)
    for bad, reason in ((other, "not signed by the sender"), (late, "authorization expired")):
        call = fund_with_authorization_call(network, offer, signature, bad)
        with pytest.raises(Refused, match=reason):
            gateway.estimate(call, owner.address)
    event = logged(
        chain, fund_with_authorization_call(network, offer, signature, authorization), owner
    )
    assert isinstance(event, Funded)
    assert (event.order_id, event.buyer) == (order, buyer.address)
    assert gateway.token_balance(token, buyer.address) == 0
    assert authorization.r.hex() not in repr(authorization)


def test_authorizations_that_could_pay_nothing_are_not_signed(
    chain: Chain, owner: Account, buyer: Account
) -> None:
    offer, _, _ = signed_offer(chain, owner, buyer, bytes(32))
    separator, until = bytes(32), 2**40
    with pytest.raises(ValueError, match="only the offer's buyer"):
        sign_authorization(chain.network, offer, bytes(32), owner.key, separator, until)
    with pytest.raises(ValueError, match="32 bytes"):
        sign_authorization(chain.network, offer, bytes(31), buyer.key, separator, until)
    coins = replace(offer, token=ZERO_ADDRESS)
    with pytest.raises(ValueError, match="no authorizations"):
        sign_authorization(chain.network, coins, bytes(32), buyer.key, separator, until)


def test_refunded_with_a_bond_freed(
    chain: Chain, owner: Account, buyer: Account, dataset: bytes, domain: Domain
) -> None:
    network, gateway = chain.network, chain.gateway
    event = logged(chain, deposit_call(network, ZERO_ADDRESS, 1000), owner)
    assert event == Deposited(owner.address, ZERO_ADDRESS, 1000)
    offer, signature, _ = signed_offer(
        chain, owner, buyer, dataset, token=ZERO_ADDRESS, price=7, bond=1000
    )
    chain.send(fund_call(network, offer, signature), buyer)
    assert read_free_bond(gateway, network, owner.address, ZERO_ADDRESS) == 0
    with pytest.raises(Refused, match="too early"):
        gateway.estimate(refund_call(network, offer), buyer.address)
    event = logged(chain, refund_call(network, offer), owner)
    order = order_id(domain, offer)
    assert event == Refunded(order, owner.address, buyer.address, by_owner=True)
    assert read_order(gateway, network, order).state == REFUNDED
    assert read_free_bond(gateway, network, owner.address, ZERO_ADDRESS) == 1000
    event = logged(chain, withdraw_call(network, ZERO_ADDRESS, 1000, buyer.address), owner)
    assert event == Withdrawn(owner.address, ZERO_ADDRESS, 1000, buyer.address)


def test_a_bond_deposited_by_permit(chain: Chain, owner: Account) -> None:
    network, gateway = chain.network, chain.gateway
    token = dollars(chain, owner, 900)
    until = gateway.head().timestamp + 3600
    permit = sign_permit(network, token, owner.key, 900, 0, until)
    chain.send(deposit_call(network, token, 900, permit), owner)
    assert read_free_bond(gateway, network, owner.address, token) == 900


def test_cancelled_offers_cannot_be_funded(
    chain: Chain, owner: Account, buyer: Account, dataset: bytes
) -> None:
    network, gateway = chain.network, chain.gateway
    offer, signature, _ = signed_offer(chain, owner, buyer, dataset, token=ZERO_ADDRESS, price=1)
    fund = fund_call(network, offer, signature)
    assert gateway.estimate(fund, buyer.address) > 21_000
    assert read_epoch(gateway, network, owner.address) == 0
    assert logged(chain, cancel_all_call(network), owner) == EpochRaised(owner.address, 1)
    assert read_epoch(gateway, network, owner.address) == 1
    with pytest.raises(Refused, match="offer cancelled"):
        gateway.estimate(fund, buyer.address)


def test_money_is_moved_in_either_kind(chain: Chain, owner: Account, buyer: Account) -> None:
    token = dollars(chain, owner, 9)
    chain.send(transfer_call(token, buyer.address, 9), owner)
    chain.send(transfer_call(ZERO_ADDRESS, buyer.address, 9), owner)
    assert chain.gateway.token_balance(token, buyer.address) == 9
    assert chain.gateway.native_balance(buyer.address) == 10 * COIN + 9


def test_a_token_without_permits_takes_none(chain: Chain, owner: Account) -> None:
    for token in (ZERO_ADDRESS, owner.address):
        with pytest.raises(ValueError, match="takes no permits"):
            sign_permit(chain.network, token, owner.key, 1, 0, 1)


def test_short_values_are_not_padded(chain: Chain, owner: Account, buyer: Account) -> None:
    offer, _, _ = signed_offer(chain, owner, buyer, bytes(32))
    network = chain.network
    for build in (
        lambda: confirm_call(network, offer, ROOT[:31], SCORES, REVIEW),
        lambda: confirm_call(network, offer, ROOT, SCORES[:5], REVIEW),
        lambda: confirm_call(network, offer, ROOT, SCORES, REVIEW[:31]),
        lambda: reveal_call(network, offer, ROOT, bytes(65), secrets.token_bytes(31)),
        lambda: rate_call(network, offer, SCORES + b"\x01", REVIEW),
        lambda: acknowledge_call(network, offer, ROOT[1:]),
        lambda: root_prefix(ROOT[1:]),
        lambda: read_order(chain.gateway, network, bytes(31)),
    ):
        with pytest.raises(ValueError, match="bytes"):
            build()


@pytest.mark.parametrize(
    "changes",
    [
        {"delivery_root": ROOT[1:]},
        {"s": ROOT[1:]},
        {"m": ROOT[1:]},
        {"index": -1},
        {"index": 2**64},
        {"ciphertext": bytes(4095)},
        {"ciphertext": bytes(4097)},
        {"leaf": ROOT[1:]},
        {"path": [ROOT[1:]]},
        {"path": [ROOT] * 33},
    ],
)
def test_complaints_that_no_contract_could_take(
    chain: Chain, owner: Account, buyer: Account, changes: dict[str, Any]
) -> None:
    offer, _, _ = signed_offer(chain, owner, buyer, bytes(32))
    arguments: dict[str, Any] = {
        "delivery_root": ROOT,
        "s": ROOT,
        "m": ROOT,
        "index": 2**32 - 1,
        "ciphertext": bytes(4096),
        "leaf": ROOT,
        "path": [ROOT] * 32,
    }
    assert complain_call(chain.network, offer, **arguments).value == 0
    with pytest.raises(ValueError, match=r"bytes|hashes|encoded"):
        complain_call(chain.network, offer, **arguments | changes)


def test_an_answer_that_makes_no_sense_is_unreachable(chain: Chain) -> None:
    wrong = replace(chain.network, exchange="0x" + "77" * 20)
    with pytest.raises(Unreachable):
        read_order(chain.gateway, wrong, bytes(32))


@given(
    topic=st.sampled_from(sorted(decoders())),
    topics=st.lists(st.binary(min_size=32, max_size=32), max_size=3),
    data=st.binary(max_size=600),
    small=st.lists(st.integers(0, 400), max_size=17),
)
def test_any_log_is_an_event_or_a_value_error(
    topic: bytes, topics: list[bytes], data: bytes, small: list[int]
) -> None:
    words = b"".join(number.to_bytes(32, "big") for number in small)
    log = RawLog("0x", (topic, *topics), words + data, 1, bytes(32), 1, bytes(32), 0)
    try:
        event = decoders()[topic](log)
    except ValueError:
        return
    assert event is not None
