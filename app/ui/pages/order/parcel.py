"""A delivery parcel on the delivery's card: the button, how far it is, and what is missing."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from app.domain.snapshots.orders import OrderSnapshot, ParcelView
from app.ui.phrases import parcels as phrases
from app.ui.widgets.buttons import Button
from app.ui.widgets.layout import column, row
from app.ui.widgets.progress import ProgressLine
from app.ui.widgets.text import label

_NONE = ParcelView()


class Parcel(QWidget):
    chosen = Signal(str)  # "save_parcel", "open_parcel", "leave_parcel" or "stop_parcel"

    def __init__(self) -> None:
        super().__init__()
        self._buttons = {
            "save_parcel": Button(phrases.save(), icon="package", name="order.save_parcel"),
            "open_parcel": Button(phrases.open_(), icon="package-open", name="order.open_parcel"),
        }
        self._stop = Button(phrases.stop(), name="order.stop_parcel")
        self._leave = Button(phrases.leave(), icon="upload", name="order.leave_parcel")
        for action, button in (
            *self._buttons.items(),
            ("leave_parcel", self._leave),
            ("stop_parcel", self._stop),
        ):
            button.clicked.connect(lambda _=False, a=action: self.chosen.emit(a))
        self._missing = label(role="warn", wrap=True, name="order.parcel.missing")
        self._hint = label(role="hint", wrap=True)
        self._progress = ProgressLine("", self._stop, name="order.parcel.progress")
        offer = row(*self._buttons.values(), self._hint, spacing=12)
        offer.setStretch(2, 1)
        self._offer = QWidget()
        self._offer.setLayout(offer)
        self._kept = label(role="muted", wrap=True, name="order.parcel.kept")
        self._leave_hint = label(role="hint", wrap=True)
        leaving = row(self._leave, self._leave_hint, spacing=12)
        leaving.setStretch(1, 1)
        self._leaving = QWidget()
        self._leaving.setLayout(leaving)
        self.setLayout(
            column(
                self._missing, self._kept, self._progress, self._offer, self._leaving, spacing=10
            )
        )

    def say(self, order: OrderSnapshot) -> None:
        parcel = (order.delivery and order.delivery.parcel) or _NONE
        working = parcel.progress is not None
        offered = set(self._buttons) & set(order.actions) if not working else set()
        leaves = not working and "leave_parcel" in order.actions
        self.setVisible(bool(offered or leaves or working or parcel.missing or parcel.relay))
        for action, button in self._buttons.items():
            button.setVisible(action in offered)
        self._offer.setVisible(bool(offered))
        self._hint.setText(phrases.hint(order))
        self._leaving.setVisible(leaves)
        self._leave_hint.setText(phrases.leave_hint(order))
        self._kept.setVisible(bool(parcel.relay))
        self._kept.setText(phrases.kept(order, parcel) if parcel.relay else "")
        self._missing.setVisible(bool(parcel.missing))
        self._missing.setText(phrases.missing(parcel) if parcel.missing else "")
        self._progress.setVisible(working)
        if parcel.progress is not None:
            done = parcel.progress
            self._progress.entitle(phrases.doing(parcel))
            self._progress.say(
                done.done_bytes, done.total_bytes, done.speed_bytes, done.left_seconds
            )
