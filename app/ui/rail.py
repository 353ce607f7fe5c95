"""The rail: where to go, who one is, and whether one is connected."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QFontMetrics, QPainter, QPaintEvent
from PySide6.QtWidgets import (
    QButtonGroup,
    QFrame,
    QSizePolicy,
    QStyle,
    QStyleOptionToolButton,
    QToolButton,
    QWidget,
)

from app.domain.snapshots.shell import ShellSnapshot
from app.ui import theme
from app.ui.phrases import shell as phrases
from app.ui.widgets.layout import column, row
from app.ui.widgets.text import Icon, label

UPPER = {"home": "house", "datasets": "database", "browse": "search", "orders": "inbox"}
UPPER |= {"records": "stamp"}
LOWER = {"money": "wallet", "settings": "settings"}
WIDE, NARROW = 212, 68
ICON, ICON_LEFT, TEXT_LEFT, TALL = 18, 12, 40, 39  # pixels inside an entry


class NavButton(QToolButton):
    """One page of the rail, with the number of things there that need the person."""

    def __init__(self, place: str, icon: str) -> None:
        super().__init__()
        self.place = place
        self._icon = icon
        self._badge = 0
        self._wide = True
        self.setObjectName(f"rail.{place}")
        self.setProperty("kind", "nav")
        self.setCheckable(True)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self._write()

    def say(self, badge: int) -> None:
        self._badge = badge
        self._write()
        self.update()

    def set_wide(self, wide: bool) -> None:
        self._wide = wide
        self._write()

    def _write(self) -> None:
        self.setText(phrases.place(self.place) if self._wide else "")
        self.setAccessibleName(phrases.place(self.place, self._badge))
        self.setToolTip("" if self._wide else phrases.place(self.place))
        self.update()

    def sizeHint(self) -> QSize:
        if not self._wide:
            return QSize(2 * ICON_LEFT + ICON, TALL)
        heavy = QFontMetrics(theme.font(14, 600))
        return QSize(TEXT_LEFT + heavy.horizontalAdvance(self.text()) + ICON_LEFT, TALL)

    def paintEvent(self, event: QPaintEvent) -> None:
        """The ground is the style's; icon and words keep their place when the entry is selected,
        though the words get heavier."""
        option = QStyleOptionToolButton()
        self.initStyleOption(option)
        option.text = ""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        ground = QStyle.ComplexControl.CC_ToolButton
        self.style().drawComplexControl(ground, option, painter, self)
        lit = self.isChecked() or self.underMouse()
        token = "sideOn" if lit else "sideInk"
        icon = theme.pixmap(self._icon, token)
        painter.drawPixmap(ICON_LEFT, (self.height() - ICON) // 2, icon)
        painter.setPen(theme.color(token))
        painter.setFont(theme.font(14, 600 if self.isChecked() else 400))
        words = self.rect().adjusted(TEXT_LEFT, 0, 0, 0)
        painter.drawText(words, Qt.AlignmentFlag.AlignVCenter, self.text())
        if self._badge:
            self._paint_badge(painter)

    def _paint_badge(self, painter: QPainter) -> None:
        area = QRectF(self.width() - 34, self.height() / 2 - 10, 24, 20)
        if not self._wide:
            area = QRectF(self.width() - 19, 1, 18, 17)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(theme.color("badge"))
        painter.drawRoundedRect(area, area.height() / 2, area.height() / 2)
        painter.setPen(theme.color("badgeInk"))
        painter.setFont(theme.font(12, 700))
        painter.drawText(area, Qt.AlignmentFlag.AlignCenter, str(min(self._badge, 99)))


class Dot(QWidget):
    """The state of the connection as a dot; the words beside it say the same."""

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("rail.dot")
        self._token = "dotWait"
        self.setFixedSize(8, 8)

    def say(self, token: str, meaning: str) -> None:
        self._token = token
        self.setToolTip(meaning)
        self.setAccessibleName(meaning)
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(theme.color(self._token))
        painter.drawEllipse(self.rect())


class Rail(QFrame):
    went = Signal(str)

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("rail")
        self.setProperty("surface", "side")
        self.setAccessibleName(phrases.navigation())
        self.buttons = {p: NavButton(p, icon) for p, icon in (UPPER | LOWER).items()}
        group = QButtonGroup(self)
        for place, button in self.buttons.items():
            group.addButton(button)
            button.clicked.connect(lambda _=False, to=place: self.went.emit(to))
        self._brand = label("Lading", "brand")
        self._name = label(role="who", name="rail.name", wrap=True)
        self._code = label(role="hint", name="rail.code")
        self._state = label(role="hint", name="rail.connection", wrap=True)
        self._dot = Dot()
        upper = [self.buttons[p] for p in UPPER]
        lower = [self.buttons[p] for p in LOWER]
        state = row(self._dot, self._state, spacing=8)
        state.setStretch(1, 1)
        brand = row(Icon("badge-check", "sideOn", 24, 2), self._brand, None, spacing=10)
        who = column(self._name, self._code, state, spacing=3)
        self.setLayout(
            column(brand, 22, *upper, None, *lower, 12, who, margins=(16, 22, 16, 20), spacing=4)
        )
        self.set_wide(True)

    def say(self, shell: ShellSnapshot) -> None:
        words, token = phrases.connection(shell)
        self._name.setText(shell.name or phrases.guest())
        self._code.setText(shell.code)
        self._state.setText(words)
        self._dot.say(token, words)
        self.buttons["orders"].say(shell.needs_you)

    def check(self, place: str) -> None:
        if place in self.buttons:
            self.buttons[place].setChecked(True)

    def set_wide(self, wide: bool) -> None:
        self.setFixedWidth(WIDE if wide else NARROW)
        for button in self.buttons.values():
            button.set_wide(wide)
        for part in (self._brand, self._name, self._code, self._state):
            part.setVisible(wide)
