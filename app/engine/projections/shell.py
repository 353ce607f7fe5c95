"""The window's own state, Home, Money, Records and Settings."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from importlib.metadata import version

from app.domain.bandwidth import is_full_speed
from app.domain.order import RUNNING, Order, Stage
from app.domain.precedence import beside
from app.domain.snapshots.datasets import Progress
from app.domain.snapshots.money import Account, Amount, MoneySnapshot, Movement
from app.domain.snapshots.orders import ParcelView
from app.domain.snapshots.people import Person
from app.domain.snapshots.records import RecordEntry, RecordsSnapshot, Subject
from app.domain.snapshots.shell import (
    Connection,
    HomeSnapshot,
    RecentRecord,
    Running,
    SettingsSnapshot,
    ShellSnapshot,
    Task,
)
from app.domain.turns import AT_ONCE
from app.engine import line
from app.engine.door import ASKED, Door
from app.engine.profile import Profile
from app.engine.projections.alike import likenesses, match
from app.engine.projections.frame import ORDER_KINDS, Frame, short_code
from app.engine.projections.orders import circumstances, due_at, go_on_by, order_row
from app.engine.projections.same import Registered, claim, same_content
from app.engine.projections.status import NEEDS_YOU, actions, status
from app.engine.projections.subscriptions import subscription_list
from app.engine.purse import TRANSFER_GAS, has_practice_dollars
from app.store import datasets, entries, index, orders, private, ratings, search, settings
from app.store.entries import Entry
from app.store.index import RegisteredDataset

MONTH_SECONDS = 30 * 86_400
RECENT = 8
SHOWN_ENTRIES = 300

TASKS = {"answer": "answer", "sign": "sign", "pay": "pay", "check": "check", "rate": "rate",
         "untrue": "check", "paused_late": "resume",
         "unplugged_late": "plug_in",
         "fault_owner": "answer"}  # fmt: skip
DELIVERING = (
    "deliver", "receive", "checking", "paused", "paused_late", "unplugged", "unplugged_late",
    "queued",
    "other_paused", "other_queued", "wait_peer",
)  # fmt: skip
STATES = {"wanted": "being_recorded", "signed": "being_recorded"}
CHOICES = (
    "appearance", "language", "downloads", "auto_lock_minutes", "share_direct_address",
    "find_on_lan", "open_port", "stay_awake", "pause_on_battery", "at_once",
    "leave_by_itself",
)  # fmt: skip
MOVING = {
    "send": ("sent", -1),
    "bond": ("bond", -1),
    "take_out": ("taken_out", 1),
    "practice": ("practice", 1),
}
"""Entries that move money outside of orders: how the history calls them, and the amount's sign."""


def shell(frame: Frame, door: Door, chosen: bool, problem: str) -> ShellSnapshot:
    """Identity, connection and how many orders and subscriptions need the person."""
    needs = sum(status(order, circumstances(frame, order)) in NEEDS_YOU for order in frame.orders)
    needs += len(_asked(frame))
    ledger = frame.ledger
    return ShellSnapshot(
        name=door.name,
        code=short_code(frame.me) if frame.me else "",
        connection=_connection(frame),
        chain=ledger.state if ledger else "unreachable" if chosen and problem else "none",
        head_known=ledger is not None and ledger.head is not None,
        network=ledger.network.name if ledger else "",
        practice=ledger.network.practice if ledger else False,
        needs_you=needs,
        locked=door.locked,
        backed_up=door.backed_up,
    )


def _asked(frame: Frame) -> list[Task]:
    """Subscriptions that wait for an answer."""
    return [
        Task(one.subscription, "subscription", one.title, one.other, one.price, one.answer_by)
        for one in subscription_list(frame).cards
        if one.standing == "asked"
    ]


def _connection(frame: Frame) -> Connection:
    if frame.trading is None:
        return "offline" if frame.ledger else "starting"
    host = frame.trading.presence.host
    if host is None:
        return "starting"
    everywhere = frame.network is not None and frame.network.practice  # all on this computer
    shared = bool(settings.get(frame.session, "share_direct_address", False))
    opened = shared and host.router == "open"  # others know the address, and the router lets in
    if host.reached or opened or (everywhere and host.addresses):
        return "online"
    if frame.trading.relaying.held:
        return "relay"
    return "unlisted" if host.addresses else "starting"


