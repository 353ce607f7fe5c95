"""Money in and out, agreements, and what voids them: the first half of the machine's steps."""

import boa
from eth_utils import keccak
from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule

from tests.chain.contracts.escrow_invariants import Invariants
from tests.chain.contracts.escrow_world import NATIVE, REVIEW, fields

MOST_WAITING = 4  # orders waiting for a reveal: each is tried after each step

pairs = st.integers(0, 1)
currencies = st.integers(0, 2)
amounts = st.integers(1, 1000)


def mostly_none(*flaws: str) -> st.SearchStrategy[str]:
    """Nothing wrong in three of four cases, else one of these."""
    return st.sampled_from(["", *[""] * 3 * len(flaws), *flaws])


class Agreeing(Invariants):
    # --- money ---

    @rule(who=st.integers(0, 3), currency=currencies, amount=st.integers(0, 2000))
    def deposit(self, who: int, currency: int, amount: int) -> None:
        done = self._put_in(self.stage.people[who], self.stage.tokens[currency], amount)
        self._count("deposit", done)

    @rule(who=st.integers(0, 3), currency=currencies, part=amounts, to_stranger=st.booleans())
    def withdraw(self, who: int, currency: int, part: int, to_stranger: bool) -> None:
        """All that is free, or an amount that may be too much."""
        account, token = self.stage.people[who], self.stage.tokens[currency]
        receiver = self.stage.stranger if to_stranger else account
        free = self.escrow.ledger[account, token]
        amount = free if part % 2 else part
        data = self.exchange.withdraw.prepare_calldata(token, amount, receiver)
        expected = self.escrow.withdraw(account, token, amount, receiver)
        self._call("withdraw", expected, account, data)

    @rule(currency=st.integers(1, 2), amount=st.integers(2, 1000))
    def give(self, currency: int, amount: int) -> None:
        """Tokens sent to the contract belong to nobody and disturb nobody."""
        if self.calling_back:  # outside a call of the exchange that is nothing forbidden
            currency = 1
        token = self.stage.tokens[currency]
        contract = self.stage.world.dollar if currency == 1 else self.stage.unsteady
        data = contract.transfer.prepare_calldata(self.exchange.address, amount)
        before = self.stage.balance(self.exchange.address, token)
        self.stage.call_at(token, self.stage.stranger, data)
        arrived = self.stage.balance(self.exchange.address, token) - before
        self.gifts[token] += arrived
        self.escrow.outside[self.stage.stranger, token] -= amount if arrived else 0
        self._count("give", True)

    # --- agreeing ---

    @precondition(lambda self: len(self.escrow.revealable(boa.env.timestamp)) < MOST_WAITING)
    @rule(
        owner=pairs,
        buyer=pairs,
        currency=currencies,
        price=amounts,
        bond=st.integers(0, 1000),
        way=st.sampled_from(["plain", "plain", "permit", "authorization"]),
        flaw=mostly_none(
            "bond", "sender", "expired", "epoch", "signature", "title", "money", "price", "self"
        ),
    )
    def fund(
        self, owner: int, buyer: int, currency: int, price: int, bond: int, way: str, flaw: str
    ) -> None:
        if way != "plain":
            currency = 2 if way == "permit" and currency == 2 else 1
            buyer = 0 if currency == 1 else buyer
        stage, world, token = self.stage, self.stage.world, self.stage.tokens[currency]
        seller, payer = stage.owners[owner], stage.buyers[buyer]
        buyer_of = seller if flaw == "self" else payer
        free = self.escrow.ledger[seller, token]
        bond = free + 1 if flaw == "bond" else min(bond, free)
        secret, mask = keccak(b"%d" % len(self.deals)), keccak(b"mask")
        offer = world.offer(
            owner=seller,
            buyer=buyer_of,
            dataset=stage.datasets[stage.owners[1 - owner] if flaw == "title" else seller],
            token=token,
            price=0 if flaw == "price" else price,
            bond=bond,
            expires=boa.env.timestamp - (1 if flaw == "expired" else 0),
            epoch=self._epoch(seller, flaw == "epoch"),
            keyCommit=keccak(b"lading/s" + secret),
            maskCommit=keccak(b"lading/m" + mask),
            nonce=keccak(b"nonce %d" % len(self.deals)),
        )
        order_id = world.order_id(offer)
        signature = self._signature(seller, offer, order_id, flaw != "signature")
        sender, value, able = buyer_of, 0, flaw != "sender"
        paid = offer["price"] - (1 if flaw == "money" else 0)
        if flaw == "sender":
            sender = stage.stranger
        if token == NATIVE:
            way, value = "plain", paid
            able = able and flaw != "money"
        elif currency == 2:
            way = "permit" if way == "permit" else "plain"
        elif payer not in self.stage.keyed:
            way = "plain"
        else:
            able = able and flaw != "money"
            self._allow(payer, paid if way == "plain" else 0)
        arguments = (fields(offer), signature)
        if way == "authorization":
            # Anyone may send it; only the buyer can have signed it.
            signer = stage.signer(stage.stranger if flaw == "sender" else payer)
            sender = stage.stranger
            permission = world.authorization(offer, by=signer, value=paid)
            data = self.exchange.fund_with_authorization.prepare_calldata(*arguments, permission)
        elif way == "permit":
            account = stage.signer(payer)
            permission = world.permit(account, paid) if account else (0, 0, 27, REVIEW, REVIEW)
            data = self.exchange.fund_with_permit.prepare_calldata(*arguments, permission)
        else:
            data = self.exchange.fund.prepare_calldata(*arguments)
        terms = self._terms(order_id, offer)
        expected = self.escrow.fund(terms, boa.env.timestamp, flaw != "signature", able)
        if expected:
            self.deals[order_id] = self._deal(offer, order_id, secret, mask)
        self._call(f"fund, {way}", expected, sender, data, value)

    @rule(owner=pairs)
    def cancel_all(self, owner: int) -> None:
        """And then an offer from before it, which nobody can fund any more."""
        account = self.stage.owners[owner]
        expected = self.escrow.cancel_all(account)
        self._call("cancel_all", expected, account, self.exchange.cancel_all.prepare_calldata())
        self._agree(owner, flaw="epoch")

    def _epoch(self, seller: str, wrong: bool) -> int:
        epoch = self.escrow.epochs[seller]
        if not wrong:
            return epoch
        return epoch - 1 if epoch else 1

    @rule(owner=pairs, away=st.sampled_from([True, False, False, False]))
    def move_title(self, owner: int, away: bool) -> None:
        """To the stranger, and back."""
        stage = self.stage
        account = stage.owners[owner]
        dataset = stage.datasets[account]
        holder = self.escrow.titles[dataset]
        to = stage.stranger if away else account
        registry = stage.world.registry
        data = registry.transfer_title.prepare_calldata(dataset, to)
        done = stage.call_at(registry.address, holder, data)
        assert not done.is_error
        self.escrow.titles[dataset] = to
        self._count("move_title", True)
        if away:
            self._agree(owner)

    def _agree(self, pick: int, flaw: str = "") -> None:
        """A plain funding; a token that does not take is left alone."""
        currency = pick // 4 % 3
        self.fund(
            owner=pick % 2,
            buyer=pick // 2 % 2,
            currency=currency if self._takes(self.stage.tokens[currency]) else 0,
            price=7 + pick,
            bond=pick,
            way="plain",
            flaw=flaw,
        )
