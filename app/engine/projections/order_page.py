"""The page of one order, or of a question that no order has come of yet."""

from __future__ import annotations

from typing import Literal, get_args

from app.domain import events as ev
from app.domain.money import bond_for_complaints_wei, least_bond_units
from app.domain.order import NEGOTIATING, Order, Stage
from app.domain.snapshots.orders import Action, OrderSnapshot, RecordLine, Step, StepState
from app.domain.terms import TermsChoice, subscription_of
from app.engine import received
from app.engine.handing import TRANSFER_GAS, WATCH_GAS
from app.engine.projections.datasets import newer
from app.engine.projections.frame import ORDER_KINDS, Frame
from app.engine.projections.order_delivery import delivery, ticks
from app.engine.projections.order_ending import ending
from app.engine.projections.order_talk import line_of, proposals, terms_of, thread_of
from app.engine.projections.orders import circumstances, go_on_by, title_of
from app.engine.projections.status import NEEDS_YOU, actions, status
from app.store import entries, index, orders, settings, texts
from chain import agreement
from chain.address import ZERO_ADDRESS

GAS: dict[Action, int] = {
    "pay": 130_000,
    "sign": 110_000,  # the bond's deposit
    "confirm": 80_000,
    "rate": 50_000,
    "return_payment": 60_000,
    "let_watch": TRANSFER_GAS,
}
"""What the record entry of an action takes at most, for the fee shown before it."""

STEPS: tuple[Step, ...] = get_args(Step)
State = Literal["done", "now", "to_come", "failed"]


def order_page(frame: Frame, thread: str) -> OrderSnapshot | None:
    """The page of one order or question; None if there is no such thread."""
    order = frame.order(thread)
    if order is None:
        return _question_page(frame, thread)
    around = circumstances(frame, order)
    code = status(order, around)
    proposal = order.proposal
    events = orders.events(frame.session, thread)
    row = index.registration(frame.session, order.dataset)
    fee = frame.ledger.gas_price_wei if frame.ledger else None
    gas = next((GAS[action] for action in actions(order, code, around) if action in GAS), None)
    purse = frame.trading.purse.balances if frame.trading else {}
    balance = purse.get(proposal.token)
    coins = purse.get(ZERO_ADDRESS)
    native = proposal.token == ZERO_ADDRESS
    number = (order.order_id or bytes.fromhex(thread)).hex()[:8]
    return OrderSnapshot(
        order=thread,
        title=title_of(frame, order.dataset),
        selling=order.role == "owner",
        other=frame.name(order.other),
        person=frame.person(order.other),
        other_online=frame.online(order.other),
        number=number,
        price=frame.amount(proposal.price_units, proposal.token),
        held=order.stage in (Stage.FUNDED, Stage.REVEALED),
        steps=_steps(order, events),
        todo=f"order.{code}",
        todo_warn=code in NEEDS_YOU,
        todo_due_at=_due_at(frame, order, code),
        actions=actions(order, code, around),
        proposal=proposals(frame, order, events)[-1],
        thread=thread_of(frame, order, events),
        delivery=delivery(frame, order, around, code),
        ticks=ticks(order),
        terms=terms_of(proposal, order.dataset),
        terms_fingerprint=agreement.terms_hash(proposal.terms).hex(),
        window_seconds=proposal.window_seconds,
        bond=frame.amount(proposal.bond_units, proposal.token),
        least_bond=frame.amount(
            least_bond_units(proposal.price_units, fee or 0 if native else 0), proposal.token
        ),
        bond_free=frame.amount(balance.bond_free_units, proposal.token) if balance else None,
        fingerprint=row.root.hex() if row else "",
        records=_records(frame, order, events),
        fee_wei=gas * fee if gas and fee is not None else None,
        fee_currency=frame.fee_currency,
        can_pay=balance is not None
        and balance.available_units >= proposal.price_units
        and (coins is None or coins.available_units >= (GAS["pay"] * fee if fee else 0)),
        min_window_seconds=frame.network.min_window if frame.network else 86_400,
        problem_noted=order.problem,
        ended=_ended(order),
        ending=ending(frame, order),
        scores=tuple(order.scores),
        dataset=order.dataset.hex(),
        order_id=order.order_id.hex(),
        ready_to_pay=_ready_to_pay(frame, order),
        unaudited=_first_real_payment(frame, order),
        complaints_wei=None if native or fee is None else bond_for_complaints_wei(fee),
        watch_coins_wei=None if fee is None else fee * WATCH_GAS,
        compared=received.comparisons(frame.session, order) if order.role == "buyer" else (),
        comparing=bool(frame.trading and frame.trading.received.comparing(thread)),
        recovery_first=_recovery_first(frame, order),
        subscription=subscription_of(proposal.terms),
        newer=newer(frame, row) if row and order.role == "buyer" else None,
    )


def _ready_to_pay(frame: Frame, order: Order) -> bool:
    """As far as was seen at the last look; `FundOrder` asks the chain again."""
    if frame.trading is None or frame.ledger is None or order.stage != Stage.OFFERED:
        return False
    row = index.registration(frame.session, order.dataset)
    final = row is not None and row.block <= frame.ledger.final_block
    return final and bool(order.manifest_files) and frame.trading.watching.bond_in_place(order)


