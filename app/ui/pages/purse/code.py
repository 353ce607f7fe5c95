"""The QR code of an address, painted from its matrix."""

from __future__ import annotations

import segno
from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from app.ui import theme
from app.ui.phrases import money as phrases

QUIET = 4  # modules of white around it (ISO/IEC 18004)


class QrCode(QWidget):
    """Dark on light in both themes: many scanners do not read it the other way round."""

    def __init__(self, name: str, side: int = 184) -> None:
        super().__init__()
        self.setObjectName(name)
        self.setAccessibleName(phrases.text("receive.code"))
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self._side = side
        self._text = ""
        self.modules: tuple[tuple[bool, ...], ...] = ()

    def say(self, text: str) -> None:
        if text == self._text:
            return
        self._text = text
        made = segno.make(text, error="m", micro=False).matrix if text else ()
        self.modules = tuple(tuple(bool(dark) for dark in line) for line in made)
        self.setVisible(bool(text))
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(self._side, self._side)

    def paintEvent(self, event: QPaintEvent) -> None:
        if not self.modules:
            return
        painter = QPainter(self)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setBrush(QColor(theme.LIGHT["surface"]))
        painter.drawRoundedRect(self.rect(), 8, 8)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
        painter.setBrush(QColor(theme.LIGHT["ink"]))
        module = self._side / (len(self.modules) + 2 * QUIET)
        for y, line in enumerate(self.modules):
            for x, dark in enumerate(line):
                if dark:
                    left, top = (QUIET + x) * module, (QUIET + y) * module
                    painter.drawRect(QRectF(left, top, module, module).toAlignedRect())
