"""The list of orders and the order page."""

from __future__ import annotations

from typing import Literal, get_args

from app.domain import events as ev
from app.domain.money import least_bond_units
from app.domain.order import ENDED, NEGOTIATING, Delivery, Order, Stage
from app.domain.snapshots.orders import (
    DeliveryView,
    Line,
    OrderRow,
    OrderSnapshot,
    OrdersSnapshot,
    Proposal,
    RecordLine,
    Step,
    StepState,
    Tick,
)
from app.domain.terms import TermsChoice, choice_of
from app.engine.deliveries import Transfer
from app.engine.projections.frame import Frame, short_code
from app.engine.projections.status import NEEDS_YOU, Circumstances, actions, status, tone
from app.store import entries, index, orders, outbox, texts
from chain import agreement
from p2p.records import CHUNK_RECORDS, PAYLOAD, chunk_count

FUND_GAS = 110_000
CONFIRM_GAS = 75_000
STEPS: tuple[Step, ...] = get_args(Step)
State = Literal["done", "now", "to_come", "failed"]


def circumstances(frame: Frame, order: Order) -> Circumstances:
    """What the status of an order depends on besides its events."""
    kept = entries.for_thread(frame.session, order.thread)
    waiting = outbox.pending(frame.session, order.thread)
    unreachable = any(
        task.attempts > 0 and type(task.effect).__name__ == "FetchContent" for task in waiting
    )
    trading = frame.trading
    transfer = trading.deliveries.transfer(order.thread) if trading else None
    return Circumstances(
        entries=tuple(kept),
        paused=trading is not None and trading.deliveries.paused(order.thread),
        unreachable=unreachable and not (transfer and transfer.active),
        agreed=_agreed(frame, order),
        late=order.deadline is not None and frame.now > order.deadline,
    )


def _agreed(frame: Frame, order: Order) -> bool:
    """The buyer sent back what the owner had proposed."""
    if order.stage != Stage.COUNTERED or order.proposed_by != "buyer":
        return False
    proposals = [
        event.proposal
        for event in orders.events(frame.session, order.thread)
        if isinstance(event, ev.CounterMade | ev.RequestMade)
    ]
    before, last = proposals[-2:]
    return _same(before, last)


def _same(one: ev.Proposal, other: ev.Proposal) -> bool:
    return not _changes(one, other)


def _changes(before: ev.Proposal, after: ev.Proposal) -> tuple[str, ...]:
    compared = {
        "price": (before.price_units, after.price_units),
        "terms": (before.terms, after.terms),
        "expires": (before.expires_at, after.expires_at),
        "window": (before.window_seconds, after.window_seconds),
    }
    return tuple(name for name, (old, new) in compared.items() if old != new)


def order_list(frame: Frame) -> OrdersSnapshot:
    rows = [order_row(frame, order) for order in orders.list_orders(frame.session)]
    return OrdersSnapshot((*rows, *_questions(frame)))


def order_row(frame: Frame, order: Order) -> OrderRow:
    code = status(order, circumstances(frame, order))
    transfer = frame.trading.deliveries.transfer(order.thread) if frame.trading else None
    running = code in ("deliver", "receive") and transfer is not None and transfer.total_parts
    return OrderRow(
        order=order.thread,
        title=_title(frame, order.dataset),
        other=frame.name(order.other),
        price=frame.amount(order.proposal.price_units, order.proposal.token),
        status=f"order.{code}",
        tone=tone(code),
        done=transfer.confirmed_parts / transfer.total_parts if transfer and running else None,
        needs_you=code in NEEDS_YOU,
        finished=order.stage in ENDED,
    )


def _title(frame: Frame, dataset: bytes) -> str:
    row = index.registration(frame.session, dataset)
    return row.title if row and row.title else short_code("0x" + dataset.hex())


def _questions(frame: Frame) -> list[OrderRow]:
    """Threads of questions about a dataset that no order has come of."""
    rows = []
    for line in texts.questions(frame.session):
        row = index.registration(frame.session, bytes.fromhex(line.dataset))
        rows.append(
            OrderRow(
                order=line.thread,
                title=row.title if row else "",
                other=frame.name(line.other),
                price=frame.amount(row.price or 0 if row else 0, row.token if row else ""),
                status="order.question",
                tone="quiet" if line.mine else "warn",
                done=None,
                needs_you=False,
                finished=False,
            )
        )
    return rows


