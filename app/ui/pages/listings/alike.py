"""One dataset that is much like another: how much, since when, and in what."""

from __future__ import annotations

from PySide6.QtWidgets import QVBoxLayout

from app.domain.snapshots.datasets import Alike
from app.ui.phrases import alike as phrases
from app.ui.widgets.layout import column
from app.ui.widgets.text import label


def told(one: Alike) -> QVBoxLayout:
    return column(
        label(one.match.title or phrases.untitled(), "strong", wrap=True),
        label(phrases.found(one), "muted", wrap=True),
        label(phrases.compared(one), "hint", wrap=True),
        label(one.match.network, "hint", wrap=True),
        spacing=2,
    )
