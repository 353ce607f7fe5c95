"""What is on the table, with what changed against the proposal before, and the earlier ones."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QGridLayout, QWidget

from app.domain.snapshots.orders import Line, OrderSnapshot, Proposal
from app.ui.phrases import order as phrases
from app.ui.phrases import words
from app.ui.widgets.facts import Lines
from app.ui.widgets.layout import card, column, row, rule
from app.ui.widgets.text import label


class Proposals(QFrame):
    """Hidden once the payment is held: from then on the signed agreement counts."""

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("order.proposals")
        self._now = Lines("order.proposal", spacing=10)
        self._rule = rule()
        self._title = label(phrases.earlier(), "muted")
        self._earlier = Lines("order.earlier", spacing=6)
        inside = card(self._now, self._rule, self._title, self._earlier)
        self.setLayout(column(inside))
        self._shown: tuple[Line, ...] | None = None

    def say(self, order: OrderSnapshot) -> None:
        lines = tuple(line for line in order.thread if line.proposal)
        if order.proposal and not any(line.proposal == order.proposal for line in lines):
            lines += (_as_line(order, order.proposal),)
        gone = order.held or order.ended in ("paid", "refunded")
        self.setVisible(bool(lines) and not gone)
        if lines == self._shown or not lines:
            return
        self._shown = lines
        before = lines[-2].proposal if len(lines) > 1 else None
        self._now.say(_written(lines[-1], before))
        earlier = lines[-2::-1] if len(lines) > 1 else ()
        self._earlier.say(*(_short(line) for line in earlier))
        for part in (self._rule, self._title, self._earlier):
            part.setVisible(bool(earlier))


def _as_line(order: OrderSnapshot, proposal: Proposal) -> Line:
    who = phrases.you() if proposal.mine else order.other
    return Line(proposal.mine, who, proposal.at, proposal.note, proposal)


def _who(line: Line) -> str:
    return phrases.you() if line.mine else line.who


def _written(line: Line, before: Proposal | None) -> QWidget:
    proposal = line.proposal
    assert proposal is not None
    wait = phrases.waits(proposal.state) if line.mine else ""
    when = "  ·  ".join(part for part in (words.moment(line.at), wait) if part)
    head = row(
        label(phrases.on_the_table(), "h2"),
        label(phrases.proposal_head(proposal, _who(line)), "muted"),
        None,
        label(when, "hint"),
        spacing=14,
    )
    grid = QGridLayout()
    grid.setContentsMargins(0, 0, 0, 0)
    grid.setHorizontalSpacing(8)
    grid.setVerticalSpacing(8)
    grid.setColumnStretch(1, 1)
    top = Qt.AlignmentFlag.AlignTop
    for i, (name, value, old) in enumerate(phrases.proposal_lines(proposal, before)):
        key = label(name, "muted", wrap=True)
        key.setFixedWidth(104)
        shown = label(value, "strong" if old else "", wrap=True)
        shown.setAccessibleName(f"{name}: {value}, {phrases.was(old)}" if old else "")
        grid.addWidget(key, i, 0, top)
        if old:
            text = phrases.was(old) if old != value else phrases.changed()
            grid.addLayout(column(shown, label(text, "was", wrap=True), spacing=0), i, 1)
        else:
            grid.addWidget(shown, i, 1, top)
    box = column(head, grid, spacing=12)
    if proposal.note:
        box.addWidget(label(f"“{proposal.note}”", wrap=True, name="order.proposal.note"))
    made = QWidget()
    made.setLayout(box)
    return made


def _short(line: Line) -> QWidget:
    proposal = line.proposal
    assert proposal is not None
    made = QWidget()
    said = label(
        f"{_who(line)}: {words.money(proposal.price)}, {phrases.in_short(proposal)}",
        "hint",
        wrap=True,
    )
    box = row(said, label(words.moment(line.at), "hint"), spacing=10)
    box.setStretch(0, 1)
    made.setLayout(box)
    return made
