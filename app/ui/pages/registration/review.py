"""Step 5: everything that becomes public, on one page, and the button that makes it so."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFrame, QWidget

from app.domain.listing import shared_sketch
from app.domain.snapshots.datasets import RegisterSnapshot
from app.ui.pages.registration.check import check_short
from app.ui.phrases import alike, words
from app.ui.phrases import content as content_phrases
from app.ui.phrases import dataset as shared
from app.ui.phrases import describing as describing_phrases
from app.ui.phrases import saving as phrases
from app.ui.phrases import terms as term_words
from app.ui.widgets.buttons import Button
from app.ui.widgets.facts import KeyValues, Stat
from app.ui.widgets.layout import Pair, card, clear, column, frame, row
from app.ui.widgets.text import Icon, Lead, label

LISTING_MOST = 8192
_KEY = 120
_STEP_OF = {"read": 0, "title": 2, "what": 2, "terms": 2, "listing": 2, "price": 3, "looking": 2}


def needs(draft: RegisterSnapshot, *, terms_complete: bool) -> tuple[str, ...]:
    """Codes of what is still missing before ``draft`` can be saved to the record."""
    checks = {
        "read": bool(draft.fingerprint) and draft.reading is None,
        "looking": draft.looking is None,
        "title": bool(draft.description.title),
        "what": bool(draft.description.what),
        "terms": terms_complete,
        "price": draft.price is not None,
        "listing": draft.listing_bytes <= LISTING_MOST,
    }
    return tuple(code for code, fine in checks.items() if not fine)


class ReviewStep(QWidget):
    """``changes`` emits the number of the step to go back to."""

    changes = Signal(int)

    def __init__(self) -> None:
        super().__init__()
        self._needs: tuple[str, ...] | None = None
        self._lines = column(spacing=2)
        needs_box = column(
            row(
                Icon("flag", "warn", 18, 2),
                label(phrases.needs_title(), "strong"),
                None,
                spacing=10,
            ),
            self._lines,
            margins=(16, 12, 16, 12),
            spacing=4,
        )
        self._missing = frame("act", needs_box, "register.missing")
        self._description = KeyValues(key_width=_KEY, name="register.review.description")
        self._data = KeyValues(key_width=_KEY, name="register.review.data")
        self._terms = KeyValues(key_width=_KEY, name="register.review.terms")
        self._price = label(role="h1", name="register.review.price")
        self._fee = Stat(phrases.recording_fee(), name="register.fee")
        self._size = Stat(phrases.listing_size(), name="register.listing")
        self._too_large = label(phrases.listing_too_large(), "error", wrap=True)
        description = self._card(phrases.card_description(), 2, self._description)
        price = self._card(phrases.price_title(), 3, self._price)
        data = self._card(phrases.card_data(), 0, self._data)
        terms = self._card(describing_phrases.licence_title(), 2, self._terms)
        cost = card(
            label(phrases.card_cost(), "h2"),
            row(self._fee, self._size, None, spacing=32),
            label(phrases.recording_fee_hint(), "hint", wrap=True),
            self._too_large,
        )
        lead = Lead("register.forever")
        lead.say(*phrases.forever())
        forever = row(Icon("stamp", "warn", 22, 2), lead, margins=(16, 14, 16, 14), spacing=14)
        forever.setStretch(1, 1)
        self.setLayout(
            column(
                self._missing,
                description,
                Pair(data, terms, spacing=14),
                Pair(price, cost, spacing=14),
                frame("act", forever),
                spacing=14,
            )
        )

    def show_draft(self, draft: RegisterSnapshot, missing: tuple[str, ...]) -> None:
        """``draft`` with what is typed now in place of what the snapshot knew."""
        self._show_missing(missing)
        text = draft.description
        self._description.say(
            (describing_phrases.title_field(), *_or_missing(text.title)),
            (describing_phrases.what_field(), *_or_missing(text.what)),
            (shared.key_field(), shared.field_of_data(text.field) or "–"),
            (shared.key_region(), text.region or "–"),
            (shared.key_period(), text.period or "–"),
            (shared.key_personal(), phrases.yes_no(text.personal_data)),
            (phrases.key_confidential(), phrases.yes_no(text.confidential)),
            *_sketch(draft),
        )
        columns = len(draft.profile.columns) if draft.profile else 0
        self._data.say(
            (phrases.key_path(), draft.path),
            (shared.key_size(), f"{words.size(draft.size_bytes)}  ·  {shared.files(draft.files)}"),
            (shared.tab_names()[1], words.number(columns) if columns else "–"),
            (content_phrases.fingerprint(), words.fingerprint(draft.fingerprint) or "–", "mono"),
            (phrases.key_check(), check_short(draft)),
        )
        self._terms.say(*((name, value) for _, name, value in term_words.lines(draft.terms)))
        self._price.setText(words.money(draft.price) if draft.price else phrases.missing())
        self._fee.say(words.fee(draft.fee_wei, draft.fee_currency))
        self._size.say(phrases.listing_of(draft.listing_bytes, LISTING_MOST))
        self._too_large.setVisible(draft.listing_bytes > LISTING_MOST)

    def _show_missing(self, missing: tuple[str, ...]) -> None:
        self._missing.setVisible(bool(missing))
        if missing == self._needs:
            return
        self._needs = missing
        clear(self._lines)
        for code in missing:
            button = Button(phrases.need(code), "link", name=f"register.need.{code}")
            button.clicked.connect(lambda _=False, to=_STEP_OF[code]: self.changes.emit(to))
            self._lines.addLayout(row(20, button, None))

    def _card(self, title: str, step: int, content: QWidget) -> QFrame:
        change = Button(
            phrases.change(),
            "link",
            name=f"register.change.{content.objectName().rpartition('.')[2]}",
            meaning=phrases.change_meaning(title),
        )
        change.clicked.connect(lambda: self.changes.emit(step))
        return card(row(label(title, "h2"), None, change), content, None, spacing=8)


def _or_missing(text: str) -> tuple[str, str]:
    return (text, "") if text else (phrases.missing(), "warn")


def _sketch(draft: RegisterSnapshot) -> list[tuple[str, str]]:
    """Of a table that can be compared: whether it will be."""
    if draft.profile is None or not draft.profile.sketch:
        return []
    public = bool(shared_sketch(draft.description, draft.profile))
    return [(alike.key_sketch(), alike.sketch_said(public))]