def home(frame: Frame, before: HomeSnapshot | None = None) -> HomeSnapshot:
    """What needs the person, what runs, and the last thirty days in figures; these as they were
    ``before``, where nobody sees them or nothing they are made of has changed."""
    every = frame.orders
    tasks: list[Task] = _asked(frame)
    running = []
    for order in every:
        code = status(order, circumstances(frame, order))
        row = order_row(frame, order)
        if code in TASKS:
            named = (order.thread, TASKS[code], row.title, row.other, row.price)
            late = code in ("paused_late", "unplugged_late")
            tasks.append(Task(*named, go_on_by(frame, order) if late else due_at(order)))
        if code in DELIVERING:
            running.append(_running(frame, order, code, row.title, row.other))
    needs_you, runs = tuple(tasks), tuple(sorted(running, key=_in_turn))
    all_paused = frame.trading is not None and frame.trading.deliveries.pauses.all
    if before is not None:
        return replace(before, needs_you=needs_you, running=runs, all_paused=all_paused)
    since = frame.now - MONTH_SECONDS
    mine = [order for order in every if order.role == "owner"]
    paid = [
        order
        for order in mine
        if order.stage in (Stage.PAID, Stage.PAID_RATED) and (order.ended_at or 0) >= since
    ]
    rated = index.ratings_of(frame.session, frame.me) if frame.me else []
    balances = frame.trading.purse.balances.values() if frame.trading else ()
    return HomeSnapshot(
        needs_you=needs_you,
        running=runs,
        all_paused=all_paused,
        earned=_sums(frame, paid),
        held=_sums(frame, [order for order in every if order.stage in RUNNING]),
        orders_this_month=sum(order.made_at >= since for order in every),
        rating=ratings.overall(frame.session, rated),
        ratings=len(rated),
        recent=_recent(frame),
        datasets=sum(own.state == "registered" for own in datasets.list_own(frame.session)),
        wallet_empty=bool(balances)
        and not any(
            balance.available_units
            for balance in balances
            if balance.token in {currency.token for currency in frame.prices}
        ),
    )


def _recent(frame: Frame) -> tuple[RecentRecord, ...]:
    """The last record entries of mine, and of others about my orders; newest first."""
    mine = entries.newest(frame.session, SHOWN_ENTRIES)
    lines = [
        RecentRecord(
            entry.what,
            _entry_title(frame, entry),
            entry.recorded_at or entry.made_at,
            STATES.get(entry.state, entry.state),
        )
        for entry in mine[:RECENT]
    ]
    known = {(entry.thread, entry.what) for entry in mine}
    for order in frame.orders[:RECENT]:
        for event in orders.events(frame.session, order.thread):
            what = ORDER_KINDS.get(type(event))
            if what is not None and (order.thread, what) not in known:
                lines.append(
                    RecentRecord(what, _dataset_title(frame, order.dataset), event.at, "final")
                )
    return tuple(sorted(lines, key=lambda line: -line.at)[:RECENT])


def _in_turn(line: Running) -> tuple[int, bool, int]:
    """What moves, then those that wait for their turn, as they will go, then the others."""
    group = 0 if line.moves else 1 if line.place else 2
    return group, not line.sending and line.place > 0, line.place


def _running(frame: Frame, order: Order, code: str, title: str, other: str) -> Running:
    transfer = frame.trading.deliveries.transfer(order.thread) if frame.trading else None
    total = transfer.total_parts if transfer else 0
    states = {"wait_peer": "waiting", "deliver": "", "receive": ""}
    parcel = frame.trading.parcels.view(frame.session, order.thread) if frame.trading else None
    by_parcel = parcel is not None and parcel.doing and code in states
    active = transfer is not None and transfer.active
    around = circumstances(frame, order)
    place = around.place if code == "queued" and not by_parcel else 0
    can = actions(order, code, around)
    line = Running(
        order=order.thread,
        title=title,
        other=other,
        sending=order.role == "owner",
        done=transfer.confirmed_parts / total if transfer and total else 0.0,
        speed_bytes=transfer.speed_bytes if transfer else 0,
        state="running"
        if by_parcel
        else states.get(code, code.removesuffix("_late")) or ("running" if active else "waiting"),
        place=place,
        waiting=frame.trading.deliveries.turns.waiting(order.thread)
        if frame.trading and place
        else 0,
        button=next((one for one in ("pause", "resume") if one in can), ""),
    )
    left = _left(frame, order, parcel)
    if left is None:
        return line
    done = left.done_bytes / left.total_bytes if left.total_bytes else 0.0
    return replace(line, state="leaving", done=done, speed_bytes=left.speed_bytes)


