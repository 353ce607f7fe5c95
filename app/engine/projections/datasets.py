"""My datasets, the draft being registered, Browse and the dataset page."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from app.domain import listing as listings
from app.domain.precedence import is_unclear, standing
from app.domain.snapshots.datasets import (
    Alike,
    Card,
    Check,
    DatasetSnapshot,
    DatasetsSnapshot,
    Match,
    Newer,
    OwnDataset,
    OwnNote,
    Rating,
    RecordState,
    RegisterSnapshot,
    Version,
)
from app.domain.snapshots.valuation import ValuationFacts
from app.engine import versions
from app.engine.locating import is_there
from app.engine.projections.alike import alike, match
from app.engine.projections.frame import Frame, short_code
from app.engine.projections.same import Registered, claim, same_content, same_elsewhere
from app.engine.projections.samples import allowance, sample
from app.engine.projections.subscriptions import open_for
from app.engine.projections.valuation import valuation
from app.engine.registering import must_be_confidential
from app.store import datasets, entries, index, private, ratings, reviews
from app.store.datasets import OwnDataset as Own
from app.store.index import RecordedOrder, RegisteredDataset
from chain import registry
from chain.listing import decode_listing
from p2p.records import confidential_id

COMMIT_GAS = 60_000
REGISTER_GAS = 90_000
LISTING_BYTE_GAS = 24
LISTING_GAS = 60_000


def own_datasets(frame: Frame) -> DatasetsSnapshot:
    """Drafts and registrations of mine, newest first."""
    sold: dict[bytes, int] = {}
    for order in frame.orders:
        if order.role == "owner":
            sold[order.dataset] = sold.get(order.dataset, 0) + 1
    return DatasetsSnapshot(
        tuple(_own_row(frame, own, sold) for own in datasets.list_own(frame.session)),
        fee_wei=_fee(frame, LISTING_GAS),
        fee_currency=frame.fee_currency,
    )


def _own_row(frame: Frame, own: Own, sold: dict[bytes, int]) -> OwnDataset:
    registered = index.registration(frame.session, own.dataset_id) if own.dataset_id else None
    price = own.price_units
    return OwnDataset(
        key=own.dataset_id.hex() if registered and own.dataset_id else own.key,
        title=own.description.title or Path(own.path).name or short_code(own.root.hex()),
        size_bytes=own.length,
        records=own.records,
        files=own.files,
        price=frame.amount(price, own.token) if price is not None and own.token else None,
        state=_state(frame, own),
        registered_at=registered.committed_at if registered else None,
        orders=sold.get(own.dataset_id or b"", 0),
        rating=_rating(frame, own.dataset_id) if own.dataset_id else None,
        present=is_there(own),
        path=own.path,
    )


def _state(frame: Frame, own: Own) -> RecordState:
    if own.state == "withdrawn":
        return "withdrawn"
    kept = entries.for_dataset(frame.session, own.key)
    register = next((entry for entry in reversed(kept) if entry.what == "register"), None)
    if own.state == "draft":
        return "failed" if register and register.state == "failed" else "draft"
    if register is None:  # found on the record by a restored identity
        return "final" if own.state == "registered" else "being_recorded"
    if register.state in ("wanted", "signed"):
        return "being_recorded"
    return "recorded" if register.state == "recorded" else "final"


def draft(frame: Frame, key: str, opened: int) -> RegisterSnapshot:
    """The draft with this key; an empty one if nothing was chosen yet."""
    own = datasets.load(frame.session, key)
    trading = frame.trading
    if own is None or trading is None:
        return RegisterSnapshot(key, currencies=frame.prices, opened=opened)
    check, found = _check(frame, own)
    matches = tuple(match(frame, row) for row in found)
    reading = trading.registering.reading(key)
    size = trading.registering.listing_size(own)
    price = own.price_units
    return RegisterSnapshot(
        draft=key,
        path=own.path,
        reading=reading,
        content_id=own.content_id.hex() if own.root else "",
        fingerprint=own.root.hex(),
        records=own.records,
        size_bytes=own.length,
        files=own.files,
        check=check,
        matches=matches,
        unclear=is_unclear([claim(frame, row) for row in found]),
        unchecked=tuple(one.name for one in frame.others if one.state != "ok"),
        alike=_alike(frame, own, matches),
        parent=_parent(own),
        before=_before(frame),
        profile=own.profile,
        looking=trading.registering.looking(key),
        must_be_confidential=bool(own.root) and must_be_confidential(own),
        description=own.description,
        terms=own.terms,
        price=frame.amount(price, own.token) if price is not None and own.token else None,
        currencies=frame.prices,
        fee_wei=_fee(frame, COMMIT_GAS + REGISTER_GAS + LISTING_BYTE_GAS * size),
        fee_currency=frame.fee_currency,
        listing_bytes=size,
        state=_state(frame, own),
        dataset=own.dataset_id.hex() if own.dataset_id and own.state != "draft" else "",
        valuation=valuation(frame, own) if own.root else None,
        opened=opened,
    )


def _before(frame: Frame) -> tuple[tuple[str, str], ...]:
    """What the profile has on record, newest first: next month's rows may share nothing with this
    month's, so that no likeness tells of which they are a new version."""
    return tuple(
        (own.dataset_id.hex(), own.description.title or short_code("0x" + own.dataset_id.hex()))
        for own in datasets.list_own(frame.session)
        if own.dataset_id and own.state == "registered"
    )


