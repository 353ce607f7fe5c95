"""Rows that are kept while what they show is still there: focus and clicks stay where they are."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from PySide6.QtWidgets import QVBoxLayout, QWidget

from app.ui.widgets.layout import column, rule


class Line(QWidget):
    """One row; `say` shows a value in it."""

    def say(self, value: Any) -> None:
        raise NotImplementedError


class Rows(QWidget):
    """Rows made by ``make``, one for each key, with a hairline between them."""

    def __init__(self, make: Callable[[], Line], name: str = "", *, ruled: bool = True) -> None:
        super().__init__()
        self.setObjectName(name)
        self._make = make
        self._ruled = ruled
        self._rows: dict[str, tuple[Line, QWidget]] = {}
        self._box: QVBoxLayout = column(spacing=0 if ruled else 8)
        self.setLayout(self._box)

    def say(self, values: Iterable[tuple[str, Any]]) -> None:
        """``values`` are (key, value) in the order they stand in."""
        wanted = dict(values)
        for key in [key for key in self._rows if key not in wanted]:
            whole = self._rows.pop(key)[1]
            self._box.removeWidget(whole)
            whole.hide()
            whole.deleteLater()
        for at, (key, value) in enumerate(wanted.items()):
            if key not in self._rows:
                self._rows[key] = self._new()
            line, whole = self._rows[key]
            if self._box.indexOf(whole) != at:
                self._box.removeWidget(whole)
                self._box.insertWidget(at, whole)
            if whole is not line:
                hairline = whole.findChild(QWidget, "hairline")
                if hairline is not None:
                    hairline.setVisible(at > 0)
            line.say(value)

    def lines(self) -> list[Line]:
        return [line for line, _ in self._rows.values()]

    def _new(self) -> tuple[Line, QWidget]:
        line = self._make()
        if not self._ruled:
            return line, line
        hairline = rule()
        hairline.setObjectName("hairline")
        whole = QWidget()
        whole.setLayout(column(hairline, line, spacing=0))
        return line, whole
