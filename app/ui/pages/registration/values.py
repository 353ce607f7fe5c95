"""What was found in the data: how far the look is, the columns, and what is declared of them."""

from __future__ import annotations

from PySide6.QtCore import QSignalBlocker, Signal
from PySide6.QtWidgets import QFrame, QProgressBar, QWidget

from app.domain import claims
from app.domain.snapshots.datasets import Profile, RegisterSnapshot
from app.ui.pages.listings.columns import ColumnsTable
from app.ui.phrases import describing as phrases
from app.ui.phrases import profile as profile_phrases
from app.ui.widgets.buttons import Button
from app.ui.widgets.check_box import CheckBox
from app.ui.widgets.layout import Pair, card, column, frame, row
from app.ui.widgets.text import Icon, Lead, label

_NAMES_SHOWN = 4


class Values(QWidget):
    """``chosen`` emits when the person declares something or not, ``stopped`` when the look at the
    values is not wanted any longer."""

    chosen = Signal()
    stopped = Signal()

    def __init__(self) -> None:
        super().__init__()
        self._left_out: tuple[str, ...] = ()
        self._ticks: dict[str, tuple[CheckBox, QWidget]] = {}
        self._claims = self._build_claims()
        self.setLayout(column(self._build_columns(), self._claims, spacing=14))

    def undeclared(self) -> tuple[str, ...]:
        return self._left_out

    def leave_out(self, dimensions: tuple[str, ...]) -> None:
        self._left_out = dimensions
        for name, (tick, _) in self._ticks.items():
            blocked = QSignalBlocker(tick)
            tick.setChecked(name not in dimensions)
            blocked.unblock()

    def show_draft(self, draft: RegisterSnapshot) -> None:
        profile = draft.profile
        columns = profile.columns if profile else ()
        looking = draft.looking is not None
        self._progress.setVisible(looking)
        self._bar.setValue(round((draft.looking or 0.0) * 1000))
        self._columns.say(columns)
        self._columns.setVisible(bool(columns))
        self._choose_one()
        facts = profile_phrases.facts(profile) if profile else ""
        self._facts.setText(facts)
        self._facts.setVisible(bool(facts))
        self._hint.setText(self._said(profile, read=bool(draft.fingerprint), looking=looking))
        suspect = tuple(one.name for one in columns if one.personal)
        personal = bool(suspect) or (profile is not None and "personal" in dict(profile.facts))
        self._suspect.setVisible(personal)
        if personal:
            more = len(suspect) - _NAMES_SHOWN
            self._lead.say(*phrases.personal_found(suspect[:_NAMES_SHOWN], max(0, more)))
        self._show_claims(profile)

    def _choose_one(self) -> None:
        """The first column, where none is chosen (any longer)."""
        if not self._columns.currentIndex().isValid():
            self._columns.selectRow(0)
        self._show_details()

    def _show_details(self) -> None:
        """All that was measured of the chosen column."""
        column = self._columns.chosen()
        self._details.setVisible(column is not None)
        if column is not None:
            said = profile_phrases.details(column) or (profile_phrases.no_details(),)
            self._name.setText(column.name)
            self._measured.setText("\n".join(said))
            self._details.setAccessibleName(f"{column.name}: {'  ·  '.join(said)}")

    def _said(self, profile: Profile | None, *, read: bool, looking: bool) -> str:
        if profile and profile.columns:
            return phrases.columns_hint(profile.rows)
        if looking or not read:
            return phrases.columns_wait()
        if profile and profile.problem:
            return profile_phrases.problem(profile.problem)
        return phrases.no_columns()

    def _show_claims(self, profile: Profile | None) -> None:
        found = claims.document(claims.measured(profile)) if profile else {}
        self._claims.setVisible(bool(found))
        for name, (tick, line) in self._ticks.items():
            line.setVisible(name in found)
            if name in found:
                said = profile_phrases.claim(name, found[name])
                tick.setText(said)
                tick.setAccessibleName(said)

    def _tick(self) -> None:
        self._left_out = tuple(
            name for name, (tick, _) in self._ticks.items() if not tick.isChecked()
        )
        self.chosen.emit()

    def _build_columns(self) -> QFrame:
        self._columns = ColumnsTable("register.columns")
        self._columns.selectionModel().currentRowChanged.connect(self._show_details)
        self._name = label(role="strong", wrap=True, name="register.column_name")
        self._measured = label(role="muted", wrap=True, name="register.column_details")
        inside = column(self._name, self._measured, margins=(14, 10, 14, 10), spacing=4)
        self._details = frame("inset", inside, "register.column")
        self._hint = label(role="hint", wrap=True, name="register.columns_hint")
        self._facts = label(wrap=True, name="register.table_facts")
        self._lead = Lead("register.personal_found")
        warning = row(
            Icon("triangle-alert", "warn", 20, 2), self._lead, margins=(14, 10, 14, 10), spacing=12
        )
        warning.setStretch(1, 1)
        self._suspect = frame("act", warning)
        self._bar = QProgressBar()
        self._bar.setObjectName("register.looking")
        self._bar.setTextVisible(False)
        self._bar.setRange(0, 1000)
        self._bar.setAccessibleName(profile_phrases.looking())
        stop = Button(profile_phrases.stop(), "link", name="register.stop_looking")
        stop.clicked.connect(self.stopped)
        self._progress = QWidget()
        box = row(label(profile_phrases.looking(), "muted"), self._bar, stop, spacing=12)
        box.setStretch(1, 1)
        self._progress.setLayout(box)
        return card(
            label(phrases.columns_title(), "h2"),
            self._hint,
            self._progress,
            self._facts,
            self._suspect,
            self._columns,
            self._details,
        )

    def _build_claims(self) -> QFrame:
        lines = []
        for name in claims.DIMENSIONS:
            tick = CheckBox(name, f"register.claim.{name}")
            tick.setChecked(True)
            tick.toggled.connect(self._tick)
            hint = label(profile_phrases.meaning(name), "hint", wrap=True)
            hint.setIndent(26)
            tick.setAccessibleDescription(hint.text())
            line = QWidget()
            line.setLayout(column(tick, hint, None, spacing=2))
            self._ticks[name] = (tick, line)
            lines.append(line)
        pairs = (Pair(*lines[at : at + 2], below=0) for at in range(0, len(lines), 2))
        made = card(
            label(profile_phrases.claims_title(), "h2"),
            label(profile_phrases.claims_hint(), "hint", wrap=True),
            *pairs,
            spacing=10,
        )
        made.setObjectName("register.claims")
        return made