def _parent(own: Own) -> str | None:
    if own.parent is None:
        return None
    return own.parent.hex() if any(own.parent) else ""


def _fee(frame: Frame, gas: int) -> int | None:
    """What this much gas costs at most now; None while that is not known."""
    if frame.ledger is None or frame.ledger.gas_price_wei is None:
        return None
    return gas * frame.ledger.gas_price_wei


def _check(frame: Frame, own: Own) -> tuple[Check, list[Registered]]:
    if not own.root:
        return "none_yet", []
    if frame.ledger is None or frame.ledger.state != "ok":
        return "unreachable", []
    known = [
        row
        for row in same_content(frame, own.content_id, own.root)
        if row.dataset_id != own.dataset_id
    ]
    if known:
        return "known", known
    if must_be_confidential(own) or own.description.confidential:
        return "not_comparable", []
    return "new", []


def _alike(frame: Frame, own: Own, same: tuple[Match, ...]) -> tuple[Alike, ...]:
    if own.profile is None or frame.ledger is None or frame.ledger.state != "ok":
        return ()
    known = [bytes.fromhex(one.dataset) for one in same]
    mine = [own.dataset_id] if own.dataset_id else []
    row = index.registration(frame.session, own.dataset_id) if own.dataset_id else None
    stands = claim(frame, row) if row else None
    return alike(frame, own.profile.sketch, own.profile.columns, [*known, *mine], stands)


def cards(frame: Frame, rows: Sequence[RegisteredDataset]) -> tuple[Card, ...]:
    """Datasets as Browse shows them; the database is asked for all of them at once."""
    frame.learn({row.title_holder for row in rows})
    rated = index.ratings_of_each(frame.session, tuple(row.dataset_id for row in rows))
    contents = tuple((row.content_id, row.root) for row in rows)
    first = index.first_of_each(frame.session, contents)
    return tuple(
        _card(frame, row, rated.get(row.dataset_id, []), first.get(content))
        for row, content in zip(rows, contents, strict=True)
    )


def _card(
    frame: Frame,
    row: RegisteredDataset,
    rated: list[RecordedOrder],
    first: tuple[bytes, str] | None,
) -> Card:
    others = same_elsewhere(frame, row.content_id, row.root)
    stands = standing(claim(frame, row), [claim(frame, other) for other in others])
    later = first is not None and first[0] != row.dataset_id and first[1] != row.registrant
    known = frame.network is not None and any(c.token == row.token for c in frame.currencies)
    priced = row.price is not None and known
    return Card(
        dataset=row.dataset_id.hex(),
        title=row.title or short_code("0x" + row.dataset_id.hex()),
        what=row.what,
        field=row.field,
        region=row.region,
        period=row.period,
        size_bytes=row.length,
        records=row.records,
        price=frame.amount(row.price or 0, row.token) if priced else None,
        by=frame.name(row.title_holder),
        by_code=short_code(row.title_holder),
        mine=row.title_holder == frame.me,
        online=frame.online(row.title_holder),
        rating=ratings.overall(frame.session, rated),
        ratings=len(rated),
        registered_at=row.committed_at,
        later_copy=later or stands == "later",
        unclear=not later and stands == "unclear",
    )


def dataset(frame: Frame, key: str) -> DatasetSnapshot | None:
    """The dataset page; None while the registration is not known here."""
    row = index.registration(frame.session, bytes.fromhex(key))
    if row is None:
        return None
    try:
        said = listings.read(decode_listing(row.listing))
    except ValueError:
        said = listings.read({})
    (shown,) = cards(frame, [row])
    network = frame.network
    return DatasetSnapshot(
        card=shown,
        fingerprint=row.root.hex(),
        content_id=row.content_id.hex(),
        confidential=row.content_id == confidential_id(row.root),
        files=said.files,
        columns=said.columns,
        rows=said.rows,
        terms=said.terms,
        personal_data=said.description.personal_data,
        history=_history(frame, row),
        ratings=_ratings(frame, row.dataset_id),
        can_offer=bool(frame.me) and not shown.mine and not row.withdrawn,
        withdrawn=row.withdrawn,
        currencies=frame.prices,
        min_window_seconds=network.min_window if network else 86_400,
        open_order=_open_order(frame, row.dataset_id),
        subscription=open_for(frame, row.dataset_id),
        claims=said.claims,
        means=ratings.means(frame.session, index.ratings(frame.session, row.dataset_id)),
        alike=_alike_to(frame, row, said),
        sample=sample(frame, row, said),
        allowance=allowance(frame, row),
        valuation=_valuation(frame, row),
        newer=newer(frame, row),
        parents=tuple(parent.hex() for parent in versions.follows(frame.session, row)),
        owner=row.title_holder,
        private=_private(frame, row),
        words=frame.trading.reviews.state(row.dataset_id) if frame.trading else "",
    )


