"""The recovery sheet on paper: one painter for the printer and for the PDF file."""

from __future__ import annotations

import os
from pathlib import Path

from PySide6.QtCore import QBuffer, QIODevice, QMarginsF, QRectF, Qt
from PySide6.QtGui import QColor, QPageLayout, QPageSize, QPainter, QPdfWriter, QPen

from app.ui import theme
from app.ui.phrases import recovery as phrases
from app.ui.phrases import words as written

_WIDE = 680.0  # units across the printable width; everything below is in them
_COLUMNS = 3


def paint(painter: QPainter, area: QRectF, name: str, words: tuple[str, ...]) -> None:
    """Paint the sheet into ``area`` (device units), black on white whatever the theme is."""
    ink, quiet = QColor(theme.LIGHT["ink"]), QColor(theme.LIGHT["ink2"])
    painter.save()
    painter.translate(area.topLeft())
    painter.scale(area.width() / _WIDE, area.width() / _WIDE)
    painter.setPen(ink)
    painter.setFont(theme.font(30, 700))
    painter.drawText(QRectF(0, 0, _WIDE, 40), 0, phrases.text("paper.title"))
    painter.setPen(quiet)
    painter.setFont(theme.font(14))
    painter.drawText(
        QRectF(0, 44, _WIDE, 22),
        0,
        phrases.paper_name(name, written.today()),
    )
    wrap = int(Qt.TextFlag.TextWordWrap)
    painter.setPen(ink)
    painter.drawText(QRectF(0, 84, _WIDE, 44), wrap, phrases.text("paper.use"))
    lines = -(-len(words) // _COLUMNS)
    wide, tall = _WIDE / _COLUMNS, 46.0
    for i, word in enumerate(words):
        across, down = divmod(i, lines)
        place = QRectF(across * wide, 150 + down * tall, wide - 16, tall)
        painter.setPen(quiet)
        painter.setFont(theme.font(14))
        painter.drawText(place, int(Qt.AlignmentFlag.AlignVCenter), str(i + 1))
        painter.setPen(ink)
        painter.setFont(theme.font(19, 500, mono=True))
        painter.drawText(place.adjusted(34, 0, 0, 0), int(Qt.AlignmentFlag.AlignVCenter), word)
        painter.setPen(QPen(QColor(theme.LIGHT["line"]), 1))
        painter.drawLine(place.bottomLeft(), place.bottomRight())
    painter.setPen(ink)
    painter.setFont(theme.font(14, 500))
    below = QRectF(0, 176 + lines * tall, _WIDE, 70)
    painter.drawText(below, wrap, phrases.text("paper.warning"))
    painter.restore()


def pdf(name: str, words: tuple[str, ...]) -> bytes:
    """The sheet as one A4 page."""
    buffer = QBuffer()
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    writer = QPdfWriter(buffer)
    writer.setTitle(phrases.text("paper.title"))
    writer.setPageSize(QPageSize(QPageSize.PageSizeId.A4))
    writer.setPageMargins(QMarginsF(20, 22, 20, 20), QPageLayout.Unit.Millimeter)
    writer.setResolution(300)
    painter = QPainter(writer)
    paint(painter, QRectF(0, 0, writer.width(), writer.height()), name, words)
    painter.end()
    buffer.close()
    return bytes(buffer.data().data())


def save(path: Path, name: str, words: tuple[str, ...]) -> None:
    """Write the PDF for its owner only. OSError with the system's reason."""
    content = pdf(name, words)
    flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC
    with os.fdopen(os.open(path, flags, 0o600), "wb") as file:
        os.chmod(path, 0o600)
        file.write(content)
