"""What must hold of the escrow after every step, whoever did what; and how a step is made."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import ClassVar

import boa
from eth_utils import keccak
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant

from tests.chain.contracts.deliveries import Delivery, delivery, delivery_key
from tests.chain.contracts.escrow_model import Escrow, Order, State, Surroundings, Terms
from tests.chain.contracts.escrow_stage import GAS, PAYS, TAKES, Stage, build_stage
from tests.chain.contracts.escrow_world import NATIVE, Offer, fields
from tests.chain.contracts.hostile import Mode
from tests.chain.contracts.wallets import SIGNATURE

RECORDS = [bytes([n]) * 4096 for n in range(3)]
BAD = 1
SENT = {BAD: bytes(4096 - 1) + b"!"}
REVEALED_TOPIC = int.from_bytes(
    keccak(b"Revealed(bytes32,address,address,bytes32,bytes32,uint64)"), "big"
)


@dataclass(frozen=True)
class Deal:
    """What the people know of one order beside the chain."""

    offer: Offer
    order_id: bytes
    secret: bytes
    mask: bytes
    honest: Delivery
    cheating: Delivery
    receipts: dict[bytes, bytes]  # by delivery root; none of a buyer that is a contract

    def made(self, honestly: bool) -> Delivery:
        return self.honest if honestly else self.cheating


@cache
def stage() -> Stage:
    return build_stage()


class Invariants(RuleBasedStateMachine):
    """`steps` and `calls` count over all runs in this process; `calls` by action and success."""

    steps: ClassVar[int] = 0
    calls: ClassVar[Counter[tuple[str, bool]]] = Counter()
    reveals_tried: ClassVar[int] = 0

    @initialize()
    def begin(self) -> None:
        self.stage = stage()
        self.anchor = boa.env.anchor()
        self.anchor.__enter__()
        self.stage.forget()
        self.exchange = self.stage.world.exchange
        self.taking = self.paying = Mode.HONEST
        self.gone = self.calling_back = False
        self.refusing = dict.fromkeys((self.stage.keeper.address, self.stage.client.address), 0)
        self.escrow = Escrow(Surroundings(self._takes, self._gets))
        self.escrow.titles = {data: who for who, data in self.stage.datasets.items()}
        self.deals: dict[bytes, Deal] = {}
        self.published: dict[bytes, tuple[bytes, bytes]] = {}  # order id -> root, secret
        self.ended: dict[bytes, int] = {}
        self.gifts: Counter[str] = Counter()
        self.decrypted = 0
        self.started_with = {
            (who, token): self.stage.balance(who, token)
            for who in self.stage.people
            for token in self.stage.tokens
        }
        self.code = boa.env.get_code(self.stage.unsteady.address)
        assert self.code
        for account in self.stage.owners:
            for token in self.stage.tokens:
                self._put_in(account, token, 1000)

    def teardown(self) -> None:
        if hasattr(self, "anchor"):
            self.anchor.__exit__(None, None, None)

    # --- what must hold after every step ---

    @invariant()
    def what_must_hold(self) -> None:
        self.each_token_adds_up()
        self.everybody_has_what_the_model_says()
        self.orders_are_as_the_model_says_and_ended_ones_stay()
        self.an_order_has_one_slot()
        self.the_buyer_has_the_data_or_the_money()
        self.nobody_called_back()
        self.a_correct_reveal_never_reverts()

    def each_token_adds_up(self) -> None:
        for token in self.stage.tokens:
            balance = self.stage.balance(self.exchange.address, token)
            owed = self.escrow.owed(token)
            assert balance >= owed
            assert (
                balance == owed + self.gifts[token] == self.escrow.held[token] + self.gifts[token]
            )

    def everybody_has_what_the_model_says(self) -> None:
        for account in self.stage.people:
            for token in self.stage.tokens:
                key = (account, token)
                assert self.stage.free(*key) == self.escrow.ledger[key]
                had = self.started_with[key]
                assert self.stage.balance(*key) == had + self.escrow.outside[key]

    def orders_are_as_the_model_says_and_ended_ones_stay(self) -> None:
        for order_id, order in self.escrow.orders.items():
            word = self.stage.word(order_id)
            assert word == order.word
            if word & 255 >= State.PAID:
                before = self.ended.setdefault(order_id, word)
                assert word == before or (before, word) == (State.PAID, State.PAID_RATED)
                self.ended[order_id] = word

    def an_order_has_one_slot(self) -> None:
        """Whatever the exchange wrote is an order's one slot, an account's ledger or epoch."""
        people = [bytes.fromhex(account[2:]) for account in self.stage.people]
        tokens = [bytes.fromhex(token[2:]) for token in self.stage.tokens]
        allowed = {self.stage.place("orders", order_id) for order_id in self.escrow.orders}
        allowed |= {self.stage.place("epochs", account) for account in people}
        allowed |= {self.stage.place("ledger", who, token) for who in people for token in tokens}
        assert self.stage.kept() <= allowed

    def the_buyer_has_the_data_or_the_money(self) -> None:
        for order_id, order in self.escrow.orders.items():
            if order.state.runs or order.state == State.REFUNDED or order.confirmed:
                continue  # refunds are measured where they happen; who confirms has the data
            deal = self.deals[order_id]
            root, secret = self.published[order_id]
            key = delivery_key(secret, deal.mask, order_id)
            assert root in (delivery(key, RECORDS).root, delivery(key, RECORDS, SENT).root)

    def nobody_called_back(self) -> None:
        assert not self.stage.was_called_back()

    def a_correct_reveal_never_reverts(self) -> None:
        """Every order that waits: now or in its last second, by receipt or as acknowledged."""
        for order in self.escrow.revealable(boa.env.timestamp):
            deal = self.deals[order.terms.order_id]
            for root, receipt in self._correct(order, deal):
                with boa.env.anchor():
                    if Invariants.steps % 2:
                        boa.env.timestamp = order.deadline
                    data = self.exchange.reveal.prepare_calldata(
                        fields(deal.offer), root, receipt, deal.secret
                    )
                    done = self.stage.call(order.terms.owner, data)
                    assert not done.is_error, done.error
                Invariants.reveals_tried += 1

    # --- making a step ---

    def _call(
        self, name: str, expected: bool, sender: str, data: bytes, value: int = 0, gas: int = GAS
    ) -> None:
        """One step: a call that succeeds or fails as the model has foretold."""
        done = self.stage.call(sender, data, value, gas)
        assert (not done.is_error) == expected, (name, expected, done.error)
        for _, topics, log in done.get_log_entries():
            if topics[0] == REVEALED_TOPIC:
                self.published[topics[1].to_bytes(32, "big")] = (log[:32], log[32:64])
        self._count(name, expected)

    def _put_in(self, account: str, token: str, amount: int) -> bool:
        """A deposit; whether it succeeded."""
        if token == self.stage.tokens[1] and account in self.stage.keyed:
            self._allow(account, amount)
        data = self.exchange.deposit.prepare_calldata(token, amount)
        expected = self.escrow.deposit(account, token, amount)
        done = self.stage.call(account, data, amount if token == NATIVE else 0)
        assert (not done.is_error) == expected, ("deposit", expected, done.error)
        return expected

    def _count(self, name: str, succeeded: bool) -> None:
        Invariants.steps += 1
        Invariants.calls[name, succeeded] += 1

    # --- agreeing ---

    def _signature(self, seller: str, offer: Offer, order_id: bytes, good: bool) -> bytes:
        world, account = self.stage.world, self.stage.signer(seller)
        if account is not None:
            return world.sign(account if good else world.stranger, "Offer", offer)
        data = self.stage.keeper.approve.prepare_calldata(order_id, good)
        self.stage.call_at(seller, self.stage.stranger, data)
        return SIGNATURE

    def _terms(self, order_id: bytes, offer: Offer) -> Terms:
        return Terms(
            order_id,
            offer["owner"],
            offer["buyer"],
            offer["token"],
            offer["price"],
            offer["bond"],
            offer["revealWithin"],
            offer["window"],
            offer["epoch"],
            offer["expires"],
            offer["dataset"],
        )

    def _deal(self, offer: Offer, order_id: bytes, secret: bytes, mask: bytes) -> Deal:
        key = delivery_key(secret, mask, order_id)
        honest, cheating = delivery(key, RECORDS), delivery(key, RECORDS, SENT)
        account = self.stage.signer(offer["buyer"])
        receipts = {}
        if account is not None:
            for root in (honest.root, cheating.root):
                message = {"orderId": order_id, "deliveryRoot": root}
                receipts[root] = self.stage.world.sign(account, "Receipt", message)
        return Deal(offer, order_id, secret, mask, honest, cheating, receipts)

    def _correct(self, order: Order, deal: Deal) -> Iterator[tuple[bytes, bytes]]:
        """(root, receipt) of reveals that must succeed."""
        receipts = list(deal.receipts.items())
        if receipts:
            yield receipts[Invariants.steps // 2 % 2]
        if order.state == State.ACKED:
            roots = (deal.honest.root, deal.cheating.root)
            yield next(root for root in roots if root[:26] == order.root), b""

    def _allow(self, account: str, amount: int) -> None:
        dollar = self.stage.world.dollar
        data = dollar.approve.prepare_calldata(self.exchange.address, amount)
        self.stage.call_at(dollar.address, account, data)

    # --- what a payment does at the moment ---

    def _takes(self, token: str) -> bool:
        return token != self.stage.tokens[2] or (not self.gone and self.taking in TAKES)

    def _gets(self, account: str, token: str, amount: int) -> int | None:
        if token == NATIVE:
            return None if self.refusing.get(account) in (1, 2) else amount
        if token == self.stage.tokens[1]:
            return amount
        return None if self.gone or self.paying not in PAYS else amount - PAYS[self.paying]

    def _wealth(self, deal: Deal) -> int:
        key = (deal.offer["buyer"], deal.offer["token"])
        return self.stage.balance(*key) + self.stage.free(*key)

    def _paid_back(self, deal: Deal, before: int, amount: int) -> None:
        """The buyer has the money, or it waits in the ledger; a token may keep its fee."""
        fee = 1 if deal.offer["token"] == self.stage.tokens[2] and self.paying == Mode.FEE else 0
        assert amount - fee <= self._wealth(deal) - before <= amount
