"""The icon in the tray: brings the window back, and says what needs the person, once."""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QApplication, QMenu, QSystemTrayIcon, QWidget

from app.domain.commands import PauseAll, ResumeAll
from app.domain.snapshots.shell import FirstRunSnapshot, HomeSnapshot
from app.ui import theme
from app.ui.phrases import shell as phrases


class Tray(QObject):
    """``wanted``: show the window; ``asked``: a command; ``left``: end the app. Where the desktop
    has no tray, the window asks for attention in its place."""

    wanted = Signal()
    asked = Signal(object)
    left = Signal()

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._window = parent
        self._tasks: set[tuple[str, str]] | None = None
        self._waiting: set[str] = set()
        self._running = False
        self._all_paused = False
        self._locked = False
        self._icon: QSystemTrayIcon | None = None
        if QSystemTrayIcon.isSystemTrayAvailable():
            self._menu = QMenu()
            self._menu.addAction(phrases.tray_open()).triggered.connect(self.wanted)
            self._pause = self._menu.addAction(phrases.tray_pause(False))
            self._pause.triggered.connect(self._pause_or_resume)
            self._pause.setVisible(False)
            self._menu.addAction(phrases.tray_quit()).triggered.connect(self.left)
            self._icon = QSystemTrayIcon(theme.icon("badge-check", "accent", 24), self)
            self._icon.setToolTip("Lading")
            self._icon.setContextMenu(self._menu)
            self._icon.activated.connect(lambda _: self.wanted.emit())
            self._icon.messageClicked.connect(self.wanted)
            self._icon.show()

    def told(self, message: HomeSnapshot | FirstRunSnapshot) -> None:
        """Notify of what is new since the last time; the first time is the state of things."""
        if isinstance(message, HomeSnapshot):
            self._running = bool(message.running)
            self._all_paused = message.all_paused
            tasks = {(task.order, task.kind) for task in message.needs_you}
            for task in message.needs_you:
                if self._tasks is not None and (task.order, task.kind) not in self._tasks:
                    self._say(phrases.needs_you(task.title, task.other))
            self._tasks = tasks
        else:
            self._locked = message.step == "locked"
            self._say_waiting(message)
        self._offer_pause()

    def _say_waiting(self, message: FirstRunSnapshot) -> None:
        if message.restarted:
            waiting = {one.order for one in message.waiting_orders}
            if waiting - self._waiting:
                self._say(phrases.locked_orders(message.waiting_orders))
            self._waiting = waiting

    def _offer_pause(self) -> None:
        """Whether and what the menu can do for deliveries; nothing while it is locked."""
        if self._icon is not None:
            self._pause.setText(phrases.tray_pause(self._all_paused))
            self._pause.setVisible(not self._locked and (self._running or self._all_paused))

    def _pause_or_resume(self) -> None:
        self.asked.emit(ResumeAll() if self._all_paused else PauseAll())

    def stays(self) -> bool:
        """Whether the app goes on in the tray when its window is closed."""
        return self._icon is not None and self._running

    def say_still_here(self) -> None:
        self._say(phrases.still_here())

    def hide(self) -> None:
        if self._icon is not None:
            self._icon.hide()

    def _say(self, words: str) -> None:
        if self._icon is not None:
            self._icon.showMessage("Lading", words)
        else:
            QApplication.alert(self._window)