def _left(frame: Frame, order: Order, parcel: ParcelView | None) -> Progress | None:
    """How far its parcel is on the way to a relay; None where none is, or it waits."""
    if frame.trading is None or parcel is None or parcel.doing != "leaving":
        return None
    return None if frame.trading.kept.waits(order.thread) else parcel.progress


def _sums(frame: Frame, some: list[Order]) -> tuple[Amount, ...]:
    sums: dict[str, int] = {}
    for order in some:
        token = order.proposal.token
        sums[token] = sums.get(token, 0) + order.proposal.price_units
    return tuple(frame.amount(units, token) for token, units in sums.items())


# Money


def money(frame: Frame) -> MoneySnapshot:
    """Every currency of the network, the fees' own last."""
    if frame.trading is None:
        return MoneySnapshot()
    every = frame.orders
    held: dict[tuple[str, str], int] = {}
    locked: dict[str, int] = {}
    for order in every:
        if order.stage not in RUNNING:
            continue
        token = order.proposal.token
        held[order.role, token] = held.get((order.role, token), 0) + order.proposal.price_units
        if order.role == "owner":
            locked[token] = locked.get(token, 0) + order.proposal.bond_units
    accounts = []
    for currency in frame.currencies:
        balance = frame.trading.purse.balances.get(currency.token)
        accounts.append(
            Account(
                currency=currency,
                available_units=balance.available_units if balance else 0,
                held_units=held.get(("buyer", currency.token), 0),
                incoming_units=held.get(("owner", currency.token), 0),
                bond_free_units=balance.bond_free_units if balance else 0,
                bond_locked_units=locked.get(currency.token, 0),
            )
        )
    newest = entries.newest(frame.session, SHOWN_ENTRIES)
    return MoneySnapshot(
        accounts=tuple(accounts),
        movements=_movements(frame, every, newest),
        address=frame.me,
        practice=frame.ledger is not None and has_practice_dollars(frame.ledger.network),
        fee_wei=_transfer_fee(frame),
        busy=any(entry.what in MOVING and entry.state in STATES for entry in newest),
    )


def _transfer_fee(frame: Frame) -> int | None:
    price = frame.ledger.gas_price_wei if frame.ledger else None
    return None if price is None else price * TRANSFER_GAS


def _movements(frame: Frame, every: list[Order], newest: list[Entry]) -> tuple[Movement, ...]:
    lines = []
    for entry in newest:
        if entry.what not in MOVING:
            continue
        values = settings.get(frame.session, f"entry:{entry.key}", None)
        if values is None:
            continue
        what, sign = MOVING[entry.what]
        lines.append(
            Movement(
                what=what,
                amount=frame.amount(sign * int(values["amount"]), values["token"]),
                at=entry.recorded_at or entry.made_at,
                state=STATES.get(entry.state, entry.state),
                other=frame.name(values["to"]) if "to" in values else "",
            )
        )
    for order in every:
        lines += _order_movements(frame, order)
    return tuple(sorted(lines, key=lambda line: -line.at))


def _order_movements(frame: Frame, order: Order) -> list[Movement]:
    units, token = order.proposal.price_units, order.proposal.token
    other = frame.name(order.other)
    lines = []

    def line(what: str, signed_units: int, at: int | None) -> None:
        amount = frame.amount(signed_units, token)
        lines.append(Movement(what, amount, at or 0, "final", other, order.thread))

    if order.role == "buyer" and order.funded_at is not None:
        line("paid", -units, order.funded_at)
        if order.stage == Stage.REFUNDED:
            line("refunded", units, order.ended_at)
    bond = order.proposal.bond_units
    if order.ending == "complaint" and bond:  # the contract gives the owner's bond to the buyer
        mine = order.role == "buyer"
        line("bond_won" if mine else "bond_lost", bond if mine else -bond, order.ended_at)
    if order.role == "owner" and order.stage in (Stage.PAID, Stage.PAID_RATED):
        line("earned", units, order.ended_at)
    return lines


