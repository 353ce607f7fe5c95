"""What came in and went out, newest first."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFrame

from app.domain.snapshots.money import Movement
from app.ui.pages.overview.rows import Line, Rows
from app.ui.phrases import money as phrases
from app.ui.widgets.buttons import Button
from app.ui.widgets.layout import column, row
from app.ui.widgets.text import Icon, label, set_property

PAGE = 12


class MovementLine(Line):
    opened = Signal(str)

    def __init__(self) -> None:
        super().__init__()
        self._order = ""
        self._icon = Icon("arrow-down-left", "accent", 18, 2)
        self._what = label(wrap=True)
        self._facts = label(role="hint", wrap=True)
        self._amount = label(role="strong")
        self.button = Button("", "icon", icon="chevron-right", name="money.movement.open")
        self.button.setAccessibleName(phrases.text("order"))
        self.button.setToolTip(phrases.text("order"))
        self.button.clicked.connect(lambda: self.opened.emit(self._order))
        policy = self.button.sizePolicy()
        policy.setRetainSizeWhenHidden(True)
        self.button.setSizePolicy(policy)
        text = column(self._what, self._facts, spacing=1)
        inside = row(self._icon, text, self._amount, self.button, spacing=12, margins=(0, 8, 0, 8))
        inside.setStretch(1, 1)
        self.setLayout(inside)

    def say(self, value: Movement) -> None:
        self._order = value.order
        came_in, failed = value.amount.units > 0, value.state == "failed"
        self._icon.set_icon(
            "circle-x" if failed else "arrow-down-left" if came_in else "arrow-up-right",
            "danger" if failed else "accent" if came_in else "ink3",
        )
        self._what.setText(phrases.movement(value))
        self._facts.setText(phrases.movement_facts(value))
        set_property(self._facts, "role", "error" if failed else "hint")
        self._amount.setText(phrases.signed(value.amount))
        set_property(self._amount, "role", "accent" if came_in and not failed else "strong")
        self.button.setVisible(bool(value.order))


class History(QFrame):
    """A page of lines, and one more with each click. ``opened`` emits the order of a line."""

    opened = Signal(str)

    def __init__(self) -> None:
        super().__init__()
        self.setProperty("surface", "card")
        self._lines: tuple[Movement, ...] = ()
        self._shown = PAGE
        self._rows = Rows(self._line, "money.history")
        self._none = label(phrases.text("history.none"), "muted", wrap=True)
        self.more = Button(phrases.text("more"), "link", name="money.more")
        self.more.clicked.connect(self._show_more)
        self.setLayout(
            column(
                label(phrases.text("history"), "h2"),
                self._none,
                self._rows,
                row(self.more, None),
                margins=(20, 16, 20, 12),
                spacing=6,
            )
        )

    def say(self, lines: tuple[Movement, ...]) -> None:
        self._lines = lines
        self._none.setVisible(not lines)
        shown = lines[: self._shown]
        self._rows.say((str(i), line) for i, line in enumerate(shown))
        self.more.setVisible(len(lines) > len(shown))

    def _line(self) -> MovementLine:
        line = MovementLine()
        line.opened.connect(self.opened)
        return line

    def _show_more(self) -> None:
        self._shown += PAGE
        self.say(self._lines)
