"""What buyers found: the mean of every score, and each rating with its words."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize, Signal
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QFrame, QGridLayout, QSizePolicy, QStackedWidget, QWidget

from app.domain import claims
from app.domain.commands import AskReviews
from app.domain.snapshots.datasets import Claims, DatasetSnapshot, Rating
from app.ui import theme
from app.ui.phrases import dataset as phrases
from app.ui.phrases import profile, words
from app.ui.widgets.buttons import Button
from app.ui.widgets.facts import Empty, KeyValues
from app.ui.widgets.layout import card, clear, column, frame, row, rule
from app.ui.widgets.text import Icon, label

MOST_SHOWN = 200


class ScoreBar(QWidget):
    """One score of 1 to 5 as a bar; screen readers get it in words."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self._name = name
        self._value = 0.0
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def sizeHint(self) -> QSize:
        return QSize(220, 8)

    def say(self, value: float) -> None:
        self._value = value
        self.setAccessibleName(phrases.score(self._name, value))
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(theme.color("track"))
        area = QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5)
        painter.setBrush(theme.color("track"))
        painter.drawRoundedRect(area, 4, 4)
        painter.setPen(theme.color("accent"))
        painter.setBrush(theme.color("accent"))
        wide = area.width() * max(0.0, min(1.0, self._value / 5))
        painter.drawRoundedRect(QRectF(area.x(), area.y(), wide, area.height()), 4, 4)


class QualityTab(QWidget):
    asked = Signal(object)

    def __init__(self) -> None:
        super().__init__()
        self._dataset = ""
        self._said: tuple[tuple[Rating, ...], tuple[float, ...]] | None = None
        self._mean = label(role="big", name="dataset.mean")
        self._count = label(role="muted", name="dataset.ratings_count")
        self._bars = [(name, ScoreBar(name), label(role="strong")) for name in phrases.criteria()]
        lines = QGridLayout()
        lines.setContentsMargins(0, 0, 0, 0)
        lines.setHorizontalSpacing(12)
        lines.setVerticalSpacing(10)
        lines.setColumnMinimumWidth(0, 130)
        lines.setColumnStretch(1, 1)
        for at, (name, bar, value) in enumerate(self._bars[1:]):
            value.setFixedWidth(30)
            for column_, part in enumerate((label(name, "muted"), bar, value)):
                lines.addWidget(part, at, column_)
        self._lines = column(spacing=12)
        left = column(self._mean, self._count, None, spacing=0)
        box = row(left, 40, lines, spacing=0)
        box.setStretch(2, 1)
        lead = label(phrases.quality_lead(), "h2")
        hint = label(profile.ratings_weighted(), "hint", wrap=True)
        self._marked = label(role="hint", wrap=True, name="dataset.ratings_left_out")
        some = QWidget()
        some.setLayout(
            column(
                card(lead, hint, self._marked, 4, box),
                self._build_words(),
                self._lines,
                None,
                spacing=14,
            )
        )
        none = card(Empty("star", *phrases.no_ratings(), name="dataset.no_ratings"))
        nothing = QWidget()
        nothing.setLayout(column(none, None))
        self._stack = QStackedWidget()
        self._stack.addWidget(nothing)
        self._stack.addWidget(some)
        self._claims = KeyValues(key_width=130, name="dataset.claims")
        self._declared = card(
            label(profile.declared_title(), "h2"),
            label(profile.declared_hint(), "hint", wrap=True),
            self._claims,
        )
        self.setLayout(column(self._declared, self._stack, spacing=14))

    def _build_words(self) -> QFrame:
        """About words that are not here."""
        self._elsewhere = label(role="hint", wrap=True, name="dataset.words_elsewhere")
        self._ask_words = Button(
            phrases.ask_words(), icon="message-square", name="dataset.ask_words"
        )
        self._ask_words.clicked.connect(lambda: self.asked.emit(AskReviews(self._dataset)))
        line = row(
            Icon("message-circle", "accent", 20, 2),
            self._elsewhere,
            self._ask_words,
            margins=(16, 12, 14, 12),
            spacing=12,
        )
        line.setStretch(1, 1)
        self._words = frame("next", line)
        return self._words

    def say_words(self, shown: DatasetSnapshot) -> None:
        self._dataset = shown.card.dataset
        missing = sum(rating.words is None for rating in shown.ratings)
        self._words.setVisible(bool(missing and shown.words))
        self._ask_words.setEnabled(shown.words != "asking")
        if shown.words:
            self._elsewhere.setText(phrases.words_elsewhere(missing, shown.words))

    def say_claims(self, said: Claims) -> None:
        """What the owner declares, the whole of it or nothing."""
        lines = claims.document(said)
        self._declared.setVisible(bool(lines))
        self._claims.say(
            *((profile.dimension(name), profile.claimed(name, lines[name])) for name in lines)
        )

    def say(self, ratings: tuple[Rating, ...], means: tuple[float, ...]) -> None:
        """``means``: the six of them, none where no rating counts."""
        if (ratings, means) == self._said:
            return
        self._said = (ratings, means)
        self._stack.setCurrentIndex(1 if ratings else 0)
        clear(self._lines)
        if not ratings:
            return
        for at, (_, bar, value) in enumerate(self._bars):
            mean = means[at] if means else 0.0
            bar.say(mean)
            value.setText(f"{mean:.1f}" if means else "–")
        self._mean.setText(self._bars[0][2].text())
        self._mean.setAccessibleName(self._bars[0][1].accessibleName())
        self._count.setText(phrases.ratings(len(ratings)))
        marked = sum(bool(rating.mark) for rating in ratings)
        self._marked.setText(profile.ratings_left_out(marked))
        self._marked.setVisible(bool(marked))
        for rating in ratings[:MOST_SHOWN]:
            self._lines.addWidget(_rating(rating))


def _rating(rating: Rating) -> QFrame:
    said = label(phrases.review(rating.words), "" if rating.words else "muted", wrap=True)
    overall = label(f"{rating.scores[0]}.0", "strong")
    overall.setAccessibleName(phrases.score(phrases.criteria()[0], rating.scores[0]))
    price = words.money(rating.price) if rating.price else ""
    when = "  ·  ".join(part for part in (price, words.date(rating.at)) if part)
    head = row(
        Icon("star", "accent", 16, 2),
        overall,
        4,
        label(rating.by, "strong"),
        None,
        label(when, "hint"),
    )
    scores = "  ·  ".join(
        f"{name} {score}"
        for name, score in zip(phrases.criteria()[1:], rating.scores[1:], strict=True)
    )
    marked = _warning(profile.mark(rating.mark) if rating.mark else "")
    differs = _warning(profile.differed(rating.differs) if rating.differs else "")
    return card(head, marked, said, differs, rule(), label(scores, "hint", wrap=True), spacing=8)


def _warning(said: str) -> QWidget:
    """Hidden where there is nothing to say."""
    made = QWidget()
    line = row(Icon("triangle-alert", "warn", 16, 2), label(said, "hint", wrap=True), spacing=8)
    line.setStretch(1, 1)
    made.setLayout(line)
    made.setVisible(bool(said))
    return made
