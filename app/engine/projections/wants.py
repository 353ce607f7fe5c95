"""The board of what buyers look for."""

from __future__ import annotations

from collections.abc import Iterator

from app.domain.snapshots.wants import WantCard, WantedSnapshot, WantMatch
from app.engine.projections.frame import Frame
from app.engine.wanting import Offered, answered, matches, on_offer
from app.store import entries, settings, wants
from app.store.wants import RecordedWant

WANT_GAS = 60_000
LOOKED_AT = 50
MOST_SHOWN = 100


def board(frame: Frame) -> WantedSnapshot:
    """Those that my data may fit first, then the newest; last one of each who is blocked."""
    mine = on_offer(frame.session, frame.me) if frame.me else []
    shown = [_card(frame, want, mine) for want in _shown(frame)]
    price = frame.ledger.gas_price_wei if frame.ledger else None
    newest = entries.newest(frame.session, LOOKED_AT)
    blocked = [one for one in shown if one.person.blocked]
    others = sorted(
        (one for one in shown if not one.person.blocked), key=lambda one: not one.matches
    )
    return WantedSnapshot(
        wants=(*others[:MOST_SHOWN], *blocked[:MOST_SHOWN]),
        currencies=frame.prices,
        fee_wei=None if price is None else price * WANT_GAS,
        fee_currency=frame.fee_currency,
        can_post=frame.trading is not None,
        posting=any(one.what == "want" and one.state in ("wanted", "signed") for one in newest),
    )


def _shown(frame: Frame) -> Iterator[RecordedWant]:
    blocked: set[str] = set()
    for want in wants.standing(frame.session, frame.now):
        if want.account in blocked:
            continue
        if frame.person(want.account).blocked:
            blocked.add(want.account)
        yield want


def _card(frame: Frame, want: RecordedWant, mine: list[Offered]) -> WantCard:
    said, key = want.said, want.want_id.hex()
    person = frame.person(want.account)
    known = any(currency.token == said.token for currency in frame.currencies)
    return WantCard(
        want=key,
        title=said.title,
        what=said.what,
        field=said.field,
        region=said.region,
        period=said.period,
        columns=said.columns,
        least_complete=said.least_complete,
        price=frame.amount(said.max_price_units, said.token)
        if said.max_price_units is not None and known
        else None,
        by=person.name,
        person=person,
        mine=want.account == frame.me,
        online=frame.online(want.account),
        at=want.at,
        expires_at=want.expires_at,
        matches=tuple(
            WantMatch(
                row.dataset_id.hex(),
                row.title,
                reasons,
                str(settings.get(frame.session, answered(key, row.dataset_id.hex()), "")),
            )
            for row, reasons in (() if person.blocked else matches(want, mine))
        ),
    )
