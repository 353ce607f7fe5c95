"""A line on the order page: there is a newer version of what it is about."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFrame

from app.domain.snapshots.orders import OrderSnapshot
from app.ui.phrases import dataset as phrases
from app.ui.widgets.buttons import Button
from app.ui.widgets.layout import row
from app.ui.widgets.text import Icon, Lead


class NewVersion(QFrame):
    """``chosen`` emits "newer"."""

    chosen = Signal(str)

    def __init__(self) -> None:
        super().__init__()
        self.setProperty("surface", "next")
        self._lead = Lead("order.newer.text")
        show = Button(phrases.open_newer(), name="order.newer")
        show.clicked.connect(lambda: self.chosen.emit("newer"))
        box = row(Icon("git-branch", "accent", 20, 2), self._lead, show,
                  margins=(16, 10, 12, 10), spacing=12)  # fmt: skip
        box.setStretch(1, 1)
        self.setLayout(box)
        self.hide()

    def say(self, order: OrderSnapshot) -> None:
        self.setVisible(order.newer is not None)
        if order.newer is not None:
            self._lead.say(*phrases.is_newer(order.newer))
