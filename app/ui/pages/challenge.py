"""Two registrations side by side: whose, when, on which record, how alike, and what proves it."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtWidgets import QFileDialog, QFrame, QProgressBar, QWidget

from app.domain.commands import OpenDataset, SaveChallenge
from app.domain.snapshots.challenge import ChallengeSnapshot, ColumnAlike, Side
from app.ui.page import ScrollPage
from app.ui.phrases import challenge as phrases
from app.ui.widgets.buttons import Button
from app.ui.widgets.facts import Code, Empty, KeyValues, Lines
from app.ui.widgets.layout import Pair, card, column, frame, row, rule
from app.ui.widgets.text import Icon, Lead, label, set_property

_KEYS = 104


class ChallengePage(ScrollPage):
    shows = (ChallengeSnapshot,)

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("challenge")
        self._shown: ChallengeSnapshot | None = None
        self.back = Button(phrases.text("back"), "link", icon="arrow-left", name="challenge.back")
        self.save = Button(phrases.text("save"), icon="download", name="challenge.save")
        self.back.clicked.connect(self._go_back)
        self.save.clicked.connect(self._save)
        self._none = card(
            Empty("copy", phrases.text("none.title"), phrases.text("none.text"), None)
        )
        self._icon = Icon("copy", "warn", 20, 2)
        self._lead = Lead("challenge.verdict")
        verdict = row(self._icon, self._lead, margins=(16, 12, 16, 12), spacing=12)
        verdict.setStretch(1, 1)
        self._verdict = frame("act", verdict)
        self._sides = (_SideCard(0), _SideCard(1))
        for side in self._sides:
            side.open.clicked.connect(lambda _=False, one=side: self._open(one.dataset))
        self._alike = _AlikeCard()
        self._whole = QWidget()
        sides = Pair(*self._sides, below=0, spacing=14)  # side by side at every width
        self._whole.setLayout(column(self._verdict, sides, self._alike, _checks(), spacing=14))
        self.column.addLayout(row(self.back, None))
        self.column.addLayout(row(label(phrases.text("title"), "h1"), None, self.save))
        self.column.addWidget(self._none)
        self.column.addWidget(self._whole)
        self.column.addStretch(1)
        self._whole.hide()
        self.save.hide()

    def show_snapshot(self, snapshot: ChallengeSnapshot) -> None:
        before, self._shown = self._shown, snapshot
        if before is None or _pair(before) != _pair(snapshot):
            self.area.verticalScrollBar().setValue(0)
        self._none.hide()
        self._whole.show()
        self.save.show()
        self._lead.say(*phrases.verdict(snapshot))
        plain = not snapshot.same_content and snapshot.score is None
        set_property(self._verdict, "surface", "next" if plain else "act")
        self._icon.set_icon("info" if plain else "copy", "accent" if plain else "warn")
        self._sides[0].say(snapshot.one)
        self._sides[1].say(snapshot.other)
        self._alike.say(snapshot)

    def _go_back(self) -> None:
        self.went.emit(self._shown.back if self._shown else "browse")

    def _open(self, dataset: str) -> None:
        self.asked.emit(OpenDataset(dataset))

    def _save(self) -> None:
        path, _ = QFileDialog.getSaveFileName(
            self,
            phrases.text("save"),
            phrases.text("save.file"),
            phrases.text("save.filter"),
        )
        if path:
            self.asked.emit(SaveChallenge(Path(path)))


def _pair(shown: ChallengeSnapshot) -> tuple[str, str, int]:
    return shown.one.dataset or shown.one.fingerprint, shown.other.dataset, shown.other.chain_id


class _SideCard(QFrame):
    """One of the two."""

    def __init__(self, number: int) -> None:
        super().__init__()
        self.dataset = ""
        self._number = number
        name = f"challenge.side.{number}"
        self.setProperty("surface", "card")
        self.setObjectName(name)
        self._title = label(role="h2", wrap=True, name=f"{name}.title")
        self._facts = KeyValues(key_width=_KEYS, name=f"{name}.facts")
        self._codes = {
            code: Code(name=f"{name}.{code}")
            for code in ("fingerprint", "content", "entry", "block_hash")
        }
        self._lines = {code: _code_line(code, widget) for code, widget in self._codes.items()}
        self.open = Button(phrases.text("open"), "link", name=f"{name}.open")
        self.setLayout(
            column(
                self._title,
                self._facts,
                rule(),
                column(*self._lines.values(), spacing=4),
                row(self.open, None),
                None,
                margins=(20, 16, 20, 12),
                spacing=10,
            )
        )

    def say(self, side: Side) -> None:
        self.dataset = side.dataset
        self.setAccessibleName(phrases.side_meaning(self._number, side))
        self._title.setText(side.title or "–")
        self._facts.say(
            (phrases.text("by"), phrases.by(side)),
            (phrases.text("network"), side.network),
            (phrases.text("committed"), phrases.when(side.committed_at)),
            (phrases.text("registered"), phrases.when(side.registered_at)),
            (phrases.text("block"), phrases.block(side)),
            (phrases.text("size"), phrases.size(side)),
        )
        values = {
            "fingerprint": side.fingerprint,
            "content": side.content_id,
            "entry": side.entry,
            "block_hash": side.block_hash,
        }
        for code, value in values.items():
            self._codes[code].say(value)
            self._lines[code].setVisible(bool(value))
        self.open.setVisible(bool(side.dataset) and not side.elsewhere)


def _code_line(code: str, widget: Code) -> QWidget:
    key = label(phrases.text(code), "muted", wrap=True)
    key.setFixedWidth(_KEYS)
    box = row(key, widget, spacing=8)
    box.setStretch(1, 1)
    made = QWidget()
    made.setLayout(box)
    return made


class _AlikeCard(QFrame):
    """How alike, column by column."""

    def __init__(self) -> None:
        super().__init__()
        self.setProperty("surface", "card")
        self.setObjectName("challenge.alike")
        self._shown: tuple[ColumnAlike, ...] | None = None
        self._lines = Lines("challenge.columns", spacing=8)
        self._hint = label(role="hint", wrap=True)
        self._left_out = label(role="hint", wrap=True, name="challenge.left_out")
        self.setLayout(
            column(
                label(phrases.text("alike"), "h2"),
                self._hint,
                self._lines,
                self._left_out,
                margins=(20, 16, 20, 16),
                spacing=12,
            )
        )

    def say(self, shown: ChallengeSnapshot) -> None:
        none = shown.score is None
        hint = "alike.none" if none else "alike.hint" if shown.columns else "alike.pieces"
        self._hint.setText(phrases.text(hint))
        self._lines.setVisible(not none)
        left_out = phrases.left_out(shown.left_out)
        self._left_out.setText(left_out)
        self._left_out.setVisible(bool(left_out))
        columns = shown.columns
        if shown.score is not None and not columns:
            every = phrases.text("alike.all")
            columns = (ColumnAlike(every, every, shown.score),)
        if columns != self._shown:
            self._shown = columns
            self._lines.say(*(_column(one) for one in columns))


def _column(one: ColumnAlike) -> QWidget:
    bar = QProgressBar()
    bar.setTextVisible(False)
    bar.setRange(0, 1000)
    bar.setValue(round(one.score * 1000))
    bar.setFixedWidth(180)
    bar.setAccessibleName(phrases.column_spoken(one))
    share = label(phrases.percent(one), "strong" if one.other else "muted")
    share.setFixedWidth(48)
    box = row(label(phrases.column(one), "" if one.other else "muted", wrap=True), bar, share)
    box.setStretch(0, 1)
    made = QWidget()
    made.setLayout(box)
    return made


def _checks() -> QFrame:
    lines = []
    for code, icon, token in (
        ("checks.file", "file-check", "accent"),
        ("checks.data", "fingerprint", "accent"),
        ("checks.node", "globe", "accent"),
        ("checks.never", "circle-help", "ink3"),
    ):
        line = row(Icon(icon, token, 18, 2), label(phrases.text(code), wrap=True), spacing=12)
        line.setStretch(1, 1)
        lines.append(line)
    return card(label(phrases.text("checks"), "h2"), *lines, name="challenge.checks", spacing=12)
