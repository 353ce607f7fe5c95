"""Colours, fonts and icons."""

from __future__ import annotations

import pytest
from PySide6.QtGui import QColor, QFontDatabase
from PySide6.QtWidgets import QApplication

from app.ui import theme
from app.ui.widgets.buttons import Button

# what is written on what, in widgets, painted rows and the style sheet
PAIRS = [
    *[(ink, ground) for ink in ("ink", "ink2", "ink3") for ground in ("bg", "surface", "raised")],
    *[(ink, ground) for ink in ("ink", "ink2", "ink3") for ground in ("select", "accentSoft")],
    *[(ink, ground) for ink in ("ink", "ink2", "ink3") for ground in ("warnSoft", "dangerSoft")],
    *[(tone, ground) for tone in ("accent", "warn", "danger") for ground in ("surface", "raised")],
    *[("accent", ground) for ground in ("accentSoft", "select", "bg")],
    *[("warn", ground) for ground in ("warnSoft", "select", "bg")],
    *[("danger", ground) for ground in ("dangerSoft", "bg")],
    ("accentInk", "accent"),
    ("accentInk", "accentHover"),
    ("ink3", "track"),
    ("sideInk", "side"),
    ("sideInk", "sideHover"),
    ("sideOn", "side"),
    ("sideOn", "sideHover"),
    ("badgeInk", "badge"),
]


def _luminance(shade: str) -> float:
    """WCAG 2.2 relative luminance."""
    color = QColor(shade)
    parts = [
        p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4
        for p in (color.redF(), color.greenF(), color.blueF())
    ]
    return 0.2126 * parts[0] + 0.7152 * parts[1] + 0.0722 * parts[2]


def contrast(one: str, other: str) -> float:
    light, dark = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("tokens", [theme.LIGHT, theme.DARK], ids=["light", "dark"])
@pytest.mark.parametrize(("ink", "ground"), PAIRS)
def test_words_stand_out(tokens: dict[str, str], ink: str, ground: str) -> None:
    assert contrast(tokens[ink], tokens[ground]) >= 4.5


def test_contrast_is_measured_as_wcag_does() -> None:
    assert round(contrast("#000000", "#FFFFFF"), 2) == 21
    assert round(contrast("#777777", "#FFFFFF"), 2) == 4.48


def test_both_themes_know_the_same_tokens() -> None:
    assert theme.LIGHT.keys() == theme.DARK.keys()


@pytest.mark.parametrize("mode", ["light", "dark"])
def test_a_theme_reaches_palette_and_tokens(qapp: QApplication, mode: str) -> None:
    theme.apply(qapp, mode)
    tokens = theme.DARK if mode == "dark" else theme.LIGHT
    assert qapp.palette().window().color() == QColor(tokens["bg"])
    assert theme.color("accent") == QColor(tokens["accent"])


def test_the_same_theme_again_styles_nothing_anew(
    qapp: QApplication, monkeypatch: pytest.MonkeyPatch
) -> None:
    styled: list[str] = []
    monkeypatch.setattr(qapp, "setStyleSheet", styled.append)
    theme.apply(qapp, "light")
    assert not styled
    theme.apply(qapp, "dark")
    assert len(styled) == 1


def test_unknown_desktops_are_light(qapp: QApplication) -> None:
    assert theme.resolved("system") == "light"
    assert theme.resolved("dark") == "dark"


@pytest.mark.parametrize("family", ["Inter", "JetBrains Mono", "Noto Sans CJK SC"])
def test_the_fonts_are_shipped(qapp: QApplication, family: str) -> None:
    assert family in QFontDatabase.families()


def test_icons_are_tinted_anew_with_the_theme(qapp: QApplication, qtbot) -> None:
    button = Button("Pay", icon="check")
    qtbot.addWidget(button)
    before = button.icon().cacheKey()
    theme.apply(qapp, "dark")
    assert button.icon().cacheKey() != before


def test_an_icon_that_is_not_shipped_is_refused(qapp: QApplication) -> None:
    with pytest.raises(FileNotFoundError):
        theme.pixmap("no-such-icon")
