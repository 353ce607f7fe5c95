"""Everything about one entry."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from app.domain.snapshots.records import RecordEntry, RecordsSnapshot
from app.ui.page import scrolling
from app.ui.phrases import challenge as challenge_phrases
from app.ui.phrases import records as phrases
from app.ui.phrases import words
from app.ui.widgets.buttons import Button, CopyButton
from app.ui.widgets.facts import KeyValues
from app.ui.widgets.layout import Flow, column, frame, row, rule
from app.ui.widgets.text import Icon, Lead, label
from app.ui.widgets.timeline import Mark, Timeline

_STATES = ("being_recorded", "recorded", "final")


class EntryDetail(QWidget):
    """``opened`` emits "order" or "dataset" and its key, ``only`` the key to show alone."""

    opened = Signal(str, str)
    only = Signal(str)
    compared = Signal(object)  # the entry

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("records.detail")
        self.setFixedWidth(336)
        self._entry: RecordEntry | None = None
        self._what = label(role="stat", wrap=True, name="records.what")
        self._title = label(role="muted", wrap=True)
        self._line = Timeline("records.states")
        self._line.setMinimumWidth(240)
        self._means = label(role="hint", wrap=True)
        self._problem = Lead("records.problem")
        stop = row(Icon("triangle-alert", "danger", 18, 2), self._problem, spacing=10)
        stop.setContentsMargins(12, 10, 12, 10)
        stop.setStretch(1, 1)
        self._stop = frame("stop", stop)
        self._facts = KeyValues(key_width=84, name="records.facts")
        self._id_name = label(phrases.text("entry"), "muted")
        self._id = label(role="mono", wrap=True, name="records.entry")
        self._copy = CopyButton(name="records.entry.copy")
        self.order = Button(phrases.text("order"), name="records.order")
        self.dataset = Button(phrases.text("dataset"), name="records.dataset")
        self.compare = Button(
            challenge_phrases.text("compare"), icon="copy", name="records.compare"
        )
        self.alone = Button(phrases.text("only"), "link", name="records.only")
        self.order.clicked.connect(lambda: self._open("order"))
        self.dataset.clicked.connect(lambda: self._open("dataset"))
        self.alone.clicked.connect(self._only)
        self.compare.clicked.connect(lambda: self.compared.emit(self._entry))
        links = QWidget()
        links.setLayout(Flow(self.order, self.dataset, self.compare))
        inside = column(
            column(self._what, self._title, spacing=2),
            self._stop,
            self._line,
            self._means,
            rule(),
            self._facts,
            column(row(self._id_name, None, self._copy), self._id, spacing=2),
            links,
            row(self.alone, None),
            None,
            spacing=12,
            margins=(18, 16, 14, 14),
        )
        area = scrolling(inside)
        area.setProperty("surface", "card")
        for part in (area.widget(), area.viewport()):
            if part is not None:
                part.setProperty("surface", "plain")
                part.setAutoFillBackground(False)
        self.setLayout(column(area))

    def say(self, entry: RecordEntry, snapshot: RecordsSnapshot) -> None:
        self._entry = entry
        failed = entry.state == "failed"
        self._what.setText(words.record_entry(entry.what))
        self._title.setText(entry.title)
        self._title.setVisible(bool(entry.title))
        self._line.setVisible(not failed)
        self._stop.setVisible(failed)
        self._means.setVisible(not failed)
        if failed:
            self._problem.say(phrases.text("failed.lead"), entry.problem or phrases.state("failed"))
        else:
            self._line.say(_marks(entry), words.record_state(entry.state))
            self._means.setText(phrases.state(entry.state))
        network = [(phrases.text("network"), entry.network)] if entry.network else []
        unclear = [(phrases.text("first"), phrases.text("first.unclear"))] if entry.unclear else []
        self._facts.say(
            (phrases.text("by"), phrases.by_whole(entry)),
            *network,
            (phrases.text("time"), words.moment(entry.at) or phrases.text("none")),
            *unclear,
            (phrases.text("block"), _number(entry.block)),
            (phrases.text("fee"), _fee(entry, snapshot)),
            (phrases.text("gas"), _number(entry.gas) if entry.by_me else "–"),
        )
        self._id.setText(words.grouped(entry.entry))
        self._copy.text_to_copy = f"0x{entry.entry}"
        for part in (self._id, self._id_name, self._copy):
            part.setVisible(bool(entry.entry))
        self.order.setVisible(bool(entry.order))
        self.dataset.setVisible(bool(entry.dataset))
        self.compare.setVisible(bool(entry.same))
        self.alone.setVisible(bool(self._subject()) and not snapshot.key)

    def _subject(self) -> str:
        return (self._entry.order or self._entry.dataset) if self._entry else ""

    def _open(self, kind: str) -> None:
        if self._entry is not None:
            key = self._entry.order if kind == "order" else self._entry.dataset
            self.opened.emit(kind, key)

    def _only(self) -> None:
        self.only.emit(self._subject())


def _number(value: int | None) -> str:
    return phrases.text("none") if value is None else words.number(value)


def _fee(entry: RecordEntry, snapshot: RecordsSnapshot) -> str:
    if entry.fee_wei is None and entry.state == "failed":
        return "–"
    if entry.fee_wei is None:
        return phrases.text("none" if entry.by_me else "theirs")
    return phrases.fee(entry.fee_wei, snapshot)


def _marks(entry: RecordEntry) -> tuple[Mark, ...]:
    at = _STATES.index(entry.state) if entry.state in _STATES else 0
    last = len(_STATES) - 1
    marks = []
    for i, state in enumerate(_STATES):
        if i < at or at == last:
            stands = Mark(phrases.mark(state), "", "done")
        else:
            stands = Mark(phrases.mark(state), "", "now" if i == at else "to_come")
        marks.append(stands)
    return tuple(marks)
