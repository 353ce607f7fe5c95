"""One of three endpoints lies about something: every question is answered as if it were not there.

Each lie has teeth: asked alone, the liar changes an answer or spoils it.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any

import pytest

from chain import abi, exchange, registry
from chain.agreement import Domain, dataset_id, order_id
from chain.answers import hex_text
from chain.errors import ChainError, Unreachable
from chain.exchange import FUNDED, fund_call, transfer_call
from chain.gateway import Call, Gateway
from chain.indexer import Indexer
from chain.state import newest_state
from tests.chain import liar as lies
from tests.chain.conftest import Account, Chain, signed_offer
from tests.chain.liar import Liar, Lie
from tests.chain.test_indexer import MemorySink

HASH = "0x" + "77" * 32
BLOCK, RECEIPT = "eth_getBlockByNumber", "eth_getTransactionReceipt"
FUNDED_TOPIC = hex_text(abi.interface("Exchange").topic("Funded"))


@dataclass(frozen=True)
class Scene:
    """A paid order on a chain, and everything a decision about money asks about it."""

    chain: Chain
    owner: Account
    buyer: Account
    offer: exchange.Offer
    order: bytes
    payment: bytes
    height: int

    def questions(self, gateway: Gateway) -> dict[str, Callable[[], object]]:
        network, token = self.chain.network, self.offer.token
        call = transfer_call(token, self.owner.address, 1)
        places = (network.registry, network.exchange)
        state = lambda: newest_state(gateway, network)  # noqa: E731
        return {
            "head": gateway.head,
            "final": gateway.final,
            "block": lambda: gateway.block(self.height),
            "receipt": lambda: gateway.receipt(self.payment),
            "logs": lambda: [
                replace(log, block_time=None) for log in gateway.logs(1, self.height, places)
            ],
            "code": lambda: gateway.code(network.exchange),
            "coins": lambda: gateway.native_balance(self.buyer.address),
            "money": lambda: gateway.token_balance(token, self.buyer.address),
            "allowance": lambda: gateway.allowance(token, self.buyer.address, network.exchange),
            "pending": lambda: gateway.pending_nonce(self.buyer.address),
            "mined": lambda: gateway.mined_nonce(self.buyer.address),
            "gas": lambda: gateway.estimate(call, self.buyer.address),
            "fee": lambda: gateway.fee_wei(100_000),
            "title": lambda: registry.read_dataset(gateway, network, self.offer.dataset),
            "order": lambda: exchange.read_order(gateway, network, self.order),
            "slot": lambda: state().order(self.order),
            "epoch": lambda: state().epoch(self.owner.address),
            "bond": lambda: state().free_bond(self.owner.address, token),
            "dataset": lambda: state().dataset(self.offer.dataset),
        }

    def answers(self, gateway: Gateway) -> dict[str, object]:
        return {name: ask() for name, ask in self.questions(gateway).items()}


@pytest.fixture(scope="module")
def scene(chain: Chain) -> Scene:
    owner, buyer = chain.account(), chain.account()
    registration = chain.register(owner)
    dataset = registry_id(chain, owner, registration)
    token = chain.network.tokens[0].address
    for who in (owner, buyer):
        mint = abi.interface("PracticeDollar").calldata("mint", who.address, 20_000_000)
        chain.send(Call(token, mint), who)
        chain.send(exchange.approve_call(token, chain.network.exchange, 10_000_000), who)
    chain.send(exchange.deposit_call(chain.network, token, 700), owner)
    offer, signature, _ = signed_offer(chain, owner, buyer, dataset, bond=600)
    payment = chain.send(fund_call(chain.network, offer, signature), buyer)
    order = order_id(Domain(chain.network.chain_id, chain.network.exchange), offer)
    chain.mine(80)
    height = chain.gateway.head().number
    return Scene(chain, owner, buyer, offer, order, payment.hash, height)


def registry_id(chain: Chain, owner: Account, registration: registry.Registration) -> bytes:
    place = chain.network.registry
    return dataset_id(place, owner.address, registration.root, registration.records)


@contextmanager
def between(chain: Chain, *doors: Sequence[Lie]) -> Iterator[Gateway]:
    """A gateway to one endpoint for each list of lies."""
    opened = [Liar(chain.url, *some) for some in doors]
    network = replace(chain.network, rpc_urls=tuple(door.url for door in opened))
    gateway = Gateway(network, timeout=5.0)
    try:
        yield gateway
    finally:
        gateway.close()
        for door in opened:
            door.close()


LIES: dict[str, list[Lie]] = {
    "another chain": [lies.instead("eth_chainId", "0x1")],
    "no number": [lies.field(BLOCK, "number", "0x0")],
    "another hash": [lies.field(BLOCK, "hash", HASH)],
    "another state root": [lies.field(BLOCK, "stateRoot", HASH)],
    "an hour late": [lies.shifted_time(3600)],
    "an hour early": [lies.shifted_time(-3600)],
    "lagging": [lies.lagging(5)],
    "ahead": [lies.ahead(50)],
    "no blocks": [lies.instead(BLOCK, None)],
    "rich": [lies.balance(10**30)],
    "poor": [lies.balance(0)],
    "never funded": [lies.storage_word(0)],
    "paid long ago": [lies.storage_word(exchange.PAID)],
    "a later deadline": [lies.storage_word(FUNDED | 2**39 << 8)],
    "hidden logs": [lies.hidden_logs()],
    "hidden payments": [lies.hidden_logs(FUNDED_TOPIC)],
    "another deadline of a payment": [lies.changed_logs(FUNDED_TOPIC)],
    "never mined": [lies.instead(RECEIPT, None)],
    "reverted": [lies.field(RECEIPT, "status", "0x0")],
    "mined elsewhere": [lies.field(RECEIPT, "blockHash", HASH)],
    "no contract": [lies.instead("eth_getCode", "0x")],
    "nonce too high": [lies.instead("eth_getTransactionCount", "0xffff")],
    "nonce too low": [lies.instead("eth_getTransactionCount", "0x0")],
    "little gas": [lies.instead("eth_estimateGas", "0x1")],
    "much gas": [lies.instead("eth_estimateGas", "0xfffffff")],
    "dear": [lies.instead("eth_maxPriorityFeePerGas", hex(10**14)),
             lies.field(BLOCK, "baseFeePerGas", hex(10**14))],
    "cheap": [lies.field(BLOCK, "baseFeePerGas", "0x0")],
    "nonsense": [lambda question, truth: {"nonsense": []}],
    "silent": [lies.silent],
    "knows nothing": [lies.declined(
        BLOCK, RECEIPT, "eth_getLogs", "eth_call", "eth_getBalance", "eth_getProof",
        "eth_getStorageAt", "eth_getTransactionCount", "eth_estimateGas", "eth_getCode",
    )],
}  # fmt: skip


@pytest.mark.parametrize("name", LIES)
def test_one_liar_among_three_changes_nothing(scene: Scene, name: str) -> None:
    with between(scene.chain, []) as honest:
        truth = scene.answers(honest)
    with between(scene.chain, LIES[name], [], []) as gateway:
        assert scene.answers(gateway) == truth
        assert gateway.proves
    with between(scene.chain, LIES[name]) as alone:  # the lie has teeth

        def differs(question: str, ask: Callable[[], object]) -> bool:
            try:
                return ask() != truth[question]
            except ChainError:
                return True

        assert any(differs(name, ask) for name, ask in scene.questions(alone).items())


@pytest.mark.parametrize("name", LIES)
def test_one_liar_of_two_is_not_believed_either(scene: Scene, name: str) -> None:
    """Nobody can say who is right, so the answer is the truth, or none for now. Of what may
    differ among honest endpoints the smaller counts, which costs time at most."""
    with between(scene.chain, []) as honest:
        truth = scene.answers(honest)
    with between(scene.chain, LIES[name], []) as gateway:
        for question, ask in scene.questions(gateway).items():
            if question in ("pending", "gas", "fee"):
                continue
            try:
                found = ask()
            except ChainError:
                continue
            if name == "lagging" and question in ("head", "final"):
                continue  # older, and true
            assert found == truth[question], question


def test_two_liars_of_three_who_agree_are_beyond_the_promise(scene: Scene) -> None:
    lie = LIES["rich"]
    with between(scene.chain, lie, lie, []) as gateway:
        assert gateway.native_balance(scene.buyer.address) == 10**30


def test_two_different_liars_of_three_stop_everything_and_change_nothing(scene: Scene) -> None:
    with (
        between(scene.chain, LIES["rich"], LIES["poor"], []) as gateway,
        pytest.raises(Unreachable, match="Only 1 of the network's 3 endpoints say the same"),
    ):
        gateway.native_balance(scene.buyer.address)


# The index


def funded_log(scene: Scene) -> dict[str, Any]:
    """The event of the payment, as the node tells it."""
    (found,) = scene.chain.rpc(
        "eth_getLogs",
        {
            "fromBlock": "0x0",
            "toBlock": "latest",
            "topics": [FUNDED_TOPIC, hex_text(scene.order)],
        },
    )
    log: dict[str, Any] = found
    return log


def events(gateway: Gateway) -> list[object]:
    sink = MemorySink()
    Indexer(gateway, gateway.network, sink).advance()
    return [replace(event, block_time=0) for event in sink.events]


def fake(scene: Scene) -> Lie:
    """A payment that never was: the event of another order."""
    log = funded_log(scene)
    order = "0x" + "ab" * 32
    return lies.added_log(
        log | {"logIndex": "0x77", "topics": [log["topics"][0], order, *log["topics"][2:]]}
    )


@pytest.mark.parametrize(
    "lie",
    [
        "hidden logs",
        "hidden payments",
        "another deadline of a payment",
        "fake",
        "lagging",
        "an hour late",
    ],
)
def test_the_index_reads_what_a_majority_has(scene: Scene, lie: str) -> None:
    told = [fake(scene)] if lie == "fake" else LIES[lie]
    with between(scene.chain, []) as honest:
        truth = events(honest)
    with between(scene.chain, told, [], []) as gateway:
        assert events(gateway) == truth
    if lie != "an hour late":
        with between(scene.chain, told) as alone:
            heard = events(alone)
            assert heard != truth or lie == "lagging"


def test_logs_with_and_without_times_are_the_same_logs(scene: Scene) -> None:
    def timeless(question: lies.Question, truth: Any) -> Any:
        if question.method != "eth_getLogs":
            return truth
        return [{k: v for k, v in log.items() if k != "blockTimestamp"} for log in truth]

    with between(scene.chain, []) as honest:
        truth = events(honest)
    with between(scene.chain, [timeless], []) as gateway:
        assert events(gateway) == truth
        assert all(
            log.block_time is None
            for log in gateway.logs(1, scene.height, (scene.chain.network.exchange,))
        )


# Forks


def test_endpoints_on_different_forks_go_back_to_the_block_in_common(scene: Scene) -> None:
    def forked(above: int) -> Lie:
        def lie(question: lies.Question, truth: Any) -> Any:
            if question.method != BLOCK or truth is None or int(truth["number"], 16) <= above:
                return truth
            return truth | {"hash": "0x" + f"{above:02x}" * 32}

        return lie

    with between(scene.chain, [forked(scene.height - 4)], []) as gateway:
        assert gateway.head().number == scene.height - 4
    with between(scene.chain, [forked(0)], []) as gateway, pytest.raises(Unreachable):
        gateway.head()
    with between(scene.chain, [forked(scene.height - 4)], [], []) as gateway:
        assert gateway.head().number == scene.height
