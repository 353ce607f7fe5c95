"""Records: entries of one order or dataset, or the newest of all."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QSignalBlocker
from PySide6.QtWidgets import QFileDialog, QWidget

from app.domain.commands import OpenChallenge, OpenDataset, OpenOrder, OpenRecords
from app.domain.snapshots.records import RecordEntry, RecordsSnapshot
from app.ui.page import Page
from app.ui.pages.entries.detail import EntryDetail
from app.ui.pages.entries.export import table
from app.ui.pages.entries.table import EntryTable, key
from app.ui.phrases import records as phrases
from app.ui.widgets.buttons import Button
from app.ui.widgets.facts import Empty
from app.ui.widgets.fields import Choice
from app.ui.widgets.layout import column, frame, row
from app.ui.widgets.text import label, set_property


class RecordsPage(Page):
    shows = (RecordsSnapshot,)

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("records")
        self._snapshot = RecordsSnapshot()
        self._chosen = ("", "", "", "")  # key of the entry the detail shows
        self.export = Button(phrases.text("export"), icon="download", name="records.export")
        self.export.clicked.connect(self._export)
        self._said = label(role="hint", wrap=True, name="records.said")
        self._said.hide()
        self.subject = Choice(
            "records.subject",
            [("", phrases.text("subject.all"))],
            meaning=phrases.text("subject"),
        )
        self.subject.setMaximumWidth(420)
        self.subject.activated.connect(lambda _: self._ask(self.subject.value()))
        self._totals = label(role="muted", wrap=True, name="records.totals")
        self._table = EntryTable()
        self._table.selectionModel().currentRowChanged.connect(self._show_entry)
        self._detail = EntryDetail()
        self._detail.opened.connect(self._open)
        self._detail.only.connect(self._ask)
        self._detail.compared.connect(self._compare)
        register = Button(phrases.text("none.do"), "primary", name="records.register")
        register.clicked.connect(lambda: self.went.emit("register"))
        self._none = Empty(
            "stamp", phrases.text("none.title"), phrases.text("none.text"), register, "records.none"
        )
        self._entries = QWidget()
        inside = row(
            frame("card", column(self._table, margins=(1, 8, 1, 8))), self._detail, spacing=14
        )
        inside.setStretch(0, 1)
        self._entries.setLayout(inside)
        choose = row(self.subject, self._totals, spacing=16)
        choose.setStretch(0, 2)
        choose.setStretch(1, 3)
        outer = column(
            row(label(phrases.text("title"), "h1"), None, self.export),
            label(phrases.text("text"), "muted", wrap=True),
            choose,
            self._said,
            self._none,
            self._entries,
            margins=(28, 22, 28, 22),
            spacing=14,
        )
        outer.setStretch(outer.indexOf(self._entries), 1)
        outer.setStretch(outer.indexOf(self._none), 1)
        whole = QWidget()
        whole.setMaximumWidth(1180)
        whole.setLayout(outer)
        self.setLayout(row(whole))
        self.show_snapshot(self._snapshot)

    def show_snapshot(self, snapshot: RecordsSnapshot) -> None:
        if snapshot.key != self._snapshot.key:
            self._said.hide()
        self._snapshot = snapshot
        blocked = QSignalBlocker(self.subject)
        options = [(one.key, phrases.subject(one)) for one in snapshot.subjects]
        self.subject.set_options([("", phrases.text("subject.all")), *options])
        self.subject.set_value(snapshot.key)
        blocked.unblock()
        there = bool(snapshot.entries)
        self._totals.setText(phrases.totals(snapshot) if there else "")
        self._none.setVisible(not there)
        self._entries.setVisible(there)
        self.export.setEnabled(there)
        self.subject.setVisible(bool(snapshot.subjects) or there)
        model = self._table.entries
        kept = self._chosen
        model.show(snapshot)
        if there:
            at = max(0, model.row_of(kept))
            self._table.setCurrentIndex(model.index(at, 0))
            self._show_entry()

    def _show_entry(self) -> None:
        entry = self._table.entries.entry(self._table.currentIndex().row())
        if entry is not None:
            self._chosen = key(entry)
            self._detail.say(entry, self._snapshot)

    def _ask(self, subject: str) -> None:
        self.asked.emit(OpenRecords(subject))

    def _open(self, kind: str, subject: str) -> None:
        self.asked.emit(OpenOrder(subject) if kind == "order" else OpenDataset(subject))

    def _compare(self, entry: RecordEntry) -> None:
        self.asked.emit(OpenChallenge(entry.same, entry.same_id, entry.chain_id, back="records"))

    def _export(self) -> None:
        path, _ = QFileDialog.getSaveFileName(
            self,
            phrases.text("export"),
            phrases.text("export.file"),
            phrases.text("export.filter"),
        )
        if not path:
            return
        target = Path(path if path.lower().endswith(".csv") else f"{path}.csv")
        try:
            target.write_bytes(table(self._snapshot))
        except OSError as error:
            said, role = phrases.not_exported(error.strerror or type(error).__name__), "error"
        else:
            said, role = phrases.exported(len(self._snapshot.entries), str(target)), "hint"
        set_property(self._said, "role", role)
        self._said.setText(said)
        self._said.show()
