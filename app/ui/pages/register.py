"""Register a dataset: one page, five steps at the left, each open until the last is done.

Every registration has its own key (32 hex characters), drawn here when it is begun. What is typed
goes to the engine whenever a field or a step is left; what comes back never changes a form that
somebody has typed into.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from uuid import uuid4

from PySide6.QtCore import Qt
from PySide6.QtGui import (
    QDragEnterEvent,
    QDropEvent,
    QGuiApplication,
    QHideEvent,
    QKeyEvent,
    QKeySequence,
)
from PySide6.QtWidgets import QFrame, QStackedWidget, QWidget

from app.domain.commands import (
    CancelFingerprint,
    ChooseContent,
    DescribeDraft,
    PriceDraft,
    RegisterDraft,
)
from app.domain.snapshots.datasets import RegisterSnapshot
from app.domain.snapshots.shell import Notice
from app.ui.page import Page, scrolling
from app.ui.pages.registration.check import CheckStep
from app.ui.pages.registration.content import ContentStep
from app.ui.pages.registration.describe import DescribeStep
from app.ui.pages.registration.outcome import Outcome
from app.ui.pages.registration.price import PriceStep
from app.ui.pages.registration.review import ReviewStep, needs
from app.ui.pages.registration.standings import standings
from app.ui.pages.registration.steps import STEPS, StepList
from app.ui.phrases import register as phrases
from app.ui.phrases import registered as registered_phrases
from app.ui.phrases import saving as saving_phrases
from app.ui.phrases import words
from app.ui.widgets.buttons import Button
from app.ui.widgets.layout import column, frame, row
from app.ui.widgets.text import label

FILE, CHECK, DESCRIBE, PRICE, REVIEW = range(len(STEPS))
_OUTCOME = len(STEPS)
_PANE = 236


class RegisterPage(Page):
    shows = (RegisterSnapshot, Notice)

    def __init__(self) -> None:
        super().__init__()
        self.setAcceptDrops(True)
        self._key = uuid4().hex
        self._left_keys: set[str] = set()
        self._draft = RegisterSnapshot(self._key)
        self._opened = 0  # how many requests for a draft the page has followed
        self._mending = False  # a recording that failed is changed before it is tried again
        self._saving = False
        self._said: dict[type, object] = {}  # what the engine knows of this draft already
        self._build()
        self._show_step(FILE)

    # --- in ---------------------------------------------------------------------------------

    def opened(self) -> None:
        if self._draft.state in ("recorded", "final", "withdrawn"):  # nothing of it is left to do
            self._begin()

    def show_snapshot(self, snapshot: RegisterSnapshot | Notice) -> None:
        if isinstance(snapshot, Notice):
            self._refused(snapshot)
            return
        asked_for = snapshot.opened > self._opened
        self._opened = max(self._opened, snapshot.opened)
        if snapshot.draft == self._key:
            self._show_draft(snapshot)
        elif asked_for or snapshot.draft not in self._left_keys:
            self._open(snapshot)

    def _open(self, draft: RegisterSnapshot) -> None:
        """Go on with another draft."""
        self._leave_key()
        self._key = draft.draft
        self._left_keys.discard(draft.draft)
        self._said = {}
        self._saving = self._mending = False
        self._content.open_draft(draft)
        self._describe.open_draft(draft)
        self._price.open_draft(draft)
        self._show_draft(draft)
        if draft.state == "draft":
            self._show_step(FILE if draft.reading or not draft.fingerprint else DESCRIBE)

    def _begin(self) -> None:
        """A new registration, on an empty page."""
        self._leave_key()
        blank = RegisterSnapshot(uuid4().hex, currencies=self._draft.currencies)
        self._key = blank.draft
        self._said = {}
        self._saving = self._mending = False
        self._draft = blank
        self._content.start()
        self._describe.open_draft(blank)
        self._price.open_draft(blank)
        self._show_draft(blank)
        self._show_step(FILE)

    def _leave_key(self) -> None:
        self._keep_typed()
        self._left_keys.add(self._key)

    def _show_draft(self, draft: RegisterSnapshot) -> None:
        self._draft = draft
        if draft.state != "failed":
            self._mending = False
        done = not self._editable()
        if done:
            self._saving = False
        self._content.show_draft(draft)
        self._check.show_draft(draft)
        self._describe.show_draft(draft)
        self._price.show_draft(draft)
        if done:
            self._outcome.show_draft(draft)
            if self._stack.currentIndex() != _OUTCOME:
                self._stack.setCurrentIndex(_OUTCOME)
        elif self._stack.currentIndex() == _OUTCOME:
            self._stack.setCurrentIndex(REVIEW)
        self._refresh()

    def _editable(self) -> bool:
        """Until it is saved, and again when recording failed and the person wants to mend it."""
        return self._draft.state == "draft" or (self._draft.state == "failed" and self._mending)

    def _mend(self) -> None:
        self._mending = True
        self._show_draft(self._draft)
        self._show_step(REVIEW)

    def _refused(self, notice: Notice) -> None:
        """The engine could not do it (the window shows why): nothing waits any more."""
        if notice.about not in ("register", self._key) or notice.kind == "done":
            return
        self._saving = False
        if not self._draft.fingerprint and self._draft.reading is None:
            self._content.refuse()
        self._refresh()

    # --- steps ------------------------------------------------------------------------------

    def _go(self, step: int) -> None:
        """Leave the open step for ``step``; what was typed is kept first."""
        self._keep_typed()
        self._show_step(step)

    def _show_step(self, step: int) -> None:
        self._stack.setCurrentIndex(step)
        self._refresh()
        first = (
            self._content.picker if self._content.can_take() else self._next,
            self._next,
            self._describe.first(),
            self._price.first(),
            self._next,
        )[step]
        first.setFocus(Qt.FocusReason.OtherFocusReason)

    def _step(self) -> int:
        return min(self._stack.currentIndex(), REVIEW)

    def _back_one(self) -> None:
        self._go(max(FILE, self._step() - 1))

    def _next_one(self) -> None:
        step = self._step()
        if step == REVIEW:
            self._save()
            return
        if step == PRICE and self._price.value() is None:
            self._price.complain()
            return
        if step == DESCRIBE and self._needs_of("title", "what", "terms"):
            self._describe.complain()
            return
        self._go(step + 1)

    def _needs_of(self, *codes: str) -> bool:
        return any(code in codes for code in self._missing(self._typed()))

    def _typed(self) -> RegisterSnapshot:
        """The draft as it is on the page now, before the engine has told it back."""
        description, terms = self._describe.value()
        return replace(self._draft, description=description, terms=terms, price=self._price.value())

    def _missing(self, typed: RegisterSnapshot) -> tuple[str, ...]:
        return needs(typed, terms_complete=self._describe.terms_complete())

    def _refresh(self) -> None:
        """Steps, buttons and the review: everything that follows from the draft and the forms."""
        draft = self._typed()
        missing = self._missing(draft)
        step, done = self._step(), not self._editable()
        self._steps.say(standings(draft, missing, done=done), -1 if done else step)
        self._head.setText(registered_phrases.outcome_head() if done else phrases.head(STEPS[step]))
        self._lead.setText(phrases.lead(STEPS[step]))
        for part in (self._lead, self._foot):
            part.setVisible(not done)
        self._review.show_draft(draft, missing)
        self._back.setVisible(step > FILE)
        self._next.needs_chain = step == REVIEW
        self._next.setEnabled(bool(draft.path) and not (step == REVIEW and missing))
        if step == REVIEW:
            self._next.say(saving_phrases.saving() if self._saving else saving_phrases.save())
            self._next.setEnabled(not missing and not self._saving)
        else:
            self._next.say(phrases.go_on())
        self._another.setVisible(bool(draft.path) and not done)
        self._another_hint.setVisible(bool(draft.path) and not done)
        self._kept.setVisible(bool(draft.path) and bool(self._said))

    # --- out --------------------------------------------------------------------------------

    def _pick(self, path: Path) -> None:
        self._draft = replace(
            self._draft, path=str(path), fingerprint="", content_id="", records=0, check="none_yet"
        )
        self._said.pop(ChooseContent, None)
        self._ask(ChooseContent(self._key, path))
        self._refresh()

    def _stop(self) -> None:
        self.asked.emit(CancelFingerprint(self._key))

    def _save(self) -> None:
        self._keep_typed()
        if self._missing(self._typed()) or self._saving:
            return
        self._saving = True
        self._mending = False
        self.asked.emit(RegisterDraft(self._key))
        self._refresh()

    def _keep_typed(self) -> None:
        """Tell the engine what it does not know yet of what is typed."""
        if not self._draft.path or not self._editable():
            return
        description, terms = self._describe.value()
        known = self._said.get(
            DescribeDraft, DescribeDraft(self._key, self._draft.description, self._draft.terms)
        )
        told = DescribeDraft(self._key, description, terms)
        if told != known:
            self._ask(told)
        price = self._price.value()
        if price is not None:
            offered = PriceDraft(self._key, price.currency.token, price.units)
            if self._said.get(PriceDraft) != offered and price != self._draft.price:
                self._ask(offered)

    def _ask(self, command: ChooseContent | DescribeDraft | PriceDraft) -> None:
        self._said[type(command)] = command
        self.asked.emit(command)

    def _left(self) -> None:
        self._keep_typed()
        self._refresh()

    # --- drop, paste, hide ------------------------------------------------------------------

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if self._content.can_take() and event.mimeData().hasUrls():
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        event.acceptProposedAction()
        self._content.take(event.mimeData())

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.matches(QKeySequence.StandardKey.Paste) and self._step() == FILE:
            self._content.take(QGuiApplication.clipboard().mimeData())
        else:
            super().keyPressEvent(event)

    def hideEvent(self, event: QHideEvent) -> None:
        self._keep_typed()
        super().hideEvent(event)

    # --- building ---------------------------------------------------------------------------

    def _build(self) -> None:
        self._content, self._check = ContentStep(), CheckStep()
        self._describe, self._price = DescribeStep(), PriceStep()
        self._review, self._outcome = ReviewStep(), Outcome()
        self._content.picked.connect(self._pick)
        self._content.stopped.connect(self._stop)
        self._check.asked.connect(self.asked)
        self._describe.left.connect(self._left)
        self._describe.priced.connect(self._price.take)
        self._describe.values.stopped.connect(self._stop)
        self._price.left.connect(self._left)
        self._price.asked.connect(self.asked)
        self._review.changes.connect(self._go)
        self._outcome.asked.connect(self.asked)
        self._outcome.went.connect(self.went)
        self._outcome.another.connect(self._begin)
        self._outcome.changes.connect(self._mend)
        self._stack = QStackedWidget()
        steps = (self._content, self._check, self._describe, self._price, self._review)
        for step in (*steps, self._outcome):
            self._stack.addWidget(
                scrolling(column(step, None, margins=(28, 6, 28, 22)), max_width=940)
            )
        self._head = label(role="h1", wrap=True, name="register.head")
        self._lead = label(role="muted", wrap=True, name="register.lead")
        head = column(self._head, self._lead, margins=(28, 22, 28, 10), spacing=4)
        right = column(head, self._stack, self._build_foot(), spacing=0)
        right.setStretch(1, 1)
        box = row(self._build_pane(), right, spacing=0)
        box.setStretch(1, 1)
        self.setLayout(box)

    def _build_pane(self) -> QFrame:
        self._steps = StepList()
        self._steps.chosen.connect(self._go)
        self._another = Button(phrases.start_another(), "link", name="register.start_another")
        self._another.clicked.connect(self._begin)
        self._another_hint = label(phrases.start_another_hint(), "hint", wrap=True)
        pane = column(
            label(phrases.title(), "h1"),
            18,
            self._steps,
            None,
            self._another,
            self._another_hint,
            margins=(20, 22, 16, 18),
            spacing=4,
        )
        made = frame("pane", pane)
        made.setFixedWidth(_PANE)
        return made

    def _build_foot(self) -> QWidget:
        self._back = Button(words.back(), icon="chevron-left", name="register.back")
        self._next = Button(phrases.go_on(), "primary", name="register.next")
        self._kept = label(phrases.kept(), "hint", name="register.kept")
        self._back.clicked.connect(self._back_one)
        self._next.clicked.connect(self._next_one)
        self._foot = QWidget()
        self._foot.setMaximumWidth(940)
        self._foot.setLayout(
            row(self._back, 6, self._kept, None, self._next, margins=(28, 12, 28, 16))
        )
        return self._foot
