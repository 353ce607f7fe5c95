"""``lading demo`` with windows: an owner's and a buyer's, side by side, each told what to do next.

Two whole apps in one process, each with its own profile and engine. The guide line is worked out
here from what each window is shown; nothing below knows that this is a demo.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Literal

from PySide6.QtCore import QObject, Signal

from app.bridge import Bridge
from app.cli.window import make_application
from app.config import practice_folder
from app.domain.snapshots.datasets import DatasetsSnapshot
from app.domain.snapshots.orders import OrdersSnapshot
from app.domain.snapshots.shell import ShellSnapshot
from app.ui.window import Window

Role = Literal["owner", "buyer"]

# What is not here is over or has not begun: the line says how to begin (again).
OWNER_STEPS = {
    "order.answer": "sign",
    "order.sign": "sign",
    "order.wait_answer": "countered",
    "order.lapsed": "look",
    "order.wait_payment": "deliver",
    "order.subscribed": "look",
    "order.deliver": "deliver",
    "order.paused": "look",
    "order.paused_late": "look",
    "order.other_paused": "look",
    "order.unplugged": "look",
    "order.unplugged_late": "look",
    "order.queued": "look",
    "order.fault_owner": "look",
    "order.wait_check": "deliver",
    "order.confirming": "deliver",
    "order.releasing": "deliver",
    "order.refunding": "look",
    "order.done": "done",
    "order.paid": "done",
}
BUYER_STEPS = {
    "order.wait_answer": "wait",
    "order.answer": "answer",
    "order.lapsed": "look",
    "order.pay": "pay",
    "order.subscribed": "look",
    "order.paying": "receive",
    "order.wait_final": "receive",
    "order.receive": "receive",
    "order.wait_peer": "receive",
    "order.paused": "look",
    "order.paused_late": "look",
    "order.other_paused": "look",
    "order.other_queued": "look",
    "order.unplugged": "look",
    "order.unplugged_late": "look",
    "order.queued": "look",
    "order.wait_key": "receive",
    "order.checking": "receive",
    "order.check": "accept",
    "order.untrue": "look",
    "order.faulty": "look",
    "order.complaining": "look",
    "order.refunding": "look",
    "order.rate": "look",
    "order.confirming": "done",
    "order.done": "done",
}


class Guide(QObject):
    """Passes on what an engine tells, with the guide line for its window."""

    told = Signal(object)

    def __init__(self, role: Role, data: Path) -> None:
        super().__init__()
        self._role = role
        self._data = data
        self._shell = ShellSnapshot()
        self._orders = OrdersSnapshot()
        self._datasets = DatasetsSnapshot()

    def hear(self, message: object) -> None:
        match message:
            case ShellSnapshot():
                self._shell = message
            case OrdersSnapshot():
                self._orders = message
                self.told.emit(message)
            case DatasetsSnapshot():
                self._datasets = message
                self.told.emit(message)
            case _:
                self.told.emit(message)
                return
        self.told.emit(replace(self._shell, guide=self._key()))

    def _key(self) -> str:
        if not self._shell.code:
            return ""
        newest = self._orders.rows[0].status if self._orders.rows else ""
        if self._role == "buyer":
            return f"demo.buyer.{BUYER_STEPS.get(newest, 'browse')}"
        registered = any(row.state in ("recorded", "final") for row in self._datasets.rows)
        begun = OWNER_STEPS.get(newest)
        return f"demo.owner.{begun or ('wait' if registered else 'register')}"


def two_windows(folder: Path, data: Path) -> int:
    """Until both windows are closed. ``data`` lies ready to be dropped on the owner's window."""
    application = make_application()
    area = application.primaryScreen().availableGeometry()
    width = max(area.width() // 2, 1060)
    parts: list[tuple[Window, Bridge, Guide]] = []
    for place, role in enumerate(("owner", "buyer")):
        window = Window()
        guide = Guide("owner" if role == "owner" else "buyer", data)
        bridge = Bridge(folder / role, practice_folder())
        bridge.told.connect(guide.hear)
        guide.told.connect(window.told)
        window.asked.connect(bridge.ask)  # `looked` is not: the guide hears of every page
        window.setGeometry(
            min(area.left() + place * width, max(area.right() + 1 - width, area.left())),
            area.top(),
            width,
            min(area.height(), 900),
        )
        window.show()
        bridge.start()
        parts.append((window, bridge, guide))
    print(f"The dataset to register: {data}", flush=True)
    code = application.exec()
    stopped = [bridge.stop() for _, bridge, _ in parts]
    return code if all(stopped) else 1