def order_page(frame: Frame, thread: str) -> OrderSnapshot | None:
    """The page of one order or question; None if there is no such thread."""
    order = orders.load(frame.session, thread)
    if order is None:
        return _question_page(frame, thread)
    around = circumstances(frame, order)
    code = status(order, around)
    proposal = order.proposal
    events = orders.events(frame.session, thread)
    row = index.registration(frame.session, order.dataset)
    fee = frame.ledger.gas_price_wei if frame.ledger else None
    gas = {"pay": FUND_GAS, "check": CONFIRM_GAS}.get(code)
    purse = frame.trading.purse.balances if frame.trading else {}
    balance = purse.get(proposal.token)
    number = (order.order_id or bytes.fromhex(thread)).hex()[:8]
    return OrderSnapshot(
        order=thread,
        title=_title(frame, order.dataset),
        selling=order.role == "owner",
        other=frame.name(order.other),
        other_code=short_code(order.other),
        other_online=frame.online(order.other),
        number=number,
        price=frame.amount(proposal.price_units, proposal.token),
        held=order.stage in (Stage.FUNDED, Stage.REVEALED),
        steps=_steps(order, events),
        todo=f"order.{code}",
        todo_warn=code in NEEDS_YOU,
        todo_due_at=_due_at(order, code),
        actions=actions(order, code),
        proposal=_proposals(frame, order, events)[-1],
        thread=_thread(frame, order, events),
        delivery=_delivery(frame, order, around, code),
        ticks=_ticks(order),
        terms=_terms(proposal, order.dataset),
        terms_fingerprint=agreement.terms_hash(proposal.terms).hex(),
        window_seconds=proposal.window_seconds,
        bond=frame.amount(proposal.bond_units, proposal.token),
        least_bond=frame.amount(least_bond_units(proposal.price_units), proposal.token),
        bond_free=frame.amount(balance.bond_free_units, proposal.token) if balance else None,
        fingerprint=row.root.hex() if row else "",
        records=_records(frame, order, events),
        fee_wei=gas * fee if gas and fee is not None else None,
        fee_currency=frame.fee_currency,
        can_pay=balance is not None and balance.available_units >= proposal.price_units,
        problem_noted=order.problem,
        ended=_ended(order),
        scores=tuple(order.scores),
        dataset=order.dataset.hex(),
        order_id=order.order_id.hex(),
        ready_to_pay=_ready_to_pay(frame, order),
    )


def _ready_to_pay(frame: Frame, order: Order) -> bool:
    """As far as was seen at the last look; `FundOrder` asks the chain again."""
    if frame.trading is None or frame.ledger is None or order.stage != Stage.OFFERED:
        return False
    row = index.registration(frame.session, order.dataset)
    final = row is not None and row.block <= frame.ledger.final_block
    return final and bool(order.manifest_files) and frame.trading.watching.bond_in_place(order)


