"""Any calls by anyone in any order: what is done in a step. What must hold is in the invariants.

Owner, buyer and stranger; an owner and a buyer that are contracts; a token that turns hostile and
back; receivers that refuse. A step is one call with every argument chosen; the model foretells
whether it succeeds.
"""

import boa
from hypothesis import strategies as st
from hypothesis.stateful import rule

from tests.chain.contracts.escrow_invariants import BAD, Deal
from tests.chain.contracts.escrow_model import State
from tests.chain.contracts.escrow_stage import GAS_TO_COMPLAIN, PAYS, TAKES
from tests.chain.contracts.escrow_world import DAY, HOUR, NATIVE, REVIEW, ROOT, SCORES, fields
from tests.chain.contracts.exchange_agreeing import Agreeing, mostly_none, pairs
from tests.chain.contracts.hostile import Mode

# Complaints in one run that come as far as decrypting: each takes a third of a second here.
MOST_DECRYPTED = 3
RUNNING = (State.FUNDED, State.ACKED, State.REVEALED)

picks = st.integers(0, 199)
periods = st.sampled_from([1, HOUR // 2, HOUR, DAY // 2, DAY])


class Machine(Agreeing):
    # --- the running order ---

    @rule(pick=picks)
    def fund_again(self, pick: int) -> None:
        deal = self._some_deal(pick)
        offer, token = deal.offer, deal.offer["token"]
        order_id = self.stage.world.order_id(offer)
        signature = self._signature(offer["owner"], offer, order_id, True)
        data = self.exchange.fund.prepare_calldata(fields(offer), signature)
        value = offer["price"] if token == NATIVE else 0
        self._call("fund again", False, offer["buyer"], data, value)

    @rule(pick=picks, honestly=st.booleans(), flaw=mostly_none("sender"))
    def acknowledge(self, pick: int, honestly: bool, flaw: str) -> None:
        self._acknowledge(self._some_deal(pick, State.FUNDED), honestly, flaw)

    def _acknowledge(self, deal: Deal, honestly: bool, flaw: str = "") -> None:
        order_id, root = deal.order_id, deal.made(honestly).root
        sender = self.stage.stranger if flaw else deal.offer["buyer"]
        data = self.exchange.acknowledge.prepare_calldata(fields(deal.offer), root)
        expected = self.escrow.acknowledge(order_id, sender, root)
        self._call("acknowledge", expected, sender, data)

    @rule(
        pick=picks,
        honestly=st.booleans(),
        flaw=mostly_none("sender", "secret", "other root", "signature", "buyer sends"),
    )
    def reveal_by_receipt(self, pick: int, honestly: bool, flaw: str) -> None:
        deal = self._some_deal(pick, State.FUNDED, State.ACKED, in_time=True)
        self._reveal_by_receipt(deal, honestly, flaw)

    def _reveal_by_receipt(self, deal: Deal, honestly: bool, flaw: str = "") -> None:
        root = deal.made(honestly).root
        signed = deal.made(honestly != (flaw == "other root")).root
        receipt = deal.receipts.get(signed, bytes(65))
        if flaw == "signature":
            receipt = self.stage.world.receipt(deal.offer, root, by=self.stage.world.owner)
        good = flaw not in ("other root", "signature") and signed in deal.receipts
        self._reveal("reveal by receipt", deal, root, receipt, good, flaw)

    @rule(pick=picks, honestly=st.booleans(), flaw=mostly_none("sender", "secret"))
    def reveal_as_acknowledged(self, pick: int, honestly: bool, flaw: str) -> None:
        self._reveal_as_acknowledged(
            self._some_deal(pick, State.ACKED, in_time=True), honestly, flaw
        )

    def _reveal_as_acknowledged(self, deal: Deal, honestly: bool, flaw: str = "") -> None:
        root = deal.made(honestly).root
        self._reveal("reveal as acknowledged", deal, root, b"", None, flaw)

    def _reveal(
        self, name: str, deal: Deal, root: bytes, receipt: bytes, good: bool | None, flaw: str
    ) -> None:
        senders = {"sender": self.stage.stranger, "buyer sends": deal.offer["buyer"]}
        sender = senders.get(flaw, deal.offer["owner"])
        secret = deal.mask if flaw == "secret" else deal.secret
        data = self.exchange.reveal.prepare_calldata(fields(deal.offer), root, receipt, secret)
        now = boa.env.timestamp
        expected = self.escrow.reveal(deal.order_id, sender, now, root, good, flaw != "secret")
        self._call(name, expected, sender, data)

    @rule(pick=picks, carried=st.booleans(), flaw=mostly_none("sender", "other order", "scores"))
    def confirm(self, pick: int, carried: bool, flaw: str) -> None:
        deal = self._some_deal(pick, State.FUNDED, State.ACKED, State.REVEALED)
        world, buyer = self.stage.world, deal.offer["buyer"]
        signature, sender = b"", buyer
        account = self.stage.signer(buyer)
        if carried and account:
            order = self._some_deal(pick + 1) if flaw == "other order" else deal
            signature, sender = world.confirmation(order.offer, by=account), self.stage.stranger
            signed = order is deal and flaw != "scores"
        else:
            signed = False
        if flaw == "sender":
            signature, sender, signed = bytes(65), self.stage.stranger, False
        # Signed scores are others, or these scores are none.
        scores = bytes((5, 5, 5, 5, 5, 5)) if flaw == "scores" and signature else SCORES
        data = self.exchange.confirm.prepare_calldata(
            fields(deal.offer), ROOT, scores, REVIEW, signature
        )
        self._call("confirm", self.escrow.confirm(deal.order_id, sender, signed), sender, data)

    @rule(
        pick=picks,
        index=st.sampled_from([BAD, BAD, BAD, 0, 2]),
        flaw=mostly_none(
            "mask",
            "secret",
            "index",
            "beyond",
            "ciphertext",
            "short",
            "leaf",
            "path",
            "longer",
            "root",
        ),
    )
    def complain(self, pick: int, index: int, flaw: str) -> None:
        deal = self._some_deal(pick, State.REVEALED, in_time=True)
        order = self.escrow.orders[deal.order_id]
        honestly = deal.honest.root[:26] == order.root
        made = deal.made(honestly)
        if order.state == State.REVEALED and not flaw:
            self.decrypted += 1
            if self.decrypted > MOST_DECRYPTED:
                flaw = "mask"
        proof = self.stage.world.complaint(deal.offer, made, index)
        proof |= {"secret": deal.secret, "mask": deal.mask}
        proof |= {
            "": {},
            "mask": {"mask": deal.secret},
            "secret": {"secret": deal.mask},
            "index": {"index": (index + 1) % 3},
            "beyond": {"index": index + 3},
            "ciphertext": {"ciphertext": bytes(4096)},
            "short": {"ciphertext": made.ciphertexts[index][:-1]},
            "leaf": {"leaf": made.entries[index]},
            "path": {"path": proof["path"][:-1]},
            "longer": {"path": [*proof["path"], REVIEW]},
            "root": {"delivery_root": deal.made(not honestly).root},
        }[flaw]
        data = self.exchange.complain.prepare_calldata(*proof.values())
        proven = not flaw and index == BAD and not honestly
        before = self._wealth(deal)
        expected = self.escrow.complain(deal.order_id, boa.env.timestamp, made.root, proven)
        self._call("complain", expected, self.stage.stranger, data, gas=GAS_TO_COMPLAIN)
        if expected:
            self._paid_back(deal, before, deal.offer["price"] + deal.offer["bond"])

    @rule(pick=picks, flaw=mostly_none("early"))
    def accept(self, pick: int, flaw: str) -> None:
        deal = self._some_deal(pick, State.REVEALED)
        if not flaw:
            self._pass_deadline(deal)
        self._accept(deal)

    def _accept(self, deal: Deal) -> None:
        data = self.exchange.accept.prepare_calldata(fields(deal.offer))
        expected = self.escrow.accept(deal.order_id, boa.env.timestamp)
        self._call("accept", expected, self.stage.stranger, data)

    @rule(pick=picks, by_owner=st.booleans())
    def refund(self, pick: int, by_owner: bool) -> None:
        deal = self._some_deal(pick, State.FUNDED, State.ACKED)
        sender = deal.offer["owner"] if by_owner else self.stage.stranger
        data = self.exchange.refund.prepare_calldata(fields(deal.offer))
        before = self._wealth(deal)
        expected = self.escrow.refund(deal.order_id, sender, boa.env.timestamp)
        self._call("refund", expected, sender, data)
        if expected:
            self._paid_back(deal, before, deal.offer["price"])

    @rule(pick=picks, flaw=mostly_none("sender"))
    def rate(self, pick: int, flaw: str) -> None:
        deal = self._some_deal(pick, State.PAID)
        sender = deal.offer["owner"] if flaw else deal.offer["buyer"]
        data = self.exchange.rate.prepare_calldata(fields(deal.offer), SCORES, REVIEW)
        self._call("rate", self.escrow.rate(deal.order_id, sender), sender, data)

    # --- what happens to them ---

    @rule(
        taking=st.sampled_from(
            [*TAKES, Mode.FEE, Mode.REVERTING, Mode.FALSE, Mode.SHORT, Mode.TWO]
        ),
        paying=st.sampled_from(
            [*PAYS, Mode.REVERTING, Mode.FALSE, Mode.SHORT, Mode.TWO, Mode.HUGE, Mode.BURNING]
        ),
        gone=st.sampled_from([False, False, False, True]),
        calm=st.booleans(),
    )
    def token_turns(self, taking: Mode, paying: Mode, gone: bool, calm: bool) -> None:
        """Fee on transfer, reverting, returning false or nonsense, burning gas, without code."""
        if calm:
            taking, paying, gone = Mode.HONEST, Mode.HONEST, False
        token = self.stage.unsteady.address
        boa.env.set_code(token, self.code)
        data = self.stage.unsteady.behave.prepare_calldata(taking, paying)
        self.stage.call_at(token, self.stage.stranger, data)
        self.taking, self.paying, self.gone = taking, paying, gone
        if gone:
            boa.env.set_code(token, b"")
        self._count("token_turns", True)

    @rule(which=pairs, refusing=st.sampled_from([0, 0, 1, 2, 3]))
    def wallet_turns(self, which: int, refusing: int) -> None:
        """A receiver takes money, reverts, burns all gas, or calls back."""
        contract = (self.stage.keeper, self.stage.client)[which]
        data = contract.behave.prepare_calldata(refusing)
        self.stage.call_at(contract.address, self.stage.stranger, data)
        self.refusing[contract.address] = refusing
        self._count("wallet_turns", True)

    @rule(
        pick=picks, call=st.sampled_from(["", "cancel_all", "refund", "accept", "withdraw", "view"])
    )
    def re_enter(self, pick: int, call: str) -> None:
        """From now on token and wallets call the exchange in the middle of a payment."""
        deal = self._some_deal(pick)
        exchange = self.exchange
        self.calling_back = self.calling_back or bool(call)
        for contract in (self.stage.unsteady, self.stage.keeper, self.stage.client):
            if contract is self.stage.unsteady and self.gone:
                continue  # it keeps what it was told before
            me = contract.address
            inner = {
                "": lambda: b"",
                "cancel_all": exchange.cancel_all.prepare_calldata,
                "refund": lambda: exchange.refund.prepare_calldata(fields(deal.offer)),
                "accept": lambda: exchange.accept.prepare_calldata(fields(deal.offer)),
                "withdraw": lambda me=me: exchange.withdraw.prepare_calldata(NATIVE, 1, me),
                "view": lambda me=me: exchange.ledger.prepare_calldata(me, me),
            }[call]()
            data = contract.reenter.prepare_calldata(exchange.address, inner)
            assert not self.stage.call_at(me, self.stage.stranger, data).is_error
        self._count("re_enter", True)

    @rule(pick=picks, period=periods)
    def time_passes(self, pick: int, period: int) -> None:
        """Some time; or just up to an order's deadline, or one second more."""
        deal = self._some_deal(pick, *RUNNING)
        left = self.escrow.orders[deal.order_id].deadline - boa.env.timestamp
        boa.env.time_travel(seconds=left + pick % 2 if pick % 3 and left >= 0 else period)
        self._count("time_passes", True)

    # --- a deal to go on with ---

    def _some_deal(self, pick: int, *states: State, in_time: bool = False) -> Deal:
        """An order, mostly one in these states; what is missing is made first."""
        deal = self._fitting(pick, states, in_time) if pick % 4 else None
        if deal is None and (pick % 4 or not self.deals):
            deal = self._fitting(pick, RUNNING[:2], True) or self._new_deal(pick)
            self._bring_to(deal, states[0] if states else State.FUNDED, pick % 8 < 4)
        return deal or list(self.deals.values())[-1 - pick // 4 % len(self.deals)]

    def _new_deal(self, pick: int) -> Deal:
        self.move_title(owner=pick % 2, away=False)
        self._agree(pick)
        return list(self.deals.values())[-1]

    def _fitting(self, pick: int, states: tuple[State, ...], in_time: bool) -> Deal | None:
        fitting = [
            order_id
            for order_id, order in self.escrow.orders.items()
            if order.state in states and (not in_time or boa.env.timestamp <= order.deadline)
        ]
        return self.deals[fitting[-1 - pick // 4 % len(fitting)]] if fitting else None

    def _bring_to(self, deal: Deal, wanted: State, honestly: bool) -> None:
        """As far as time allows."""
        order = self.escrow.orders[deal.order_id]
        if wanted == State.FUNDED or boa.env.timestamp > order.deadline:
            return
        if order.state == State.FUNDED and (wanted == State.ACKED or not deal.receipts):
            self._acknowledge(deal, honestly)
        if wanted == State.ACKED:
            return
        if deal.receipts:
            self._reveal_by_receipt(deal, honestly)
        else:
            self._reveal_as_acknowledged(deal, deal.honest.root[:26] == order.root)
        if wanted == State.PAID:
            self._pass_deadline(deal)
            self._accept(deal)

    def _pass_deadline(self, deal: Deal) -> None:
        left = self.escrow.orders[deal.order_id].deadline - boa.env.timestamp
        boa.env.time_travel(seconds=max(0, left + 1))
        self._count("time_passes", True)
