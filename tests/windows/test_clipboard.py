"""The clipboard, which every program can read, never gets a secret."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QLabel, QLineEdit

from app.ui.pages.overview.copying import CopyWords
from app.ui.widgets.buttons import CopyButton
from chain import vault
from tests.windows import parts
from tests.windows.hands import Hands

NOTHING = "lay-there-already"


def copied(hands: Hands) -> str:
    """What the clipboard got from this screen, by every button and by the keyboard."""
    clipboard = QGuiApplication.clipboard()
    clipboard.setText(NOTHING)
    texts = []
    for button in hands.window.findChildren(QAbstractButton):
        if button.isVisible() and isinstance(button, CopyButton | CopyWords):
            button.click()
            texts.append(clipboard.text())
    for kind in (QLineEdit, QLabel):
        for place in hands.window.findChildren(kind):
            if place.isVisible():
                for key in (Qt.Key.Key_A, Qt.Key.Key_C):
                    QTest.keyClick(place, key, Qt.KeyboardModifier.ControlModifier)
                texts.append(clipboard.text())
    return "\n".join(texts)


def tells(text: str, words: list[str]) -> bool:
    """Whether one of the recovery words stands there by itself, or two as they follow each other.

    Any of them may be in a sentence: they are plain English.
    """
    pairs = set(pairwise(words)) & set(pairwise(text.split()))
    return bool(pairs or set(words) & set(text.splitlines()))


def test_neither_password_nor_words_come_into_the_clipboard(owner: Hands, tmp_path: Path) -> None:
    owner.click("firstrun.create")
    owner.type("firstrun.create.name", "Canary Mine")
    owner.type("firstrun.create.password", parts.PASSWORD)
    owner.type("firstrun.create.repeat", parts.PASSWORD)
    typed = copied(owner)
    assert "Canary Mine" in typed  # the keyboard's way works, where there is no secret
    assert parts.PASSWORD not in typed
    owner.click("firstrun.create.do")
    sheet = owner.see("firstrun.recovery.words")
    words = vault.words(tmp_path / "owner" / "identity.vault", parts.PASSWORD).split()
    shown = [label.text() for label in sheet.findChildren(QLabel)]
    assert set(words) <= set(shown)
    from_sheet = copied(owner)
    assert tells(" ".join(words), words)
    assert tells(f"{NOTHING}\n{words[7]}", words)
    assert not tells(from_sheet, words)
    owner.click("firstrun.recovery.later")
    owner.click("firstrun.recovery.skip")
    assert not tells(copied(owner), words)
