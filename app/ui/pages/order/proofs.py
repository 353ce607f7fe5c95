"""What was checked, what both signed, what is on the permanent record."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFrame, QWidget

from app.domain.snapshots.datasets import Comparison
from app.domain.snapshots.orders import OrderSnapshot, RecordLine, Tick
from app.ui.phrases import delivery as delivery_phrases
from app.ui.phrases import order as phrases
from app.ui.phrases import profile, words
from app.ui.widgets.buttons import Button
from app.ui.widgets.facts import KeyValues, Lines
from app.ui.widgets.layout import column, row
from app.ui.widgets.text import Icon, label

_MARKS = {
    True: ("circle-check", "accent"),
    False: ("circle-x", "danger"),
    None: ("circle", "ink3"),
}
_MARGINS = (20, 16, 20, 16)


class Checked(QFrame):
    """The ticks of Verify; only the buyer's computer has them."""

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("order.checked")
        self.setProperty("surface", "card")
        self._lines = Lines("order.ticks")
        self._problem = label(role="muted", wrap=True, name="order.problem")
        self._compared_title = label(role="strong", name="order.compared_title")
        self._compared = Lines("order.compared")
        self._compared_hint = label(profile.compared_hint(), "hint", wrap=True)
        self.setLayout(
            column(
                label(delivery_phrases.check_title(), "h2"),
                self._lines,
                label(delivery_phrases.what_is_proven(), "hint", wrap=True),
                self._compared_title,
                self._compared,
                self._compared_hint,
                self._problem,
                margins=_MARGINS,
                spacing=10,
            )
        )
        self._shown: tuple[Tick, ...] | None = None
        self._against: tuple[Comparison, ...] | None = None

    def say(self, order: OrderSnapshot) -> None:
        self._compare(order)
        self.setVisible(bool(order.ticks or order.problem_noted))
        noted = phrases.problem_noted(order.problem_noted) if order.problem_noted else ""
        self._problem.setText(noted)
        self._problem.setVisible(bool(noted))
        if order.ticks != self._shown:
            self._shown = order.ticks
            self._lines.say(*(_tick(tick) for tick in order.ticks))

    def _compare(self, order: OrderSnapshot) -> None:
        """What the owner had declared against what came."""
        some = bool(order.compared)
        self._compared_title.setText(profile.compared_title(len(order.compared)))
        self._compared_title.setVisible(some or order.comparing)
        self._compared.setVisible(some)
        self._compared_hint.setVisible(some)
        if order.compared != self._against:
            self._against = order.compared
            self._compared.say(*(_against(line) for line in order.compared))


def _against(line: Comparison) -> QWidget:
    differs = line.verdict == "differs"
    icon, token = ("triangle-alert", "warn") if differs else _MARKS[True]
    value = label(profile.compared(line), "hint", wrap=True)
    box = row(Icon(icon, token, 16, 2), label(profile.dimension(line.what)), value, spacing=10)
    box.setStretch(2, 1)
    made = QWidget()
    made.setAccessibleName(f"{profile.dimension(line.what)}: {value.text()}")
    made.setLayout(box)
    return made


def _tick(tick: Tick) -> QWidget:
    icon, token = _MARKS[tick.ok]
    value = label(tick.value, "hint", wrap=True)
    box = row(Icon(icon, token, 16, 2), label(delivery_phrases.tick(tick)), value, spacing=10)
    box.setStretch(2, 1)
    made = QWidget()
    made.setAccessibleName(delivery_phrases.tick_spoken(tick))
    made.setLayout(box)
    return made


class Signed(QFrame):
    chosen = Signal(str)  # "agreement"

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("order.signed")
        self.setProperty("surface", "card")
        self._title = label(role="h2")
        self._open = Button(phrases.open_agreement(), "link", name="order.agreement")
        self._open.clicked.connect(lambda: self.chosen.emit("agreement"))
        self._lines = KeyValues(name="order.terms")
        head = row(self._title, None, self._open)
        self.setLayout(column(head, self._lines, None, margins=_MARGINS, spacing=10))

    def say(self, order: OrderSnapshot) -> None:
        self.setVisible(order.held or bool(order.ended))  # until then it stands on the table
        self._title.setText(phrases.signed_title(order))
        self._lines.say(*phrases.signed_lines(order))


class Recorded(QFrame):
    chosen = Signal(str)  # "records"

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("order.recorded")
        self.setProperty("surface", "card")
        self._open = Button(phrases.show_in_records(), "link", name="order.records")
        self._open.clicked.connect(lambda: self.chosen.emit("records"))
        self._lines = Lines("order.entries", spacing=8)
        self._none = label(phrases.nothing_recorded(), "muted", wrap=True)
        head = row(label(phrases.recorded_title(), "h2"), None, self._open)
        self.setLayout(column(head, self._lines, self._none, None, margins=_MARGINS, spacing=10))
        self._shown: tuple[RecordLine, ...] | None = None

    def say(self, order: OrderSnapshot) -> None:
        self._none.setVisible(not order.records)
        self._lines.setVisible(bool(order.records))
        self._open.setVisible(bool(order.records))
        if order.records != self._shown:
            self._shown = order.records
            self._lines.say(*(_entry(line) for line in order.records))


def _entry(line: RecordLine) -> QWidget:
    failed, final = line.state == "failed", line.state == "final"
    when = words.moment(line.at) if final else words.record_state(line.state)
    what = label(words.record_entry(line.what), wrap=True)
    right = label(when, "error" if failed else "hint")
    box = row(Icon("stamp", "danger" if failed else "accent", 16, 2), what, right, spacing=10)
    box.setStretch(1, 1)
    made = QWidget()
    made.setAccessibleName(f"{what.text()}, {words.record_state(line.state)}, {when}")
    made.setLayout(box)
    return made