def _question_page(frame: Frame, thread: str) -> OrderSnapshot | None:
    lines = texts.for_thread(frame.session, thread)
    if not lines:
        return None
    first = lines[0]
    row = index.registration(frame.session, bytes.fromhex(first.dataset or "00" * 32))
    price = frame.amount(row.price or 0 if row else 0, row.token if row else "")
    return OrderSnapshot(
        order=thread,
        title=row.title if row else "",
        selling=row is not None and row.title_holder == frame.me,
        other=frame.name(first.other),
        other_code=short_code(first.other),
        other_online=frame.online(first.other),
        number=thread[:8],
        price=price,
        held=False,
        steps=(),
        todo="order.question",
        todo_warn=False,
        todo_due_at=None,
        actions=(),
        proposal=None,
        thread=tuple(_line(frame, line) for line in lines),
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


def _terms(proposal: ev.Proposal, dataset: bytes) -> TermsChoice:
    return choice_of(proposal.terms, dataset.hex())


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
    if order.stage not in (Stage.FUNDED, Stage.REVEALED) or order.deadline is None:
        return None
    return order.deadline if name == "checked" else None


def _at(events: tuple[ev.Event, ...], kind: type) -> int | None:
    return next((event.at for event in reversed(events) if isinstance(event, kind)), None)


def _due_at(order: Order, code: str) -> int | None:
    if order.stage in NEGOTIATING:
        return order.proposal.expires_at
    if code in ("check", "faulty") and order.stage == Stage.REVEALED:
        return order.deadline
    return None


def _proposals(frame: Frame, order: Order, events: tuple[ev.Event, ...]) -> list[Proposal]:
    """Every proposal of the thread with what it changed, oldest first."""
    waiting = {
        task.effect.seq
        for task in outbox.pending(frame.session, order.thread)
        if type(task.effect).__name__ == "SendMessage"
    }
    shown: list[Proposal] = []
    before: ev.Proposal | None = None
    for seq, event in enumerate(events):
        match event:
            case ev.RequestMade(proposal=proposal):
                by: ev.Side = "buyer"
            case ev.CounterMade(by=by, proposal=proposal):
                pass
            case ev.OfferSigned(proposal=proposal):
                by = "owner"
            case _:
                continue
        mine = by == order.role
        shown.append(
            Proposal(
                mine=mine,
                at=event.at,
                price=frame.amount(proposal.price_units, proposal.token),
                terms=_terms(proposal, order.dataset),
                expires_at=proposal.expires_at,
                window_seconds=proposal.window_seconds,
                note=proposal.note,
                changed=_changes(before, proposal) if before else (),
                signed=isinstance(event, ev.OfferSigned),
                state="received" if not mine else "waiting" if seq in waiting else "sent",
            )
        )
        before = proposal
    return shown


def _thread(frame: Frame, order: Order, events: tuple[ev.Event, ...]) -> tuple[Line, ...]:
    lines = [
        Line(
            mine=shown.mine,
            who=frame.name(frame.me if shown.mine else order.other),
            at=shown.at,
            text=shown.note,
            proposal=shown,
            delivered=shown.state != "waiting",
        )
        for shown in _proposals(frame, order, events)
    ]
    for event in events:
        if isinstance(event, ev.Declined) and event.note:
            mine = event.by == order.role
            who = frame.name(frame.me if mine else order.other)
            lines.append(Line(mine, who, event.at, event.note))
    lines += [_line(frame, text) for text in texts.for_thread(frame.session, order.thread)]
    return tuple(sorted(lines, key=lambda line: line.at))


def _line(frame: Frame, line: texts.TextLine) -> Line:
    return Line(
        mine=line.mine,
        who=frame.name(frame.me if line.mine else line.other),
        at=line.at,
        text=line.text,
        delivered=line.stored_by_peer or not line.mine,
    )


def _delivery(frame: Frame, order: Order, around: Circumstances, code: str) -> DeliveryView | None:
    if order.funded_at is None and around.running("fund") is None:
        return None
    total = chunk_count(order.records)
    moved = frame.trading.deliveries.transfer(order.thread) if frame.trading else None
    transfer = moved or Transfer(total)
    everything = order.delivery != Delivery.AWAITED
    confirmed = total if everything else transfer.confirmed_parts
    sent = total if everything else max(transfer.sent_parts, confirmed)
    size = order.records * PAYLOAD
    part = CHUNK_RECORDS * PAYLOAD
    done_bytes = size if confirmed >= total else confirmed * part
    speed = transfer.speed_bytes
    return DeliveryView(
        total_parts=total,
        sent_parts=sent,
        confirmed_parts=confirmed,
        total_bytes=size,
        confirmed_bytes=done_bytes,
        speed_bytes=speed,
        left_seconds=(size - done_bytes) // speed if speed and confirmed < total else None,
        state=_delivery_state(order, transfer, around, code),
        folder=order.folder,
        problem=transfer.problem or order.fault,
    )


DeliveryState = Literal[
    "not_started", "waiting_peer", "waiting_final", "running", "paused", "received",
    "key_awaited", "checking", "in_place", "failed",
]  # fmt: skip


def _delivery_state(
    order: Order, transfer: Transfer, around: Circumstances, code: str
) -> DeliveryState:
    if order.funded_at is None:
        return "waiting_final"
    by_delivery: dict[Delivery, DeliveryState] = {
        Delivery.RECEIVED: "received",
        Delivery.RECEIPTED: "key_awaited" if order.role == "buyer" else "received",
        Delivery.KEYED: "checking" if order.role == "buyer" else "received",
        Delivery.CHECKED: "in_place",
        Delivery.FAULTY: "failed",
    }
    if order.delivery in by_delivery:
        return by_delivery[order.delivery]
    if around.paused:
        return "paused"
    if transfer.active:
        return "running"
    return "waiting_peer" if code == "wait_peer" or order.role == "owner" else "not_started"


def _ticks(order: Order) -> tuple[Tick, ...]:
    if order.role != "buyer" or order.funded_at is None:
        return ()
    checked = order.delivery == Delivery.CHECKED
    ok: bool | None = True if checked else None
    if order.delivery == Delivery.FAULTY:
        ok = False
    received = order.delivery not in (Delivery.AWAITED,)
    return (
        Tick("fingerprint", True if received else None),
        Tick("records", ok, str(order.records)),
        Tick("files", ok, str(order.manifest_files)),
        Tick("content_id", ok),
        Tick("size", ok),
    )


def _records(frame: Frame, order: Order, events: tuple[ev.Event, ...]) -> tuple[RecordLine, ...]:
    """What stands on record about the order, newest first, and what is on its way there."""
    kinds = {
        ev.Funded: "fund",
        ev.Revealed: "reveal",
        ev.Confirmed: "confirm",
        ev.Accepted: "accept",
        ev.Refunded: "refund",
        ev.Rated: "rate",
    }
    lines = [
        RecordLine(kinds[type(event)], event.at, "final")
        for event in events
        if type(event) in kinds
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
