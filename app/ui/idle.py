"""Notices when nobody has touched mouse or keyboard for a while."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, QTimer, Signal
from PySide6.QtGui import QGuiApplication, QWindow

_TOUCHES = frozenset(
    {
        QEvent.Type.KeyPress,
        QEvent.Type.MouseButtonPress,
        QEvent.Type.MouseMove,
        QEvent.Type.Wheel,
        QEvent.Type.TouchBegin,
    }
)


class Idle(QObject):
    """``passed`` is emitted once after the minutes set have gone by without a touch.

    Every touch comes to a window of the desktop's first, so only these are watched, each from when
    it first has the focus. A filter of the whole application is asked, in Python, about every event
    of every part: a tenth of what it takes to make a page and lay it out.
    """

    passed = Signal()

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self.timer = QTimer(self)
        self.timer.setSingleShot(True)
        self.timer.timeout.connect(self.passed)
        application = QGuiApplication.instance()
        if isinstance(application, QGuiApplication):
            application.focusWindowChanged.connect(self._watch)
            self._watch(application.focusWindow())

    def set_minutes(self, minutes: int) -> None:
        """0 means never."""
        if minutes * 60_000 == self.timer.interval() and self.timer.isActive():
            return
        self.timer.setInterval(minutes * 60_000)
        self.timer.start() if minutes else self.timer.stop()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() in _TOUCHES and self.timer.isActive():
            self.timer.start()
        return False

    def _watch(self, window: QWindow | None) -> None:
        if window is not None:
            window.installEventFilter(self)
