"""What a description says of quality, beside what was measured: shown, and never declared."""

from __future__ import annotations

from PySide6.QtWidgets import QFrame, QWidget

from app.domain.snapshots.datasets import Profile, RegisterSnapshot
from app.domain.stated import Beside, Stated, beside
from app.ui.phrases import stated as phrases
from app.ui.widgets.facts import Lines
from app.ui.widgets.layout import column, row
from app.ui.widgets.text import Icon, label

MOST_SHOWN = 12


class Statements(QFrame):
    """Seen from when a description was read that says something, until another draft is opened."""

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("register.statements")
        self.setProperty("surface", "card")
        self._stated = Stated()
        self._profile: Profile | None = None
        self._looking = False
        self._lead = label(wrap=True, name="register.statements_lead")
        self._lines = Lines("register.statement_lines")
        self._more = label(role="hint", wrap=True, name="register.statements_more")
        self.setLayout(
            column(
                label(phrases.title(), "h2"),
                label(phrases.hint(), "hint", wrap=True),
                self._lead,
                self._lines,
                self._more,
                margins=(20, 16, 20, 16),
                spacing=10,
            )
        )
        self.take(Stated())

    def take(self, said: Stated) -> None:
        self._stated = said
        self.setVisible(said != Stated())
        self._show()

    def show_draft(self, draft: RegisterSnapshot) -> None:
        looking = draft.profile is None and (draft.looking is not None or not draft.fingerprint)
        if (draft.profile, looking) != (self._profile, self._looking):
            self._profile, self._looking = draft.profile, looking
            self._show()

    def _show(self) -> None:
        lines, left_out = beside(self._stated, self._profile or Profile("other", None))
        self._lead.setText(phrases.lead(lines, left_out, looking=self._looking))
        self._lines.say(*(_line(one) for one in lines[:MOST_SHOWN]))
        self._lines.setVisible(bool(lines))
        more = len(lines) - MOST_SHOWN
        self._more.setText(phrases.more(more) if more > 0 else "")
        self._more.setVisible(more > 0)


def _line(one: Beside) -> QWidget:
    icon, token = ("circle-check", "accent") if one.agrees else ("triangle-alert", "warn")
    name, said = phrases.about(one.statement), phrases.line(one)
    text = column(label(name, "strong", wrap=True), label(said, wrap=True), spacing=2)
    box = row(Icon(icon, token, 18, 2), text, spacing=10)
    box.setStretch(1, 1)
    made = QWidget()
    made.setAccessibleName(f"{name}: {said}")
    made.setLayout(box)
    return made
