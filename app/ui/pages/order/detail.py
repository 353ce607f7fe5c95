"""The page of one order, from its head down to the messages, and the sheets it opens."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFileDialog, QStackedWidget, QWidget

from app.domain.commands import (
    DeliverNext,
    ImportParcel,
    LeaveParcel,
    OpenDataset,
    OpenRecords,
    PauseDelivery,
    ResumeAll,
    ResumeDelivery,
    SaveProof,
    StopParcel,
)
from app.domain.snapshots.orders import OrderSnapshot
from app.domain.snapshots.shell import Notice, SettingsSnapshot
from app.ui.dialogs.agreement import AgreementSheet, PaySheet, SignSheet
from app.ui.dialogs.counter import AcceptSheet, CounterSheet
from app.ui.dialogs.ending import DeclineSheet, ReportSheet, ReturnSheet
from app.ui.dialogs.order_sheet import OrderSheet
from app.ui.dialogs.parcel import ParcelSheet
from app.ui.dialogs.person import PersonSheet
from app.ui.dialogs.rating import RatingSheet
from app.ui.dialogs.recovery import WordsSheet
from app.ui.dialogs.watching import WatchSheet
from app.ui.page import scrolling
from app.ui.pages.order.delivery import Delivery
from app.ui.pages.order.ending import Ended
from app.ui.pages.order.head import Head, Steps
from app.ui.pages.order.proofs import Checked, Recorded, Signed
from app.ui.pages.order.proposals import Proposals
from app.ui.pages.order.talk import Talk
from app.ui.pages.order.todo import Todo
from app.ui.pages.order.version import NewVersion
from app.ui.phrases import endings, parcels
from app.ui.phrases import orders as phrases
from app.ui.widgets.facts import Empty
from app.ui.widgets.layout import Pair, column

_SHEETS: dict[str, Callable[[OrderSnapshot, QWidget], OrderSheet]] = {
    "pay": PaySheet,
    "sign": SignSheet,
    "confirm": lambda order, parent: RatingSheet("confirm", order, parent),
    "rate": lambda order, parent: RatingSheet("rate", order, parent),
    "accept": AcceptSheet,
    "counter": CounterSheet,
    "report": ReportSheet,
    "let_watch": WatchSheet,
    "save_parcel": ParcelSheet,
    "return_payment": ReturnSheet,
    "decline": DeclineSheet,
    "agreement": AgreementSheet,
}


class OrderDetail(QStackedWidget):
    """``show_snapshot`` updates every part in place; before the first one it teaches."""

    asked = Signal(object)
    went = Signal(str)

    def __init__(self) -> None:
        super().__init__()
        self.order: OrderSnapshot | None = None
        self.sheet: OrderSheet | None = None
        self._person: PersonSheet | None = None
        self._words: WordsSheet | None = None
        self._settings = SettingsSnapshot()
        # made in the order of reading, which is the order of the Tab key too
        head, self._todo, ended, newer = Head(), Todo(), Ended(), NewVersion()
        proposals, self._delivery = Proposals(), Delivery()
        signed, recorded, self.talk = Signed(), Recorded(), Talk()
        self._parts = (
            *(head, Steps(), self._todo, ended, newer, proposals, self._delivery, Checked()),
            *(signed, recorded, self.talk),
        )
        *upper, _, _, _ = self._parts
        content = column(
            *upper,
            Pair(signed, recorded),
            self.talk,
            None,
            margins=(28, 22, 28, 22),
            spacing=14,
        )
        self._area = scrolling(content)
        self._none = Empty("inbox", *phrases.none_open(), name="order.none")
        self.addWidget(self._none)
        self.addWidget(self._area)
        self.talk.asked.connect(self.asked)
        for part in (head, self._todo, ended, newer, self._delivery, signed, recorded):
            part.chosen.connect(self._choose)

    def show_snapshot(self, order: OrderSnapshot) -> None:
        if self.order is None or order.order != self.order.order:
            self._area.verticalScrollBar().setValue(0)
        self.order = order
        for part in self._parts:
            part.say(order)
        self.setCurrentWidget(self._area)
        if self.sheet is not None:
            self.sheet.show_snapshot(order)
        if self._person is not None:
            self._person.say(order.person)

    def _choose(self, action: str) -> None:
        order = self.order
        if order is None:
            return
        if action == "pause":
            self.asked.emit(PauseDelivery(order.order))
        elif action == "resume":
            self.asked.emit(ResumeDelivery(order.order))
        elif action == "deliver_next":
            self.asked.emit(DeliverNext(order.order))
        elif action == "resume_all":
            self.asked.emit(ResumeAll())
        elif action == "records":
            self.asked.emit(OpenRecords(order.order))
            self.went.emit("records")
        elif action in ("dataset", "newer"):
            newer = action == "newer" and order.newer
            self.asked.emit(OpenDataset(newer.dataset if newer else order.dataset))
            self.went.emit("dataset")
        elif action == "open_parcel":
            self._open_parcel(order)
        elif action == "leave_parcel":
            self.asked.emit(LeaveParcel(order.order))
        elif action == "stop_parcel":
            self.asked.emit(StopParcel(order.order))
        elif action == "person":
            self._open_person(order)
        elif action == "proof":
            self._save_proof(order)
        else:
            self._open(_SHEETS[action](order, self.window()))

    def _save_proof(self, order: OrderSnapshot) -> None:
        path, _ = QFileDialog.getSaveFileName(
            self.window(), endings.save_proof(), endings.proof_file(order), endings.proof_filter()
        )
        if path:
            self.asked.emit(SaveProof(order.order, Path(path)))

    def _open_person(self, order: OrderSnapshot) -> None:
        self._person = PersonSheet(order.person, self.window())
        self._person.asked.connect(self.asked)
        self._person.finished.connect(self._left_person)
        self._person.open()

    def _left_person(self) -> None:
        self._person = None

    def _open_parcel(self, order: OrderSnapshot) -> None:
        paths, _ = QFileDialog.getOpenFileNames(
            self.window(), parcels.choose_files(), "", parcels.files()
        )
        if paths:
            self.asked.emit(ImportParcel(tuple(map(Path, paths)), order.order))

    def tell(self, message: SettingsSnapshot | Notice) -> None:
        """The recovery words pass through to their sheet; they are never kept here."""
        if self._words is not None:
            self._words.told(message)
        if isinstance(message, SettingsSnapshot):
            self._settings = replace(message, words=())

    def _recover(self) -> None:
        self._words = WordsSheet(self._settings, self.sheet)
        self._words.asked.connect(self.asked)
        self._words.finished.connect(self._recovered)
        self._words.open()

    def _recovered(self) -> None:
        self._words = None

    def _open(self, sheet: OrderSheet) -> None:
        self.sheet = sheet
        if isinstance(sheet, PaySheet):
            sheet.recover.connect(self._recover)
        sheet.asked.connect(self.asked)
        sheet.finished.connect(self._closed)
        sheet.open()

    def _closed(self) -> None:
        self.sheet = None
