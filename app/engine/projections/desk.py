"""What is open in front of the person, and which snapshots changed since they were last told.

Every snapshot is computed from the database and the running parts; one that equals what was told
last is not told again. Which order, dataset or draft is open follows from the commands. What nobody
looks at is not computed: all of it after each block would take the window's time. But what a page
decides by when it is gone to (whether its draft is on record, which order is the newest), and what
the window itself needs, is told whatever is in front.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator
from itertools import chain

from app.domain import commands as cmd
from app.domain.snapshots.challenge import ChallengeSnapshot
from app.domain.snapshots.datasets import (
    BrowseSnapshot,
    DatasetSnapshot,
    DatasetsSnapshot,
)
from app.domain.snapshots.money import MoneySnapshot
from app.domain.snapshots.orders import OrderSnapshot
from app.domain.snapshots.records import RecordsSnapshot
from app.domain.snapshots.shell import HomeSnapshot
from app.domain.snapshots.subscriptions import SubscriptionsSnapshot
from app.domain.snapshots.wants import WantedSnapshot
from app.engine.door import Door
from app.engine.elsewhere import OtherNetworks
from app.engine.finding import Finding
from app.engine.ledger import Ledger
from app.engine.locating import Recognised
from app.engine.membership import Membership
from app.engine.profile import Profile
from app.engine.projections import (
    challenge,
    datasets,
    order_page,
    orders,
    shell,
    subscriptions,
    wants,
)
from app.engine.projections.challenge import Subject
from app.engine.projections.frame import Frame
from app.engine.trading import Handler, Trading
from app.store.database import Database


class Desk:
    """Computes snapshots; ``handlers`` are the commands that only change what is open."""

    def __init__(
        self,
        profile: Profile,
        database: Database,
        door: Door,
        others: OtherNetworks,
        finding: Finding,
    ) -> None:
        self._profile = profile
        self._database = database
        self._door = door
        self._others = others
        self._finding = finding
        self._order = ""
        self._dataset = ""
        self._draft = ""
        self._draft_left = False  # for an order
        self._drafts_opened = 0
        self._records = ""
        self._challenge: cmd.OpenChallenge | None = None
        self._kinds: frozenset[type] | None = None
        self._told: dict[type, object] = {}

    @property
    def handlers(self) -> dict[type, Handler]:
        return {
            cmd.LookAt: self._look_at,
            cmd.OpenDraft: self._open_draft,
            cmd.OpenOrder: self._open_order,
            cmd.OpenDataset: lambda command: self._open(dataset=command.dataset),
            cmd.OpenRecords: lambda command: self._open(records=command.key),
            cmd.OpenChallenge: self._open_challenge,
        }

    def answered(self, command: object, result: object) -> None:
        """A command went through: what it made is opened."""
        match command, result:
            case (
                (cmd.RequestOffer() | cmd.AskOwner() | cmd.AnswerWant() | cmd.ImportParcel()),
                str(thread),
            ):
                self._open(order=thread)
            case cmd.ChooseContent(), Recognised(key=key):
                self._draft, self._draft_left = key, False
                self._drafts_opened += 1  # also where the page had left it before
            case cmd.DiscardDraft(), _:
                self._draft = ""

    def opening(self, command: object) -> None:
        """A command is about to run: the draft it works on is shown while it does."""
        draft = getattr(command, "draft", None)
        # What is stopped need not be a draft: a dataset's files are looked for the same way.
        if isinstance(draft, str) and not isinstance(command, cmd.CancelFingerprint):
            self._draft, self._draft_left = draft, False

    def looks(
        self, ledger: Ledger | None, trading: Trading | None, membership: Membership | None
    ) -> Generator[object, None, None]:
        """The snapshots that are not what was told last, in the order windows need them; without
        ``membership`` only of those that show how far transfers are. None for one that is what was
        told last: between any two, who has more urgent work can do it. All are of one moment of the
        database, and nothing that runs is older in one than in the order's page, which comes last:
        whoever sees it knows the rest."""
        with self._database.glance() as session:
            frame = Frame(session, ledger, trading, self._others.rows)
            page = (
                order_page.order_page(frame, self._order)
                if self._order and self.sees(OrderSnapshot)
                else None
            )
            yield None
            snapshots = (
                self._snapshots(frame, membership)
                if membership
                else self._moving(frame, self._home())
            )
            for snapshot in chain(snapshots, (page,)):
                if snapshot is None or self._told.get(type(snapshot)) == snapshot:
                    yield None
                else:
                    self._told[type(snapshot)] = snapshot
                    yield snapshot

    def _snapshots(self, frame: Frame, membership: Membership) -> Iterator[object]:
        door = self._door
        waiting = orders.waiting(frame, every=door.wallet is None) if door.locked else ()
        page = shell.settings_page(frame, door, self._profile)
        door.hide_words()  # told once, kept nowhere
        yield page
        yield shell.shell(frame, door, membership.chosen, membership.problem)
        yield door.snapshot(membership.chosen, membership.practice_possible, waiting)
        yield from self._seen(
            {
                DatasetsSnapshot: lambda: datasets.own_datasets(frame),
                BrowseSnapshot: lambda: self._finding.snapshot(frame),
                WantedSnapshot: lambda: wants.board(frame),
                SubscriptionsSnapshot: lambda: subscriptions.subscription_list(frame),
                RecordsSnapshot: lambda: shell.records(frame, self._records),
                MoneySnapshot: lambda: shell.money(frame),
                DatasetSnapshot: lambda: self._dataset and datasets.dataset(frame, self._dataset),
                ChallengeSnapshot: lambda: (
                    self._challenge and challenge.challenge(frame, self._challenge)
                ),
            }
        )
        if self._draft:
            draft = datasets.draft(frame, self._draft, self._drafts_opened)
            if draft.state == "final" and self._draft_left:
                self._draft = ""  # before it is told: another can be opened meanwhile
            yield draft
        yield from self._moving(frame, None if self.sees(HomeSnapshot) else self._home())

    def _moving(self, frame: Frame, home: HomeSnapshot | None) -> Iterator[object]:
        """What shows how far transfers are; of Home only that, where it was told before."""
        yield shell.home(frame, home)
        yield orders.order_list(frame)

    def _home(self) -> HomeSnapshot | None:
        """As it was told last."""
        told = self._told.get(HomeSnapshot)
        return told if isinstance(told, HomeSnapshot) else None

    def sees(self, kind: type) -> bool:
        """Whether anybody looks at snapshots of this kind."""
        return self._kinds is None or kind in self._kinds

    def _seen(self, pages: dict[type, Callable[[], object]]) -> Iterator[object]:
        """Of these, what somebody looks at and there is."""
        for kind, make in pages.items():
            if self.sees(kind) and (snapshot := make()):
                yield snapshot

    def _look_at(self, command: cmd.LookAt) -> None:
        self._kinds = command.kinds

    def _open_order(self, command: cmd.OpenOrder) -> None:
        """No way leads from an order back to a dataset's page, or that of a draft on record, but
        opening it anew."""
        self._draft_left = True
        self._open(order=command.order, dataset="")

    def _open_draft(self, command: cmd.OpenDraft) -> None:
        self._drafts_opened += 1

    def _open_challenge(self, command: cmd.OpenChallenge) -> None:
        self._challenge = command

    def challenged(self, ledger: Ledger, trading: Trading | None) -> tuple[Subject, Subject] | None:
        """The two that are side by side on the open page."""
        if self._challenge is None:
            return None
        with self._database.read() as session:
            frame = Frame(session, ledger, trading, self._others.rows)
            return challenge.subjects(frame, self._challenge)

    def _open(
        self,
        *,
        order: str | None = None,
        dataset: str | None = None,
        draft: str | None = None,
        records: str | None = None,
    ) -> None:
        self._order = self._order if order is None else order
        self._dataset = self._dataset if dataset is None else dataset
        self._draft = self._draft if draft is None else draft
        self._records = self._records if records is None else records
