"""One order that a second device watches: looked at anew in each pass, acted for when it is time.

What decides is the contract's own slot in a final block. Revealed: the records are decrypted and
compared with their registered hashes, and the first that differs is complained about. Not revealed
in time: the refund is called. Ended: what is left of the coins for fees goes back to the buyer.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from pathlib import Path
from typing import Literal

from app.engine.parcel import Mandate
from chain import abi, agreement, exchange
from chain.address import ZERO_ADDRESS
from chain.errors import Refused
from chain.exchange import OrderWord, Revealed
from chain.gateway import Call, Gateway, SignedTx
from chain.private_file import write_private
from chain.state import State, final_state
from chain.transactions import read_signed
from chain.wallet import key_address
from p2p.errors import BadRecord
from p2p.opener import open_chunk
from p2p.room import Room
from p2p.spool import Spool

log = logging.getLogger(__name__)

RANGE_BLOCKS = 2000
BUMP_SECONDS = 60.0
RETURN_GAS = 30_000
LEAST_RETURN_GAS = 60_000
"""Coins worth less than twice the fee of sending them are left where they are."""

What = Literal[
    "taken", "refused", "waiting", "revealed", "fine", "bad_record",
    "complain", "refund", "return", "failed", "ended",
]  # fmt: skip
Say = Callable[[What, str], None]
"""What happened, and a sentence about it. The same said again is heard once."""


class Watched:
    """``folder`` holds the spool of the parcel and what was sent. Use from one thread."""

    def __init__(self, folder: Path, mandate: Mandate, gateway: Gateway, say: Say) -> None:
        self.folder = folder
        self.mandate = mandate
        self._gateway = gateway
        self._say = say
        self._secret = b""
        self._bad: BadRecord | None = None
        self._checked = False
        self._sent_at = 0.0

    def look(self) -> bool:
        """One pass; false once nothing is left to be done, ever.

        Raises chain errors (it is tried again) and ContentError (this disk).
        """
        mandate = self.mandate
        state = final_state(self._gateway, mandate.network)
        slot = state.order(mandate.order_id)
        now = state.at.timestamp
        if slot.state == exchange.NONE:
            if now > mandate.offer.expires:
                return self._end("The order was never paid for.")
            self._say("waiting", "The payment is not on record.")
        elif slot.state in (exchange.FUNDED, exchange.ACKED):
            if now > slot.deadline:
                self._send("refund", exchange.refund_call(mandate.network, mandate.offer))
        elif slot.state == exchange.REVEALED:
            self._judge(state, slot)
            if self._bad is not None and now <= slot.deadline:
                self._send("complain", self._complaint(self._bad))
        else:
            return self._end(_ENDINGS[slot.state])
        return True

    def _judge(self, state: State, slot: OrderWord) -> None:
        """Once: decrypt, and find the first record that was not registered."""
        if self._checked:
            return
        mandate = self.mandate
        if slot.root_prefix != exchange.root_prefix(mandate.delivery_root):
            # A person's Receipt is signed once; only a contract wallet could have said another.
            self._say("failed", "Another delivery was revealed than was handed over.")
            return
        revealed = self._revealed(state)
        if revealed is None:
            self._say("waiting", "The network does not show the revealed key yet.")
            return
        self._secret = revealed.secret
        self._say("revealed", "The key is public; every record is compared.")
        dk = agreement.delivery_key(revealed.secret, mandate.mask, mandate.order_id)
        spool, room = Spool(self.folder, mandate.offer.records, mandate.root), Room()
        try:
            for chunk in range(spool.opened, spool.chunks):
                open_chunk(spool, dk, chunk, room)
        except BadRecord as bad:
            self._bad = bad
            self._say("bad_record", f"Record {bad.index} is not the registered one.")
        else:
            self._say("fine", "Every record is the registered one.")
        self._checked = True

    def _revealed(self, state: State) -> Revealed | None:
        """The event, up to the final block; None while the endpoints do not show it."""
        mandate, topic = self.mandate, abi.interface("Exchange").topic("Revealed")
        decode = exchange.decoders()[topic]
        for last in range(state.at.number, mandate.since - 1, -RANGE_BLOCKS):
            first = max(last - RANGE_BLOCKS + 1, mandate.since)
            for entry in self._gateway.logs(
                first, last, (mandate.network.exchange,), (topic, mandate.order_id)
            ):
                event = decode(entry)
                if isinstance(event, Revealed) and _fits(event, mandate):
                    return event
        return None

    def _complaint(self, bad: BadRecord) -> Call:
        mandate = self.mandate
        return exchange.complain_call(
            mandate.network,
            mandate.offer,
            mandate.delivery_root,
            self._secret,
            mandate.mask,
            bad.index,
            bad.ciphertext,
            bad.leaf,
            bad.path,
        )

    def _end(self, sentence: str) -> bool:
        """Send back what is left of the coins; false once that is done."""
        gateway, mandate = self._gateway, self.mandate
        coins = gateway.native_balance(key_address(mandate.fee_key))
        if coins > gateway.fee_wei(LEAST_RETURN_GAS):
            rest = coins - gateway.fee_wei(RETURN_GAS)
            back = exchange.transfer_call(ZERO_ADDRESS, mandate.offer.buyer, rest)
            self._send("return", back)
            return True
        self._say("ended", sentence)
        return False

    # transactions

    def _send(self, what: What, call: Call) -> None:
        """Have it on record: signed once, sent for more if it waits too long."""
        gateway, key = self._gateway, self.mandate.fee_key
        signed = self._sent(what)
        used = gateway.mined_nonce(key_address(key))
        try:
            if signed is not None and signed.nonce >= used:
                if time.monotonic() - self._sent_at > BUMP_SECONDS:
                    self._broadcast(what, gateway.bump(call, signed, key))
            elif signed is None or not self._went_well(signed):
                self._broadcast(what, gateway.sign(call, key, used))
                self._say(what, _DOING[what])
        except Refused as error:
            self._say("failed", f"The network refuses it now: {error.reason}.")

    def _went_well(self, signed: SignedTx) -> bool:
        """Whether it is in a block and did what it should: then only confirmations are missing."""
        receipt = self._gateway.receipt(signed.hash)
        return receipt is not None and receipt.ok

    def _sent(self, what: What) -> SignedTx | None:
        try:
            return read_signed((self.folder / f"sent.{what}").read_bytes())
        except (OSError, ValueError):
            return None

    def _broadcast(self, what: What, signed: SignedTx) -> None:
        try:
            write_private(self.folder / f"sent.{what}", signed.raw)
        except OSError as error:
            # Better sent and forgotten than not sent: a full disk costs a second fee at most.
            log.warning("what is sent cannot be kept on this disk: %s", error.strerror)
        self._gateway.broadcast(signed.raw)
        self._sent_at = time.monotonic()


_DOING: dict[str, str] = {
    "complain": "A complaint is on its way to the contract.",
    "refund": "The key was not revealed in time: the refund is on its way.",
    "return": "What is left of the coins for fees goes back to the buyer.",
}
_ENDINGS = {
    exchange.PAID: "The order has ended: the owner was paid.",
    exchange.PAID_RATED: "The order has ended: the owner was paid and rated.",
    exchange.REFUNDED: "The order has ended: the price is back with the buyer.",
}


def _fits(event: Revealed, mandate: Mandate) -> bool:
    return (
        event.delivery_root == mandate.delivery_root
        and agreement.key_commit(event.secret) == mandate.offer.key_commit
    )
