"""How much of the line deliveries may use, at which hours all of it, and how many run at once."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from PySide6.QtCore import QSignalBlocker, Signal
from PySide6.QtWidgets import QWidget

from app.domain.bandwidth import Bandwidth
from app.domain.commands import ChangeSettings
from app.domain.snapshots.shell import SettingsSnapshot
from app.domain.turns import MOST_AT_ONCE
from app.ui.pages.choices.switch import Switch
from app.ui.phrases import bandwidth as phrases
from app.ui.widgets.fields import Choice, Field, line_edit
from app.ui.widgets.layout import Pair, column
from app.ui.widgets.text import label

_STEP_MINUTES = 30


class LimitField(Field):
    """A limit in MB/s, or nothing for none. ``chosen`` emits bytes a second once one was typed."""

    chosen = Signal(int)

    def __init__(self, title: str, name: str) -> None:
        self.edit = line_edit(name, placeholder=phrases.no_limit(), most=12)
        super().__init__(title, self.edit, phrases.unit())
        self._known = 0  # as it is set, to tell whether somebody is typing another one
        self.edit.editingFinished.connect(self._choose)

    def say(self, limit_bytes: int) -> None:
        if limit_bytes != self._known and phrases.limit_of(self.edit.text()) == self._known:
            self.edit.setText(phrases.limit(limit_bytes))
        self._known = limit_bytes

    def _choose(self) -> None:
        typed = phrases.limit_of(self.edit.text())
        self.set_error("" if typed is not None else phrases.no_number())
        if typed is not None and typed != self._known:
            self._known = typed
            self.chosen.emit(typed)


class Limits(QWidget):
    asked = Signal(object)

    def __init__(self) -> None:
        super().__init__()
        self._set = Bandwidth()
        self.upload = LimitField(phrases.upload(), "settings.upload")
        self.download = LimitField(phrases.download(), "settings.download")
        self.hours = Switch(phrases.hours(), phrases.hours_text(), "settings.hours")
        self.since = Choice("settings.hours.from", [])
        self.until = Choice("settings.hours.until", [])
        self._between = Pair(
            Field(phrases.since(), self.since), Field(phrases.until(), self.until), below=0
        )
        self._now = label(role="hint", wrap=True, name="settings.hours.now")
        counts = [(str(count), str(count)) for count in range(1, MOST_AT_ONCE + 1)]
        self.at_once = Choice("settings.at_once", counts)
        together = Field(phrases.at_once(), self.at_once, phrases.at_once_text())
        together.setMaximumWidth(420)
        self.awake = Switch(phrases.awake(), phrases.awake_text(), "settings.awake")
        self.battery = Switch(phrases.on_battery(), phrases.on_battery_text(), "settings.battery")
        self.leaves = Switch(phrases.leaves(), phrases.leaves_text(), "settings.leaves")
        whole = column(
            Pair(self.upload, self.download, below=0),
            self.hours,
            self._between,
            self._now,
            together,
            self.awake,
            self.battery,
            self.leaves,
            spacing=14,
        )
        self.setLayout(whole)
        self.awake.turned.connect(lambda on: self.asked.emit(ChangeSettings(stay_awake=on)))
        self.battery.turned.connect(lambda on: self.asked.emit(ChangeSettings(pause_on_battery=on)))
        self.leaves.turned.connect(lambda on: self.asked.emit(ChangeSettings(leave_by_itself=on)))
        self.at_once.activated.connect(
            lambda _: self.asked.emit(ChangeSettings(at_once=int(self.at_once.value())))
        )
        self.upload.chosen.connect(lambda limit: self._ask(upload_bytes=limit))
        self.download.chosen.connect(lambda limit: self._ask(download_bytes=limit))
        self.hours.turned.connect(lambda on: self._ask(full_speed=on))
        self.since.activated.connect(lambda _: self._ask(full_from=int(self.since.value())))
        self.until.activated.connect(lambda _: self._ask(full_until=int(self.until.value())))

    def say(self, snapshot: SettingsSnapshot) -> None:
        self._set = is_set = snapshot.bandwidth
        self.upload.say(is_set.upload_bytes)
        self.download.say(is_set.download_bytes)
        limited = bool(is_set.upload_bytes or is_set.download_bytes)
        self.hours.setVisible(limited or is_set.full_speed)
        self.hours.say(is_set.full_speed)
        self._between.setVisible(is_set.full_speed)
        for choice, minute in ((self.since, is_set.full_from), (self.until, is_set.full_until)):
            blocked = QSignalBlocker(choice)
            choice.set_options(_times(minute))
            choice.set_value(str(minute))
            blocked.unblock()
        self.awake.setVisible(snapshot.can_stay_awake)
        self.awake.say(snapshot.stay_awake)
        self.battery.setVisible(snapshot.has_battery)
        self.battery.say(snapshot.pause_on_battery)
        self.leaves.setVisible(bool(snapshot.relays))
        self.leaves.say(snapshot.leave_by_itself)
        blocked = QSignalBlocker(self.at_once)
        self.at_once.set_value(str(snapshot.at_once))
        blocked.unblock()
        never = is_set.full_speed and is_set.full_from == is_set.full_until
        self._now.setText(phrases.never_full_speed() if never else phrases.full_speed_now())
        self._now.setVisible(limited and (never or snapshot.full_speed_now))

    def _ask(self, **changes: Any) -> None:
        self._set = replace(self._set, **changes)
        self.asked.emit(ChangeSettings(bandwidth=self._set))


def _times(also: int) -> list[tuple[str, str]]:
    """Every half hour of the day, and the time that is set if it is none of them."""
    minutes = sorted({*range(0, 24 * 60, _STEP_MINUTES), also})
    return [(str(minute), phrases.time_of_day(minute)) for minute in minutes]
