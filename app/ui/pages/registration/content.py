"""Step 1: the file or folder, and the reading pass that computes its fingerprint."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QMimeData, Signal
from PySide6.QtWidgets import QFrame, QWidget

from app.domain.snapshots.datasets import RegisterSnapshot
from app.ui.pages.registration.leaves import leaves
from app.ui.pages.registration.paths import PathPicker
from app.ui.phrases import content as phrases
from app.ui.phrases import words
from app.ui.widgets.buttons import Button
from app.ui.widgets.facts import Code, Stat
from app.ui.widgets.layout import card, column, row, rule
from app.ui.widgets.progress import ProgressLine
from app.ui.widgets.text import Icon, Lead, label


class ContentStep(QWidget):
    """``picked`` emits what to read (also "again"), ``stopped`` that the reading is not wanted."""

    picked = Signal(Path)
    stopped = Signal()

    def __init__(self) -> None:
        super().__init__()
        self._path = ""
        self._choosing = True  # the person wants to choose, whatever was chosen before
        self._stopping = False
        self.picker = PathPicker("register")
        self.picker.picked.connect(self._pick)
        self._chosen = self._build_chosen()
        self._progress_card = self._build_progress()
        self._found = self._build_found()
        self._failed = self._build_failed()
        self.setLayout(
            column(
                self.picker,
                self._chosen,
                self._progress_card,
                self._failed,
                self._found,
                leaves(),
                spacing=14,
            )
        )
        self.show_draft(RegisterSnapshot(""))

    def start(self) -> None:
        """A new registration: nothing chosen."""
        self._choosing, self._stopping = True, False
        self.picker.path.clear()
        self.show_draft(RegisterSnapshot(""))

    def take(self, data: QMimeData) -> None:
        """Something was dropped or pasted on the page."""
        if self.picker.isVisibleTo(self):
            self.picker.take(data)

    def can_take(self) -> bool:
        return self.picker.isVisibleTo(self)

    def wait(self, path: str) -> None:
        """The reading was asked for: say so until the first snapshot comes."""
        self._choosing, self._stopping = False, False
        self._show(path, reading=True, found=False)
        self._progress.say(0, 0, 0, None)
        self._hint.setText(phrases.starting())

    def refuse(self) -> None:
        """The files could not be taken (the notice says why): back to choosing."""
        self._choosing = True
        self._show(self._path, reading=False, found=False)

    def show_draft(self, draft: RegisterSnapshot) -> None:
        if draft.reading is not None and not self._choosing:
            reading = draft.reading
            self._progress.say(
                reading.done_bytes, reading.total_bytes, reading.speed_bytes, reading.left_seconds
            )
            self._hint.setText(phrases.stopping() if self._stopping else phrases.reading_hint())
        if draft.reading is None and self._stopping:
            self._stopping, self._choosing = False, True
        self._stop.setEnabled(not self._stopping)
        self._size.say(words.size(draft.size_bytes))
        self._files.say(words.number(draft.files), phrases.files(draft.files))
        self._records.say(words.number(draft.records))
        self._code.say(draft.fingerprint)
        self._show(draft.path, reading=draft.reading is not None, found=bool(draft.fingerprint))

    def open_draft(self, draft: RegisterSnapshot) -> None:
        """Another draft than before: what was chosen there is what is shown."""
        self._choosing, self._stopping = not draft.path, False
        self.show_draft(draft)

    def _show(self, path: str, *, reading: bool, found: bool) -> None:
        self._path = path
        choosing = self._choosing or not path
        self.picker.setVisible(choosing)
        self._chosen.setVisible(not choosing)
        self._progress_card.setVisible(not choosing and reading)
        self._found.setVisible(not choosing and not reading and found)
        self._failed.setVisible(not choosing and not reading and not found)
        self._other.setEnabled(not reading)
        # A folder or file name may hold anything; a path is shown whole and can wrap.
        self._name.setText(Path(path).name or path)
        self._where.setText(str(Path(path).parent) if path else "")

    def _build_chosen(self) -> QFrame:
        self._name = label(role="h2", wrap=True, name="register.name")
        self._where = label(role="hint", wrap=True, name="register.where")
        self._other = Button(phrases.other_content(), name="register.other")
        self._other.clicked.connect(self._choose_other)
        box = row(
            Icon("file-text", "accent", 24),
            column(self._name, self._where, spacing=2),
            self._other,
            spacing=14,
        )
        box.setStretch(1, 1)
        return card(box)

    def _build_progress(self) -> QFrame:
        self._stop = Button(phrases.cancel_reading(), name="register.cancel_reading")
        self._stop.clicked.connect(self._ask_stop)
        self._progress = ProgressLine(phrases.reading(), self._stop, name="register.progress")
        self._hint = label(role="muted", wrap=True, name="register.reading_hint")
        return card(self._progress, self._hint)

    def _build_found(self) -> QFrame:
        self._size = Stat(phrases.size(), name="register.size")
        self._files = Stat(phrases.files(0), name="register.files")
        self._records = Stat(phrases.records(), name="register.records")
        self._code = Code(name="register.fingerprint", whole=True)
        head = row(Icon("circle-check", "accent", 20, 2), label(phrases.is_read(), "h2"), None)
        stats = row(self._size, self._files, self._records, None, spacing=36)
        return card(
            head,
            stats,
            rule(),
            label(phrases.fingerprint(), "strong"),
            self._code,
            label(phrases.fingerprint_hint(), "hint", wrap=True),
            spacing=12,
        )

    def _build_failed(self) -> QFrame:
        lead = Lead("register.not_read")
        lead.say(*phrases.not_read())
        self._again = Button(phrases.read_again(), icon="refresh-cw", name="register.read_again")
        self._again.clicked.connect(lambda: self._pick(Path(self._path)))
        box = row(Icon("circle-alert", "warn", 20, 2), lead, self._again, spacing=12)
        box.setStretch(1, 1)
        return card(box)

    def _pick(self, path: Path) -> None:
        self.wait(str(path))
        self.picked.emit(path)

    def _choose_other(self) -> None:
        self._choosing = True
        self._show(self._path, reading=False, found=False)
        self.picker.path.setFocus()

    def _ask_stop(self) -> None:
        self._stopping = True
        self._stop.setEnabled(False)
        self._hint.setText(phrases.stopping())
        self.stopped.emit()
