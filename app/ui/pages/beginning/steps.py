"""The panel beside the first run: what Lading is, and how far one has come."""

from __future__ import annotations

from PySide6.QtWidgets import QFrame, QLabel, QWidget

from app.ui.phrases import firstrun as phrases
from app.ui.widgets.layout import column, row
from app.ui.widgets.text import Icon, label, set_property

_LOOKS = {
    "done": ("circle-check", "dotOn", ""),
    "now": ("circle-dot", "sideOn", "who"),
    "to_come": ("circle", "sideInk", ""),
}


class Steps(QFrame):
    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("firstrun.steps")
        self.setProperty("surface", "side")
        self.setFixedWidth(340)
        self._lines: list[tuple[QWidget, Icon, QLabel]] = []
        brand = row(
            Icon("badge-check", "sideOn", 26, 2), label("Lading", "brand"), None, spacing=10
        )
        promise = label(phrases.text("promise"), "h1", wrap=True)
        trust = label(phrases.text("trust"), wrap=True)
        self._count = label(role="hint", name="firstrun.count")
        lines = [self._line() for _ in range(4)]
        self.setLayout(
            column(
                brand,
                40,
                promise,
                trust,
                40,
                self._count,
                6,
                *lines,
                None,
                row(Icon("lock", "sideInk", 16, 2), _quiet(phrases.text("panel")), spacing=10),
                margins=(36, 36, 36, 32),
                spacing=8,
            )
        )

    def _line(self) -> QWidget:
        line, icon, text = QWidget(), Icon("circle", "sideInk", 20, 2), label()
        line.setLayout(row(icon, text, None, spacing=12, margins=(0, 3, 0, 3)))
        self._lines.append((line, icon, text))
        return line

    def say(self, steps: tuple[str, ...], now: str) -> None:
        """``steps`` are at most four codes of `phrases.step`; ``now`` is one of them."""
        at = steps.index(now)
        self._count.setText(phrases.steps_of(at + 1, len(steps)))
        for i, (line, icon, text) in enumerate(self._lines):
            line.setVisible(i < len(steps))
            if i >= len(steps):
                continue
            state = "done" if i < at else "now" if i == at else "to_come"
            picture, token, role = _LOOKS[state]
            icon.set_icon(picture, token)
            text.setText(phrases.step(steps[i]))
            text.setAccessibleName(phrases.standing(steps[i], state))
            set_property(text, "role", role)


def _quiet(text: str) -> QLabel:
    return label(text, "hint", wrap=True)