# Records


def records(frame: Frame, key: str) -> RecordsSnapshot:
    """The entries of one order or dataset, or the newest of all (an empty key)."""
    subjects = _subjects(frame)
    chosen = next((subject for subject in subjects if subject.key == key), None)
    if chosen is None:
        shown = entries.newest(frame.session, SHOWN_ENTRIES)
    elif chosen.kind == "order":
        shown = entries.for_thread(frame.session, key)
    else:
        own = datasets.by_dataset_id(frame.session, bytes.fromhex(key))
        shown = entries.for_dataset(frame.session, own.key) if own else []
    mine = tuple(_record(frame, entry) for entry in shown)
    others = _others(frame, key, {one.entry for one in mine}) if chosen else ()
    every = sorted((*mine, *others), key=lambda one: -(one.at or frame.now))
    return RecordsSnapshot(
        key=key if chosen else "",
        title=chosen.title if chosen else "",
        subjects=subjects,
        entries=tuple(every),
        total_gas=sum(one.gas or 0 for one in mine),
        fee_symbol=frame.network.fee_symbol if frame.network else "",
    )


def _subjects(frame: Frame) -> tuple[Subject, ...]:
    found = [
        Subject(order.thread, order_row(frame, order).title, "order")
        for order in frame.orders
        if order.order_id
    ]
    found += [
        Subject(own.dataset_id.hex(), own.description.title, "dataset")
        for own in datasets.list_own(frame.session)
        if own.dataset_id is not None and own.state != "draft"
    ]
    return tuple(found)


def _record(frame: Frame, entry: Entry) -> RecordEntry:
    own = datasets.load(frame.session, entry.dataset) if entry.dataset else None
    newest = entry.attempts[-1].hash if entry.attempts else b""
    return RecordEntry(
        what=entry.what,
        title=_entry_title(frame, entry),
        by=frame.name(frame.me),
        by_me=True,
        at=entry.recorded_at,
        state=STATES.get(entry.state, entry.state),
        entry=(entry.tx_hash or newest).hex(),
        block=entry.block_number,
        gas=entry.gas_used,
        fee_wei=entry.fee_wei,
        order=entry.thread,
        dataset=own.dataset_id.hex() if own and own.dataset_id else "",
        problem=entry.problem,
    )


KINDS = {"Registered": "register", "ListingUpdated": "listing", "Withdrawn": "withdraw_listing",
         "TitleTransferred": "transfer_title", "Funded": "fund", "Revealed": "reveal",
         "Confirmed": "confirm", "Accepted": "accept", "Refunded": "refund", "Rated": "rate",
         "Acknowledged": "acknowledge", "Complained": "complain",
         }  # fmt: skip


def _others(frame: Frame, key: str, mine: set[str]) -> tuple[RecordEntry, ...]:
    """What the other side put on record about the same thing."""
    order = frame.order(key)
    if order is not None:
        facts = index.order_events(frame.session, order.order_id)
        other, dataset = order.other, order.dataset
    else:
        dataset = bytes.fromhex(key)
        facts = index.history(frame.session, dataset)
        row = index.registration(frame.session, dataset)
        other = row.registrant if row else ""
    final = frame.ledger.final_block if frame.ledger else -1
    about = tuple(
        RecordEntry(
            what=KINDS[type(fact.body).__name__],
            title=_dataset_title(frame, dataset),
            by=frame.name(other),
            by_me=False,
            at=fact.block_time,
            state="final" if fact.block_number <= final else "recorded",
            entry=fact.tx_hash.hex(),
            block=fact.block_number,
            gas=None,
            fee_wei=None,
            order=key if order else "",
            dataset=dataset.hex(),
        )
        for fact in facts
        if type(fact.body).__name__ in KINDS and fact.tx_hash.hex() not in mine
    )
    return about if order else (*about, *_same(frame, dataset))


