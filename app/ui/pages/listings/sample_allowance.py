"""What buyers may see of one's own dataset before they pay, and who has."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from PySide6.QtCore import QSignalBlocker, Signal
from PySide6.QtWidgets import QFrame

from app.domain.commands import SetSamplePolicy
from app.domain.snapshots.samples import SampleAllowance, SampleSeen
from app.ui.pages.choices.switch import Switch
from app.ui.phrases import samples as phrases
from app.ui.phrases import words
from app.ui.widgets.facts import KeyValues
from app.ui.widgets.fields import Choice, Field
from app.ui.widgets.layout import Pair, column, rule
from app.ui.widgets.text import label

RECORDS = (1, 4, 12, 24, 48, 96, 256)
BUYERS = (1, 3, 10, 30, 100, 1000)
PERCENT = (1, 2, 5, 10, 25, 50, 100)
MOST_SHOWN = 50


class AllowanceCard(QFrame):
    asked = Signal(object)

    def __init__(self) -> None:
        super().__init__()
        self.setProperty("surface", "card")
        self._dataset = ""
        self._shown: SampleAllowance | None = None
        self.allow = Switch(phrases.allow(), "", "sample.allow")
        self.personal = Switch(phrases.personal(), "", "sample.personal")
        self.records = Choice("sample.records", _options(RECORDS))
        self.buyers = Choice("sample.buyers", _options(BUYERS))
        self.share = Choice("sample.share", [(str(n), phrases.share_of(n)) for n in PERCENT])
        self._limits = Pair(
            Field(phrases.most_records(), self.records, phrases.most_records_hint()),
            Field(phrases.buyers_a_day(), self.buyers),
            Field(phrases.share(), self.share, phrases.share_hint()),
        )
        self._seen_title = label(role="strong", wrap=True, name="sample.seen_title")
        self._seen = KeyValues(key_width=220, name="sample.seen")
        self.setLayout(
            column(
                self.allow,
                self._limits,
                self.personal,
                rule(),
                self._seen_title,
                self._seen,
                margins=(20, 16, 20, 16),
                spacing=14,
            )
        )
        self.allow.turned.connect(lambda on: self._ask(allowed=on))
        self.personal.turned.connect(lambda on: self._ask(personal=on))
        self.records.activated.connect(lambda _: self._ask(records=int(self.records.value())))
        self.buyers.activated.connect(lambda _: self._ask(buyers_a_day=int(self.buyers.value())))
        self.share.activated.connect(lambda _: self._ask(percent=int(self.share.value())))

    def say(self, dataset: str, allowance: SampleAllowance) -> None:
        self._dataset, self._shown = dataset, allowance
        policy = allowance.policy
        self.allow.say(policy.allowed)
        self.allow.explain(phrases.allow_text(allowance))
        self.personal.say(policy.personal)
        self.personal.explain(phrases.personal_text(allowance.personal))
        for choice, value, known in (
            (self.records, policy.records, RECORDS),
            (self.buyers, policy.buyers_a_day, BUYERS),
            (self.share, policy.percent, PERCENT),
        ):
            blocked = QSignalBlocker(choice)
            if value not in known:
                choice.set_options(_options(tuple(sorted({*known, value}))))
            choice.set_value(str(value))
            blocked.unblock()
        self._limits.setVisible(policy.allowed)
        self.personal.setVisible(policy.allowed)
        self._say_seen(allowance.seen)

    def _say_seen(self, seen: tuple[SampleSeen, ...]) -> None:
        self._seen_title.setText(phrases.seen_title(len(seen)))
        self._seen.setVisible(bool(seen))
        self._seen.say(*(phrases.seen(one) for one in seen[:MOST_SHOWN]))

    def _ask(self, **changes: Any) -> None:
        if self._shown is not None:
            policy = replace(self._shown.policy, **changes)
            self._shown = replace(self._shown, policy=policy)
            self.asked.emit(SetSamplePolicy(self._dataset, policy))


def _options(numbers: tuple[int, ...]) -> list[tuple[str, str]]:
    return [(str(n), words.number(n)) for n in numbers]