def _valuation(frame: Frame, row: RegisteredDataset) -> ValuationFacts | None:
    own = datasets.by_dataset_id(frame.session, row.dataset_id)
    mine = own is not None and row.title_holder == frame.me and not row.withdrawn
    return valuation(frame, own) if own is not None and mine else None


def _alike_to(frame: Frame, row: RegisteredDataset, said: listings.Listing) -> tuple[Alike, ...]:
    same = [one.dataset_id for one in same_content(frame, row.content_id, row.root)]
    return alike(frame, said.sketch, said.columns, [row.dataset_id, *same], claim(frame, row))


def _private(frame: Frame, row: RegisteredDataset) -> OwnNote:
    """Note and labels of the dataset; contact and blocked of who offers it."""
    mine = private.get(frame.session, row.dataset_id.hex())
    party = private.get(frame.session, row.title_holder)
    return OwnNote(mine.note, mine.labels, party.contact, party.blocked)


def newer(frame: Frame, row: RegisteredDataset) -> Newer | None:
    """The last version after this one, if there is one."""
    last = versions.newest(frame.session, row)
    return None if last is None else Newer(last.dataset_id.hex(), last.title, last.committed_at)


def _open_order(frame: Frame, dataset_id: bytes) -> str:
    for order in frame.open_orders:
        if order.dataset == dataset_id and order.role == "buyer":
            return order.thread
    return ""


def _history(frame: Frame, row: RegisteredDataset) -> tuple[Version, ...]:
    lines = []
    for event in index.history(frame.session, row.dataset_id):
        match event.body:
            case registry.Registered() as body:
                lines.append(Version("registered", body.committed_at, frame.name(body.registrant)))
            case registry.ListingUpdated():
                lines.append(
                    Version("price_changed", event.block_time, frame.name(row.title_holder))
                )
            case registry.Withdrawn():
                lines.append(Version("withdrawn", event.block_time, frame.name(row.title_holder)))
            case registry.TitleTransferred() as body:
                lines.append(
                    Version("title_transferred", event.block_time, frame.name(body.receiver))
                )
    for other in index.same_content(frame.session, row.content_id, row.root):
        if other.dataset_id != row.dataset_id:
            lines.append(
                Version(
                    "same_content",
                    other.committed_at,
                    frame.name(other.registrant),
                    other.dataset_id.hex(),
                    chain_id=frame.chain_id,
                )
            )
    for there in same_elsewhere(frame, row.content_id, row.root):
        lines.append(
            Version(
                "same_elsewhere",
                there.committed_at,
                frame.name(there.registrant),
                there.dataset_id.hex(),
                frame.network_name(there.chain_id),
                there.chain_id,
            )
        )
    return tuple(sorted(lines + _versions(frame, row), key=lambda line: line.at))


def _versions(frame: Frame, row: RegisteredDataset) -> list[Version]:
    """What it is a new version of, and its own new versions. Anybody may say that theirs is one;
    only those of whoever registered this one, or holds its title, count."""
    lines = []
    if any(row.parent) and index.registration(frame.session, row.parent) is not None:
        by = frame.name(row.registrant)
        lines.append(Version("version_of", row.committed_at, by, row.parent.hex()))
    for after in versions.following(frame.session, row):
        by, key = frame.name(after.registrant), after.dataset_id.hex()
        lines.append(Version("newer_version", after.committed_at, by, key))
    return lines


def _rating(frame: Frame, dataset_id: bytes) -> float | None:
    return ratings.overall(frame.session, index.ratings(frame.session, dataset_id))


def _ratings(frame: Frame, dataset_id: bytes) -> tuple[Rating, ...]:
    shown = []
    found = index.ratings(frame.session, dataset_id)
    for order, mark in zip(found, ratings.marks(frame.session, found), strict=True):
        words, differs = reviews.read(frame.session, order.review)
        one, two, three, four, five, six = order.scores
        shown.append(
            Rating(
                by=frame.name(order.buyer),
                at=order.changed_at,
                scores=(one, two, three, four, five, six),
                words=words,
                price=frame.amount(order.price, order.token),
                mark=mark,
                differs=differs,
            )
        )
    return tuple(shown)
