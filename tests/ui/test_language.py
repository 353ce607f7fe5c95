"""Which language the desktop's own one leads to, and that dates are written in the same."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QLocale

from app.ui import language
from app.ui.phrases.words import moment

AT = 1_763_700_000  # a day in November


@pytest.fixture
def translations(qapp: object, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The folder of the translations, on a Chinese desktop."""
    monkeypatch.setattr(language, "resource", lambda *parts: tmp_path / parts[-1])
    monkeypatch.setattr(QLocale, "system", staticmethod(lambda: QLocale("zh_CN")))
    yield tmp_path
    language.install("en")


def test_without_a_translation_a_chinese_desktop_reads_english(translations: Path) -> None:
    assert language.resolved("system") == "en"
    language.install("system")
    assert " Nov" in moment(AT)


def test_with_a_translation_it_reads_chinese(translations: Path) -> None:
    (translations / "zh_CN.qm").touch()
    assert language.resolved("system") == "zh_CN"
    assert language.install("system")
    assert "月" in moment(AT)


@pytest.mark.parametrize("desktop", ["de_DE", "C"])
def test_every_other_desktop_reads_english(
    translations: Path, desktop: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    (translations / "zh_CN.qm").touch()
    monkeypatch.setattr(QLocale, "system", staticmethod(lambda: QLocale(desktop)))
    assert language.resolved("system") == "en"