def _same(frame: Frame, dataset: bytes) -> tuple[RecordEntry, ...]:
    """Registrations of the same content and of what is much like it, here and elsewhere."""
    own = index.registration(frame.session, dataset)
    if own is None:
        return ()
    same = same_content(frame, own.content_id, own.root)
    known = {row.dataset_id for row in same} | {dataset}
    like = likenesses(frame, search.said(own.listing).sketch, known)
    return (
        *(_likeness(frame, "same_content", row, own) for row in same if row.dataset_id != dataset),
        *(_likeness(frame, "alike", row, own) for row, _ in like),
    )


def _likeness(frame: Frame, what: str, row: Registered, own: RegisteredDataset) -> RecordEntry:
    known = match(frame, row)
    final = frame.is_final(row.block, known.chain_id)
    return RecordEntry(
        what=what,
        title=known.title,
        by=known.by,
        by_me=known.by_me,
        at=known.at,
        state="final" if final else "recorded",
        entry=row.tx_hash.hex(),
        block=row.block,
        gas=None,
        fee_wei=None,
        dataset="" if known.elsewhere else known.dataset,
        network=known.network if known.elsewhere else "",
        same=own.dataset_id.hex(),
        same_id=known.dataset,
        chain_id=known.chain_id,
        unclear=beside(claim(frame, row), claim(frame, own)) == "unclear",
    )


def _entry_title(frame: Frame, entry: Entry) -> str:
    if entry.title or not entry.thread:
        return entry.title
    order = frame.order(entry.thread)
    return _dataset_title(frame, order.dataset) if order else ""


def _dataset_title(frame: Frame, dataset: bytes) -> str:
    row = index.registration(frame.session, dataset)
    return row.title if row else ""


# Settings


def _people(frame: Frame) -> tuple[Person, ...]:
    """Contacts and blocked parties, by name."""
    every = [
        frame.person(about)
        for about, one in private.everything(frame.session).items()
        if one.contact or one.blocked
    ]
    return tuple(sorted(every, key=lambda one: (one.name.casefold(), one.address)))


@cache
def _version() -> str:
    return version("lading")


def settings_page(frame: Frame, door: Door, profile: Profile) -> SettingsSnapshot:
    chosen = settings.every(frame.session, CHOICES)

    def kept(key: str, default: object) -> object:
        return chosen.get(key, default)

    bandwidth = line.kept(frame.session)
    network, trading = frame.network, frame.trading
    host = trading.presence.host if trading else None
    head = frame.ledger.head if frame.ledger else None
    return SettingsSnapshot(
        name=door.name,
        address=frame.me,
        peer_id=host.peer_id if host else "",
        backed_up=door.backed_up,
        appearance=str(kept("appearance", "system")),
        language=str(kept("language", "system")),
        downloads=str(kept("downloads", "") or profile.folder / "received"),
        profile=str(profile.folder),
        auto_lock_minutes=int(str(kept("auto_lock_minutes", 15))),
        share_direct_address=bool(kept("share_direct_address", False)),
        find_on_lan=bool(kept("find_on_lan", False)),
        open_port=bool(kept("open_port", False)),
        router=host.router if host else "off",
        bandwidth=bandwidth,
        stay_awake=bool(kept("stay_awake", False)),
        pause_on_battery=bool(kept("pause_on_battery", False)),
        has_battery=trading is not None and trading.plug.has_battery,
        leave_by_itself=bool(kept("leave_by_itself", False)),
        at_once=int(str(kept("at_once", AT_ONCE))),
        full_speed_now=is_full_speed(bandwidth, line.minute_of_day()),
        network=network.name if network else "",
        practice=network.practice if network else False,
        chain_id=network.chain_id if network else 0,
        rpc=network.rpc_urls[0] if network else "",
        endpoints=len(network.rpc_urls) if network else 0,
        endpoints_needed=frame.ledger.gateway.needed if frame.ledger else 0,
        endpoints_prove=frame.ledger.gateway.proves if frame.ledger else None,
        registry=network.registry if network else "",
        exchange=network.exchange if network else "",
        confirmations=network.confirmations if network else 0,
        block_number=head.number if head else 0,
        addresses=host.addresses if host else (),
        relays=trading.relaying.rows if trading else (),
        others=frame.others,
        people=_people(frame),
        version=_version(),
        words=door.shown_words,
        ask=ASKED,
    )
