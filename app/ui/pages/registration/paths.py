"""A file or folder, however it comes: dropped, pasted, chosen or typed.

What was dropped or typed is only made into one absolute path here; whether it exists and can be
read is found out by whoever reads it.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import QMimeData, Qt, QUrl, Signal
from PySide6.QtGui import (
    QDragEnterEvent,
    QDragLeaveEvent,
    QDropEvent,
    QGuiApplication,
    QKeyEvent,
    QKeySequence,
    QPainter,
    QPaintEvent,
    QPen,
)
from PySide6.QtWidgets import QFileDialog, QWidget

from app.ui import theme
from app.ui.phrases import content as phrases
from app.ui.widgets.buttons import Button
from app.ui.widgets.fields import Field, line_edit
from app.ui.widgets.layout import column, row
from app.ui.widgets.text import Icon, label

LONGEST = 4096


def typed_path(text: str) -> tuple[Path | None, str]:
    """The absolute path somebody typed or pasted, else the code of what is wrong with it."""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    if not lines:
        return None, "empty"
    if len(lines) > 1:
        return None, "several"
    plain = lines[0]
    if len(plain) > 1 and plain[0] == plain[-1] and plain[0] in "\"'":
        plain = plain[1:-1].strip()
    if "://" in plain:
        return dropped_path([QUrl(plain)])
    if plain == "~" or plain.startswith("~/"):
        return Path.home() / plain[2:], ""
    path = Path(plain)
    return (path, "") if path.is_absolute() else (None, "relative")


def dropped_path(urls: Sequence[QUrl]) -> tuple[Path | None, str]:
    """The one local path among dropped or pasted addresses, else what is wrong with them."""
    if len(urls) > 1:
        return None, "several"
    if not urls or not urls[0].isLocalFile():
        return None, "remote"
    path = Path(urls[0].toLocalFile())
    return (path, "") if path.is_absolute() else (None, "relative")


def pasted_path(data: QMimeData) -> tuple[Path | None, str]:
    return dropped_path(data.urls()) if data.hasUrls() else typed_path(data.text())


class PathPicker(QWidget):
    """Drop, choose, paste or type; ``picked`` emits the one absolute path that came of it.

    ``name`` prefixes the object names: ``name.drop``, ``.file``, ``.folder``, ``.path``, ``.use``.
    """

    picked = Signal(Path)

    def __init__(self, name: str, *, use: str = "", compact: bool = False) -> None:
        super().__init__()
        self.setAcceptDrops(True)
        self._tall = 0 if compact else 26
        self._over = False
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setObjectName(f"{name}.drop")
        self.setAccessibleName(phrases.drop_meaning())
        self._file = Button(phrases.choose_file(), "primary", icon="file", name=f"{name}.file")
        self._folder = Button(phrases.choose_folder(), icon="folder", name=f"{name}.folder")
        self.path = line_edit(f"{name}.path", placeholder=phrases.path_example(), most=LONGEST)
        self._use = Button(use or phrases.use_path(), name=f"{name}.use")
        self._field = Field(phrases.path(), self.path)
        self._file.clicked.connect(self._choose_file)
        self._folder.clicked.connect(self._choose_folder)
        self._use.clicked.connect(self.use_typed)
        self.path.returnPressed.connect(self.use_typed)
        self.path.textChanged.connect(lambda _: self._field.set_error())
        self._lay_out()

    def _lay_out(self) -> None:
        middle = Qt.AlignmentFlag.AlignHCenter
        box = column(margins=(24, 18 + self._tall, 24, 18 + self._tall), spacing=10)
        if self._tall:
            box.addWidget(Icon("upload", "accent", 36, 1.5), 0, middle)
        for text, role in ((phrases.drop_here(), "stat"), (phrases.drop_hint(), "muted")):
            line = label(text, role, wrap=True)
            line.setAlignment(middle)
            box.addWidget(line)
        box.addSpacing(4)
        box.addLayout(row(None, self._file, self._folder, None))
        box.addSpacing(self._tall // 2)
        typed = row(self._field, column(24, self._use, None, spacing=0))
        typed.setStretch(0, 1)
        box.addLayout(typed)
        self.setLayout(box)

    def refuse(self, code: str) -> None:
        """Say what is wrong with what was dropped, pasted or typed."""
        self._field.set_error(phrases.path_problem(code))

    def error(self) -> str:
        return self._field.error()

    def use_typed(self) -> None:
        self._take(*typed_path(self.path.text()))

    def take(self, data: QMimeData) -> None:
        """What was dropped or pasted."""
        self._take(*pasted_path(data))

    def _take(self, path: Path | None, problem: str) -> None:
        if path is None:
            self.refuse(problem)
            return
        self.path.setText(str(path))
        self._field.set_error()
        self.picked.emit(path)

    def _choose_file(self) -> None:
        chosen, _ = QFileDialog.getOpenFileName(self, phrases.choose_file())
        if chosen:
            self._take(Path(chosen), "")

    def _choose_folder(self) -> None:
        chosen = QFileDialog.getExistingDirectory(self, phrases.choose_folder())
        if chosen:
            self._take(Path(chosen), "")

    # --- drop and paste ---------------------------------------------------------------------

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if event.mimeData().hasUrls() or event.mimeData().hasText():
            event.acceptProposedAction()
            self._show_over(True)

    def dragLeaveEvent(self, event: QDragLeaveEvent) -> None:
        self._show_over(False)

    def dropEvent(self, event: QDropEvent) -> None:
        event.acceptProposedAction()
        self._show_over(False)
        self.take(event.mimeData())

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.matches(QKeySequence.StandardKey.Paste):
            self.take(QGuiApplication.clipboard().mimeData())
        else:
            super().keyPressEvent(event)

    def _show_over(self, over: bool) -> None:
        self._over = over
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        active = self._over or self.hasFocus()
        painter.setBrush(theme.color("accentSoft" if self._over else "surface"))
        dashed = QPen(theme.color("accent" if active else "ink3"), 2 if active else 1.5)
        dashed.setDashPattern([5, 4])
        painter.setPen(dashed)
        painter.drawRoundedRect(self.rect().adjusted(1, 1, -2, -2), 12, 12)
