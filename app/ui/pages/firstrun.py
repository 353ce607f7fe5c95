"""The first minute: in four steps to an identity on a network."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QStackedWidget, QWidget

from app.domain.commands import JoinNetwork, JoinPractice, LookRound, ProveWords
from app.domain.snapshots.shell import FirstRunSnapshot, Notice
from app.ui.page import Page
from app.ui.pages.beginning.identity import Create, Have, Welcome
from app.ui.pages.beginning.safety import Prove, Recovery
from app.ui.pages.beginning.steps import Steps
from app.ui.pages.beginning.view import View
from app.ui.pages.beginning.where import Where
from app.ui.phrases import firstrun as phrases
from app.ui.widgets.layout import column, row
from app.ui.widgets.notice import NoticeBar

# the engine's step → the views that belong to it; the first is the one it opens with
_VIEWS = {
    "welcome": ("welcome", "create", "have"),
    "recovery": ("words", "prove"),
    "network": ("network",),
}
_NEW = ("begin", "identity", "recovery", "network")
_BROUGHT = ("begin", "restore", "network")
_GUEST = ("begin", "network")
_DOING: dict[type, str] = {LookRound: "network", JoinPractice: "network", JoinNetwork: "network"}
_DOING |= {ProveWords: "words"}
_STEP_OF = {
    "welcome": "begin",
    "create": "identity",
    "have": "restore",
    "words": "recovery",
    "prove": "recovery",
    "network": "network",
}


class FirstRunPage(Page):
    """Welcome, name and password, recovery sheet, network.

    The engine says which of its steps is open, the page which view of it. What was typed stays
    until a step has succeeded; then nothing secret is left in any field.
    """

    shows = (FirstRunSnapshot, Notice)

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("firstrun")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setProperty("surface", "page")
        self._step = "welcome"
        self._view = "welcome"
        self._asked = ""  # the command whose answer is awaited, as notices name it
        self._recovery, self._prove, self._where = Recovery(), Prove(), Where()
        self.views: dict[str, View] = {
            "welcome": Welcome(),
            "create": Create(),
            "have": Have(),
            "words": self._recovery,
            "prove": self._prove,
            "network": self._where,
        }
        self._steps = Steps()
        self._problem = NoticeBar("firstrun.problem")
        self._stack = QStackedWidget()
        for view in self.views.values():
            view.asked.connect(self._ask)
            view.went.connect(self._open)
            self._stack.addWidget(view)
        inside = QWidget()
        inside.setMaximumWidth(640)
        self._column = column(self._problem, self._stack, spacing=14)
        inside.setLayout(self._column)
        right = QWidget()
        right.setLayout(row(inside, margins=(56, 0, 40, 0)))
        whole = row(self._steps, right, spacing=0)
        whole.setStretch(1, 1)
        self.setLayout(whole)
        self._path: tuple[str, ...] = _NEW
        self._set_busy("")
        self._show("welcome")

    def show_snapshot(self, snapshot: FirstRunSnapshot | Notice) -> None:
        if isinstance(snapshot, Notice):
            if snapshot.about == self._asked and snapshot.kind != "done":
                self._refuse(snapshot)
            return
        moved = snapshot.step != self._step
        self._step = snapshot.step
        self._recovery.sheet.say(snapshot.words, snapshot.name)
        self._prove.say(snapshot.words, snapshot.ask)
        self._where.say(snapshot.practice_possible)
        if moved:
            self._asked = ""
            self._forget()
            self._show(_VIEWS.get(snapshot.step, ("welcome",))[0])
        if snapshot.problem is not None:
            self._refuse(snapshot.problem)
        else:
            self._problem.hide()
            self._set_busy(snapshot.busy)

    def opened(self) -> None:
        self.views[self._view].start()

    def _ask(self, command: object) -> None:
        """Busy at once: between the click and the engine's answer nothing is asked twice."""
        self._problem.hide()
        if isinstance(command, LookRound):
            if self._step == "done":  # looking round already
                self.went.emit("home")
                return
            self._path = _GUEST
        self._asked = type(command).__name__
        self._set_busy(_DOING.get(type(command), "identity"))
        self.asked.emit(command)

    def _open(self, view: str) -> None:
        self._problem.hide()
        self._show(view)

    def _show(self, view: str) -> None:
        if view == "create" or (view == "have" and self._view != "have"):
            self._path = _NEW if view == "create" else _BROUGHT
        elif view in ("welcome", "words"):
            self._path = _NEW
        self._view = view
        self._steps.say(self._path, _STEP_OF[view])
        self._stack.setCurrentWidget(self.views[view])
        if self.isVisible():
            self.views[view].start()

    def _refuse(self, notice: Notice) -> None:
        self._set_busy("")
        self._problem.say(notice)

    def _set_busy(self, what: str) -> None:
        """``what`` is the engine's word; the page knows better whether it makes or restores."""
        shown = "restore" if what == "identity" and self._view == "have" else what
        for view in self.views.values():
            view.set_busy(phrases.busy(shown) if what else "")

    def resizeEvent(self, event: QResizeEvent) -> None:
        """The title stands a little above the middle, at the same height in every step."""
        super().resizeEvent(event)
        self._column.setContentsMargins(0, max(28, self.height() // 5 - 60), 0, 12)

    def _forget(self) -> None:
        for name, view in self.views.items():
            if name not in _VIEWS.get(self._step, ()):
                view.forget()