def _paying_really(frame: Frame, order: Order) -> bool:
    paying = order.role == "buyer" and order.stage == Stage.OFFERED
    return paying and frame.network is not None and not frame.network.practice


def _first_real_payment(frame: Frame, order: Order) -> bool:
    """Whether this would be the identity's first payment with real money from this profile."""
    before = any(one.role == "buyer" and one.funded_at is not None for one in frame.orders)
    return _paying_really(frame, order) and not before


def _recovery_first(frame: Frame, order: Order) -> bool:
    """Before the first real payment the words that were put off are asked for again."""
    return _paying_really(frame, order) and not settings.get(frame.session, "backed_up", False)


def _question_page(frame: Frame, thread: str) -> OrderSnapshot | None:
    lines = texts.for_thread(frame.session, thread)
    if not lines:
        return None
    first = lines[0]
    row = index.registration(frame.session, bytes.fromhex(first.dataset or "00" * 32))
    price = frame.amount(row.price or 0 if row else 0, row.token if row else "")
    selling = row is not None and row.title_holder == frame.me
    return OrderSnapshot(
        order=thread,
        title=row.title if row else "",
        selling=selling,
        other=frame.name(first.other),
        person=frame.person(first.other),
        other_online=frame.online(first.other),
        number=thread[:8],
        price=price,
        held=False,
        steps=(),
        todo="order.question",
        todo_warn=False,
        todo_due_at=None,
        actions=() if row is None or selling else ("dataset",),
        proposal=None,
        thread=tuple(line_of(frame, line) for line in lines),
        delivery=None,
        ticks=(),
        terms=TermsChoice(),
        terms_fingerprint="",
        window_seconds=0,
        bond=None,
        least_bond=None,
        bond_free=None,
        fingerprint=row.root.hex() if row else "",
        records=(),
        fee_wei=None,
        fee_currency=frame.fee_currency,
        dataset=first.dataset,
    )


def _steps(order: Order, events: tuple[ev.Event, ...]) -> tuple[StepState, ...]:
    at: dict[str, int | None] = {
        "request": order.made_at,
        "agreed": _at(events, ev.OfferSigned),
        "held": order.funded_at,
        "delivering": _at(events, ev.ReceiptSigned),
        "checked": _at(events, ev.ContentChecked) or _at(events, ev.ConfirmationSigned),
        "paid": order.ended_at if order.stage in (Stage.PAID, Stage.PAID_RATED) else None,
    }
    if order.stage in (Stage.REQUESTED, Stage.COUNTERED):
        at["request"] = None  # it stands, but is not answered yet
    if order.stage == Stage.PAID and at["checked"] is None:
        at["checked"] = order.ended_at
    failed = order.stage in (Stage.DECLINED, Stage.LAPSED, Stage.REFUNDED)
    steps = []
    open_ = True
    for name in STEPS:
        done = at[name] is not None and not (name == "agreed" and order.stage == Stage.LAPSED)
        state: State = "done" if done and open_ else "to_come"
        when = at[name]
        if not done and open_:
            state = "failed" if failed else "now"
            when = order.ended_at if failed else None
            open_ = False
        elif not open_:
            when = _by_when(order, name)
        steps.append(StepState(name, state, when))
    return tuple(steps)


def _by_when(order: Order, name: str) -> int | None:
    """By when a step must be done, as far as that is known: the check, once the key is public."""
    return order.deadline if name == "checked" and order.stage == Stage.REVEALED else None


def _at(events: tuple[ev.Event, ...], kind: type) -> int | None:
    return next((event.at for event in reversed(events) if isinstance(event, kind)), None)


def _due_at(frame: Frame, order: Order, code: str) -> int | None:
    if order.stage in NEGOTIATING:
        return order.proposal.expires_at
    if code.removesuffix("_late") in ("paused", "unplugged", "other_paused", "queued"):
        return go_on_by(frame, order)
    if code in ("check", "untrue", "complaining") and order.stage == Stage.REVEALED:
        return order.deadline
    return order.deadline if code == "faulty" else None


def _records(frame: Frame, order: Order, events: tuple[ev.Event, ...]) -> tuple[RecordLine, ...]:
    """What stands on record about the order, newest first, and what is on its way there."""
    lines = [
        RecordLine(ORDER_KINDS[type(event)], event.at, "final")
        for event in events
        if type(event) in ORDER_KINDS
    ]
    recorded = {line.what for line in lines}
    for entry in entries.for_thread(frame.session, order.thread):
        if entry.what in recorded:
            continue
        state = "being_recorded" if entry.state in ("wanted", "signed") else entry.state
        lines.append(RecordLine(entry.what, entry.recorded_at, state))
    registered = index.registration(frame.session, order.dataset)
    if registered is not None:
        lines.insert(0, RecordLine("register", registered.committed_at, "final"))
    return tuple(reversed(lines))


def _ended(order: Order) -> str:
    ended = {
        Stage.PAID: "paid",
        Stage.PAID_RATED: "paid",
        Stage.REFUNDED: "refunded",
        Stage.DECLINED: "declined",
        Stage.LAPSED: "lapsed",
    }
    return ended.get(order.stage, "")
