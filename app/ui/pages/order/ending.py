"""How the order ended and why; of a dispute, the proof."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QWidget

from app.domain.snapshots.orders import EndingCode, OrderSnapshot
from app.ui.phrases import endings as phrases
from app.ui.phrases import words
from app.ui.widgets.buttons import Button
from app.ui.widgets.layout import column, row
from app.ui.widgets.text import Icon, label

_ICONS: dict[EndingCode, str] = {
    "accepted": "circle-check",
    "window": "circle-check",
    "returned": "undo-2",
    "unrevealed": "undo-2",
    "nothing_came": "undo-2",
    "dispute": "shield-check",
}


class Ended(QFrame):
    """Hidden until the money of the order has ended somewhere."""

    chosen = Signal(str)  # "proof"

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("order.ending")
        self.setProperty("surface", "card")
        self._icon = Icon("circle-check", "accent", 20, 2)
        self._title = label(role="h2", wrap=True, name="order.ending.title")
        self._text = label(role="muted", wrap=True, name="order.ending.text")
        self._when = label(role="hint", name="order.ending.when")
        self._save = Button(phrases.save_proof(), icon="download", name="order.proof")
        self._save.clicked.connect(lambda: self.chosen.emit("proof"))
        hint = label(phrases.proof_hint(), "hint", wrap=True)
        proof = row(self._save, hint, spacing=12)
        proof.setStretch(1, 1)
        self._proof = QWidget()
        self._proof.setLayout(proof)
        said = column(self._title, self._text, self._when, self._proof, spacing=6)
        box = row(self._icon, said, margins=(20, 16, 20, 16), spacing=12)
        box.setAlignment(self._icon, Qt.AlignmentFlag.AlignTop)
        box.setStretch(1, 1)
        self.setLayout(box)

    def say(self, order: OrderSnapshot) -> None:
        ending = order.ending
        self.setVisible(ending is not None)
        if ending is None:
            return
        lost = ending.code == "dispute" and order.selling
        self._icon.set_icon(
            "circle-x" if lost else _ICONS[ending.code], "danger" if lost else "accent"
        )
        title, text = phrases.told(order, ending)
        self._title.setText(title)
        self._text.setText(text)
        self._when.setText(words.moment(ending.at))
        self._proof.setVisible(ending.proof)
