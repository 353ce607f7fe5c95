"""What both sides proposed and said in an order, line by line."""

from __future__ import annotations

from app.domain import events as ev
from app.domain.effects import SendMessage
from app.domain.order import Order, Stage
from app.domain.snapshots.orders import Line, Proposal
from app.domain.terms import TermsChoice, choice_of
from app.engine.projections.frame import Frame
from app.store import orders, outbox, texts


def agreed(frame: Frame, order: Order) -> bool:
    """The buyer sent back what the owner had proposed."""
    if order.stage != Stage.COUNTERED or order.proposed_by != "buyer":
        return False
    proposals = [
        event.proposal
        for event in orders.events(frame.session, order.thread)
        if isinstance(event, ev.CounterMade | ev.RequestMade)
    ]
    before, last = proposals[-2:]
    return not changes(before, last)


def changes(before: ev.Proposal, after: ev.Proposal) -> tuple[str, ...]:
    compared = {
        "price": (before.price_units, after.price_units),
        "terms": (before.terms, after.terms),
        "expires": (before.expires_at, after.expires_at),
        "window": (before.window_seconds, after.window_seconds),
    }
    return tuple(name for name, (old, new) in compared.items() if old != new)


def proposals(frame: Frame, order: Order, events: tuple[ev.Event, ...]) -> list[Proposal]:
    """Every proposal of the thread with what it changed, oldest first."""
    waiting = {
        task.effect.seq
        for task in outbox.pending(frame.session, order.thread)
        if isinstance(task.effect, SendMessage)
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
                terms=terms_of(proposal, order.dataset),
                expires_at=proposal.expires_at,
                window_seconds=proposal.window_seconds,
                note=proposal.note,
                changed=changes(before, proposal) if before else (),
                signed=isinstance(event, ev.OfferSigned),
                state="received" if not mine else "waiting" if seq in waiting else "sent",
            )
        )
        before = proposal
    return shown


def thread_of(frame: Frame, order: Order, events: tuple[ev.Event, ...]) -> tuple[Line, ...]:
    lines = [
        Line(
            mine=shown.mine,
            who=frame.name(frame.me if shown.mine else order.other),
            at=shown.at,
            text=shown.note,
            proposal=shown,
            delivered=shown.state != "waiting",
        )
        for shown in proposals(frame, order, events)
    ]
    for event in events:
        if isinstance(event, ev.Declined) and event.note:
            mine = event.by == order.role
            who = frame.name(frame.me if mine else order.other)
            lines.append(Line(mine, who, event.at, event.note))
    lines += [line_of(frame, text) for text in texts.for_thread(frame.session, order.thread)]
    return tuple(sorted(lines, key=lambda line: line.at))


def line_of(frame: Frame, line: texts.TextLine) -> Line:
    return Line(
        mine=line.mine,
        who=frame.name(frame.me if line.mine else line.other),
        at=line.at,
        text=line.text,
        delivered=line.stored_by_peer or not line.mine,
    )


def terms_of(proposal: ev.Proposal, dataset: bytes) -> TermsChoice:
    return choice_of(proposal.terms, dataset.hex())
