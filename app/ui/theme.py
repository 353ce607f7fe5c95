"""Tokens → palette, style sheet, fonts and tinted icons; the one source for everything painted.

Widgets ask for a token by name (``color("accent")``) when they paint, so that a change of theme
needs no signal: `apply` makes Qt polish and repaint everything, and `Icon` and `Button` tint
their pictures again on the style change.
"""

from __future__ import annotations

import json
import re
from functools import cache
from string import Template

from PySide6.QtCore import QByteArray, QRectF, Qt
from PySide6.QtGui import (
    QColor,
    QFont,
    QFontDatabase,
    QGuiApplication,
    QIcon,
    QPainter,
    QPalette,
    QPixmap,
)
from PySide6.QtSvg import QSvgRenderer
from PySide6.QtWidgets import QApplication

from resources import resource

SANS = ("Inter", "Noto Sans CJK SC", "sans-serif")
MONO = ("JetBrains Mono", "Noto Sans CJK SC", "monospace")


def _tokens(mode: str) -> dict[str, str]:
    tokens: dict[str, str] = json.loads(resource("theme", f"{mode}.json").read_text("utf-8"))
    return tokens


LIGHT = _tokens("light")
DARK = _tokens("dark")
_current = dict(LIGHT)

_PALETTE = {
    QPalette.ColorRole.Window: "bg",
    QPalette.ColorRole.Base: "surface",
    QPalette.ColorRole.AlternateBase: "raised",
    QPalette.ColorRole.Text: "ink",
    QPalette.ColorRole.WindowText: "ink",
    QPalette.ColorRole.Button: "surface",
    QPalette.ColorRole.ButtonText: "ink",
    QPalette.ColorRole.Highlight: "accent",
    QPalette.ColorRole.HighlightedText: "accentInk",
    QPalette.ColorRole.Accent: "accent",
    QPalette.ColorRole.PlaceholderText: "ink3",
    QPalette.ColorRole.ToolTipBase: "surface",
    QPalette.ColorRole.ToolTipText: "ink",
    QPalette.ColorRole.Link: "accent",
}


def resolved(mode: str) -> str:
    """ "light" or "dark"; "system" follows the desktop where Qt knows it, else it is light."""
    if mode in ("light", "dark"):
        return mode
    scheme = QGuiApplication.styleHints().colorScheme()
    return "dark" if scheme == Qt.ColorScheme.Dark else "light"


def apply(app: QApplication, mode: str = "system") -> None:
    """Give the whole application the theme ``mode`` ("system", "light" or "dark")."""
    _load_fonts()
    _current.clear()
    _current.update(DARK if resolved(mode) == "dark" else LIGHT)
    palette = QPalette()
    for role, token in _PALETTE.items():
        palette.setColor(role, color(token))
    if app.style().name() != "fusion":
        app.setStyle("Fusion")
    app.setFont(font(14))
    app.setPalette(palette)
    names = {"SANS": _quoted(SANS), "MONO": _quoted(MONO)}
    sheet = Template(resource("theme", "style.qss").read_text("utf-8"))
    style = sheet.substitute(_current, **names)
    if app.styleSheet() != style:  # else every widget would be styled anew for nothing
        app.setStyleSheet(style)


def color(token: str) -> QColor:
    return QColor(_current[token])


def font(px: int, weight: int = 400, *, mono: bool = False) -> QFont:
    """Figures are tabular: they line up in columns and do not jitter in progress text."""
    made = QFont()
    made.setFamilies(list(MONO if mono else SANS))
    made.setPixelSize(px)
    made.setWeight(QFont.Weight(weight))
    if not mono:
        made.setFeature(QFont.Tag("tnum"), 1)
        made.setFeature(QFont.Tag("calt"), 0)  # else Inter makes "0×" of the 0x of an address
    return made


def pixmap(name: str, token: str = "ink", px: int = 18, stroke: float = 1.75) -> QPixmap:
    """Lucide icon ``name`` in the colour of ``token``, ``px`` logical pixels square."""
    app = QGuiApplication.instance()
    ratio = app.devicePixelRatio() if isinstance(app, QGuiApplication) else 1.0
    return _drawn(name, _current[token], px, stroke, max(ratio, 2.0))


def icon(name: str, token: str = "ink", px: int = 18, stroke: float = 1.75) -> QIcon:
    return QIcon(pixmap(name, token, px, stroke))


@cache
def _drawn(name: str, shade: str, px: int, stroke: float, ratio: float) -> QPixmap:
    svg = resource("icons", f"{name}.svg").read_text("utf-8").replace("currentColor", shade)
    svg = re.sub(r'stroke-width="[\d.]+"', f'stroke-width="{stroke}"', svg)
    drawn = QPixmap(round(px * ratio), round(px * ratio))
    drawn.fill(Qt.GlobalColor.transparent)
    drawn.setDevicePixelRatio(ratio)
    painter = QPainter(drawn)
    QSvgRenderer(QByteArray(svg.encode())).render(painter, QRectF(0, 0, px, px))
    painter.end()
    return drawn


@cache
def _load_fonts() -> None:
    for file in resource("fonts").iterdir():
        if file.name.endswith((".otf", ".ttf")):
            QFontDatabase.addApplicationFontFromData(QByteArray(file.read_bytes()))


def _quoted(families: tuple[str, ...]) -> str:
    return ", ".join(f'"{family}"' for family in families)
