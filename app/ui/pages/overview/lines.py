"""The rows of Home: a task, a delivery, something recorded."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QProgressBar

from app.domain.commands import MoveDelivery, PauseDelivery, ResumeDelivery
from app.domain.snapshots.shell import RecentRecord, Running, Task
from app.ui.pages.overview.rows import Line
from app.ui.phrases import home as phrases
from app.ui.phrases import words
from app.ui.widgets.buttons import Button
from app.ui.widgets.layout import column, row
from app.ui.widgets.text import Icon, label, set_property

_TASK_ICONS = {
    "answer": "handshake",
    "sign": "signature",
    "pay": "banknote",
    "check": "shield-check",
    "rate": "star",
    "resume": "play",
    "plug_in": "zap",
    "unlock": "lock-open",
    "reply": "message-square",
    "subscription": "refresh-cw",
}


class TaskLine(Line):
    """Something only the person can do, and the button that leads there."""

    opened = Signal(str)

    def __init__(self) -> None:
        super().__init__()
        self._order = ""
        self._icon = Icon("inbox", "warn", 20, 1.75)
        self._title = label(role="strong", wrap=True)
        self._facts = label(role="hint", wrap=True)
        self.button = Button(name="home.task")
        self.button.clicked.connect(lambda: self.opened.emit(self._order))
        inside = row(
            self._icon,
            column(self._title, self._facts, spacing=2),
            self.button,
            spacing=14,
            margins=(0, 11, 0, 11),
        )
        inside.setStretch(1, 1)
        self.setLayout(inside)

    def say(self, value: Task) -> None:
        self._order = value.order
        self._icon.set_icon(_TASK_ICONS.get(value.kind, "inbox"), "warn")
        self._title.setText(phrases.task(value))
        self._facts.setText(phrases.task_facts(value))
        self.button.say(phrases.do(value))
        self.button.setAccessibleName(f"{phrases.do(value)}: {phrases.task(value)}")


class RunningLine(Line):
    """A delivery, either way, with its bar; one that waits for its turn can go earlier or later."""

    opened = Signal(str)
    asked = Signal(object)

    def __init__(self) -> None:
        super().__init__()
        self._order, self._button = "", ""
        self._icon = Icon("arrow-up-right", "accent", 18, 2)
        self._title = label(role="strong", wrap=True)
        self._percent = label(role="strong")
        self._facts = label(role="hint", wrap=True)
        self._bar = QProgressBar()
        self._bar.setTextVisible(False)
        self._bar.setRange(0, 1000)
        self.button = Button(phrases.text("open"), "link", name="home.running.open")
        self.button.clicked.connect(lambda: self.opened.emit(self._order))
        self._earlier = Button(kind="icon", icon="chevron-up", name="home.running.earlier")
        self._later = Button(kind="icon", icon="chevron-down", name="home.running.later")
        self._pause = Button(kind="icon", icon="pause", name="home.running.pause")
        self._earlier.clicked.connect(lambda: self.asked.emit(MoveDelivery(self._order, -1)))
        self._later.clicked.connect(lambda: self.asked.emit(MoveDelivery(self._order, 1)))
        self._pause.clicked.connect(self._pause_or_resume)
        head = row(self._icon, self._title, self._percent, spacing=10)
        head.setStretch(1, 1)
        buttons = row(self._earlier, self._later, self._pause, self.button, spacing=2)
        under = row(self._facts, buttons)
        under.setStretch(0, 1)
        self.setLayout(column(head, self._bar, under, spacing=5, margins=(0, 11, 0, 5)))

    def say(self, value: Running) -> None:
        self._order = value.order
        self._icon.set_icon("arrow-up-right" if value.sending else "arrow-down-left", "accent")
        self._title.setText(value.title)
        self._percent.setText(words.percent(value.done))
        self._facts.setText(phrases.running_facts(value))
        self._bar.setValue(int(value.done * 1000))
        self._bar.setAccessibleName(phrases.running_meaning(value))
        self.button.setAccessibleName(f"{phrases.text('open')}: {value.title}")
        self._button = value.button
        self._pause.set_icon("play" if value.button == "resume" else "pause")
        moves = {self._earlier: value.place > 1, self._later: value.place < value.waiting}
        for button, code in (
            (self._earlier, "earlier"),
            (self._later, "later"),
            (self._pause, value.button),
        ):
            button.mean(phrases.running_button(code, value) if code else "")
        if self._later.hasFocus() and moves[self._earlier] and not moves[self._later]:
            # At the end of its way the keyboard would go on to the button that pauses it.
            self._earlier.setEnabled(True)
            self._earlier.setFocus()
        elif value.waiting <= 1 and (self._earlier.hasFocus() or self._later.hasFocus()):
            self.button.setFocus()  # both go, and this one only opens the order
        for button, possible in moves.items():
            button.setEnabled(possible)
            button.setVisible(value.waiting > 1)
        self._pause.setVisible(bool(value.button))

    def _pause_or_resume(self) -> None:
        resume = self._button == "resume"
        self.asked.emit(ResumeDelivery(self._order) if resume else PauseDelivery(self._order))


class RecentLine(Line):
    """What was recorded, about what, and when."""

    def __init__(self) -> None:
        super().__init__()
        self._icon = Icon("stamp", "accent", 16, 1.75)
        self._what = label(wrap=True)
        self._title = label(role="hint", wrap=True)
        self._at = label(role="hint")
        inside = row(
            self._icon,
            column(self._what, self._title, spacing=1),
            self._at,
            spacing=12,
            margins=(0, 7, 0, 7),
        )
        inside.setStretch(1, 1)
        self.setLayout(inside)

    def say(self, value: RecentRecord) -> None:
        failed = value.state == "failed"
        settled = value.state in ("recorded", "final")
        self._icon.set_icon("circle-x" if failed else "stamp", "danger" if failed else "accent")
        self._what.setText(words.record_entry(value.what))
        self._title.setText(value.title)
        self._title.setVisible(bool(value.title))
        self._at.setText(words.moment(value.at) if settled else words.record_state(value.state))
        set_property(self._at, "role", "error" if failed else "hint")
