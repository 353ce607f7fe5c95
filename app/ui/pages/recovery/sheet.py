"""The 24 words on the screen, numbered, to be written down, printed or saved."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QPainter
from PySide6.QtPrintSupport import QPrintDialog, QPrinter
from PySide6.QtWidgets import QFileDialog, QFrame, QGridLayout, QLabel, QWidget

from app.ui.pages.recovery import paper
from app.ui.phrases import recovery as phrases
from app.ui.widgets.buttons import Button
from app.ui.widgets.layout import clear, column, frame, row
from app.ui.widgets.text import label, set_property

_COLUMNS = 4


class WordSheet(QWidget):
    """``name`` prefixes the object names. `say` shows other words, or none: then nothing of
    them stays in the widgets."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self._who = ""
        self._words: tuple[str, ...] = ()
        self._grid = QGridLayout()
        self._grid.setContentsMargins(14, 18, 14, 18)
        self._grid.setHorizontalSpacing(18)
        self._grid.setVerticalSpacing(12)
        self.table: QFrame = frame("inset", self._grid, f"{name}.words")
        self.table.setAccessibleName(phrases.text("words"))
        self.print = Button(phrases.text("print"), icon="printer", name=f"{name}.print")
        self.save = Button(phrases.text("save"), icon="save", name=f"{name}.save")
        self.print.clicked.connect(self._print)
        self.save.clicked.connect(self._save)
        self._said = label(role="hint", wrap=True, name=f"{name}.said")
        self._said.hide()
        self.setLayout(column(self.table, row(self.print, self.save, None), self._said, spacing=12))

    def say(self, words: tuple[str, ...], who: str) -> None:
        self._who = who
        if words == self._words:
            return
        self._words = words
        self._said.hide()
        clear(self._grid)
        lines = -(-len(words) // _COLUMNS)
        for i, word in enumerate(words):
            across, down = divmod(i, lines)
            self._grid.addWidget(_word(i + 1, word), down, across)

    def _print(self) -> None:
        printer = QPrinter(QPrinter.PrinterMode.HighResolution)
        printer.setDocName(phrases.text("paper.title"))
        dialog = QPrintDialog(printer, self)
        if dialog.exec() != QPrintDialog.DialogCode.Accepted:
            return
        painter = QPainter()
        if not painter.begin(printer):
            self._tell(phrases.text("unprinted"), bad=True)
            return
        size = printer.pageRect(QPrinter.Unit.DevicePixel).size()
        paper.paint(painter, QRectF(0, 0, size.width(), size.height()), self._who, self._words)
        painter.end()
        self._tell(phrases.text("printed"))

    def _save(self) -> None:
        path, _ = QFileDialog.getSaveFileName(
            self, phrases.text("save"), phrases.text("file"), phrases.text("filter")
        )
        if not path:
            return
        target = Path(path if path.lower().endswith(".pdf") else f"{path}.pdf")
        try:
            paper.save(target, self._who, self._words)
        except OSError as error:
            self._tell(phrases.unsaved(error.strerror or type(error).__name__), bad=True)
        else:
            self._tell(phrases.saved(str(target)))

    def _tell(self, text: str, *, bad: bool = False) -> None:
        set_property(self._said, "role", "error" if bad else "hint")
        self._said.setText(text)
        self._said.show()


def _word(position: int, word: str) -> QWidget:
    number: QLabel = label(str(position), "hint")
    number.setFixedWidth(22)
    number.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
    text = label(word, "code")
    text.setAccessibleName(phrases.numbered(position, word))
    both = QWidget()
    both.setLayout(row(number, text, None, spacing=8))
    return both
