"""The delivery: how far, how fast, and which parts the buyer really has."""

from __future__ import annotations

from PySide6.QtCore import QUrl, Signal
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QFrame, QLabel, QWidget

from app.domain.snapshots.orders import DeliveryView, OrderSnapshot
from app.ui.pages.order.parcel import Parcel
from app.ui.phrases import delivery as phrases
from app.ui.phrases import words
from app.ui.widgets.buttons import Button
from app.ui.widgets.facts import Stat
from app.ui.widgets.layout import column, row
from app.ui.widgets.progress import PartsBar, Swatch
from app.ui.widgets.text import Icon, label


class Delivery(QFrame):
    chosen = Signal(str)  # "pause", "resume", "resume_all", "deliver_next" or what `Parcel` offers

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("order.delivery")
        self.setProperty("surface", "card")
        self._sealed = label(role="hint")
        self._pause = Button(phrases.pause(), icon="pause", name="order.pause")
        self._resume = Button(phrases.resume(), icon="play", name="order.resume")
        self._all = Button(phrases.resume_all(), icon="play", name="order.resume_all")
        self._next = Button(phrases.deliver_next(), icon="chevron-up", name="order.deliver_next")
        self._next.setAccessibleDescription(phrases.deliver_next_text())
        self._next.setToolTip(phrases.deliver_next_text())
        self._open = Button(phrases.open_folder(), icon="folder-open", name="order.open_folder")
        self._pause.clicked.connect(lambda: self.chosen.emit("pause"))
        self._resume.clicked.connect(lambda: self.chosen.emit("resume"))
        self._all.clicked.connect(lambda: self.chosen.emit("resume_all"))
        self._next.clicked.connect(lambda: self.chosen.emit("deliver_next"))
        self._open.clicked.connect(self._show_folder)
        self._folder = ""
        self._percent = label("0%", "big", name="order.percent")
        self._done = Stat("", name="order.done")
        self._left = Stat(phrases.left(), name="order.left")
        self._speed = Stat(phrases.speed_now(), name="order.speed")
        self._bar = PartsBar("order.parts")
        self._legend = [label(role="hint") for _ in range(3)]
        self._parts = label(role="hint")
        self._state = label(role="muted", wrap=True, name="order.delivery.state")
        self._parcel = Parcel()
        self._parcel.chosen.connect(self.chosen)
        sealed = row(Icon("lock", "ink3", 14, 2), self._sealed, spacing=5)
        buttons = (self._next, self._pause, self._resume, self._all, self._open)
        head = row(label(phrases.title(), "h2"), sealed, None, *buttons, spacing=14)
        stats = row(self._done, self._left, self._speed, None, spacing=32)
        figures = row(self._percent, stats, spacing=26)
        figures.setStretch(1, 1)
        tokens = ("accent", "mid", "track")
        keys = [_key(token, text) for token, text in zip(tokens, self._legend, strict=True)]
        self._unconfirmed = keys[1]
        legend = row(*keys, None, self._parts, spacing=18)
        self.setLayout(
            column(
                head,
                figures,
                self._bar,
                legend,
                self._state,
                self._parcel,
                margins=(20, 16, 20, 16),
                spacing=10,
            )
        )

    def say(self, order: OrderSnapshot) -> None:
        view = order.delivery
        self.setVisible(view is not None)
        if view is None:
            return
        selling = order.selling
        self._sealed.setText(phrases.sealed(selling))
        self._percent.setText(words.percent(_share(view)))
        self._done.say(
            words.size_of(view.confirmed_bytes, view.total_bytes), phrases.confirmed(selling)
        )
        running = view.state == "running"
        self._left.setVisible(running)
        self._speed.setVisible(running)
        self._left.say(words.time_left(view.left_seconds))
        self._speed.say(words.speed(view.speed_bytes))
        self._bar.say(
            view.total_parts,
            view.sent_parts,
            view.confirmed_parts,
            phrases.spoken(view, selling),
        )
        for part, text in zip(self._legend, phrases.legend(selling), strict=True):
            part.setText(text)
        self._unconfirmed.setVisible(selling)
        self._parts.setText(phrases.parts(view))
        self._pause.setVisible("pause" in order.actions)
        self._resume.setVisible("resume" in order.actions)
        self._all.setVisible("resume_all" in order.actions)
        self._next.setVisible("deliver_next" in order.actions)
        self._folder = view.folder
        self._open.setVisible(bool(view.folder))
        self._parcel.say(order)
        working = view.parcel is not None and view.parcel.progress is not None
        state = "" if working and not view.problem else phrases.state(view)
        if view.folder:
            state = f"{state}. {phrases.folder(view.folder)}"
        self._state.setText(state)
        self._state.setVisible(bool(state))

    def _show_folder(self) -> None:
        QDesktopServices.openUrl(QUrl.fromLocalFile(self._folder))


def _share(view: DeliveryView) -> float:
    return view.confirmed_parts / view.total_parts if view.total_parts else 0.0


def _key(token: str, text: QLabel) -> QWidget:
    made = QWidget()
    made.setLayout(row(Swatch(token), text, spacing=6))
    return made
