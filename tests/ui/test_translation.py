"""Every sentence goes through Qt translation, and a longer language still fits.

A translator that puts ⟦brackets⟧ around all it is asked for stands for another language. What is
read without brackets then is somebody's data, a figure or a name; anything else escaped.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import QCoreApplication, Qt, QTranslator
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractItemView,
    QComboBox,
    QLabel,
    QLineEdit,
    QPlainTextEdit,
    QTabBar,
    QTableView,
    QWidget,
)

import app.ui
from app.ui.phrases.words import fingerprint, grouped
from app.ui.widgets.text import Lead, label
from tests.ui import (
    dataset_samples,
    desk_samples,
    gallery,
    order_samples,
    subscription_samples,
    test_lock,
)
from tests.ui.gallery import SMALLEST, VIEWS
from tests.ui.looking import clipped

OPEN, CLOSE = "⟦", "⟧"
SAME = {"kB", "MB", "GB", "TB", "KiB", "PRAC", "USDC", "ETH", "Ctrl", "Esc", "Lading", "English"}
"""The same in every language: symbols, keys, the product, and what a language calls itself."""
LONGER = 1.3
BRACKETED = re.compile(f"{OPEN}[^{OPEN}{CLOSE}]*{CLOSE}")
CODE = re.compile(r"\b(0x )?([0-9a-fA-F]{4} )+(… )?[0-9a-fA-F]{1,4}\b|\b0x\w+…?|\b\w{4}-\w{4}\b")
"""A fingerprint, an address or the short code of one."""


class Brackets(QTranslator):
    """Every sentence in brackets, ``longer`` times as long; gaps stay as they are."""

    def __init__(self, longer: float = 1.0) -> None:
        super().__init__()
        self._longer = longer

    def translate(
        self, context: str, source: str, disambiguation: str | None = None, n: int = -1
    ) -> str:
        if context != "phrases" or not source:
            return source
        more = round(len(re.sub(r"\{\w*\}", "", source)) * (self._longer - 1))
        return f"{OPEN}{source}{_padding(more)}{CLOSE}"


def _padding(more: int) -> str:
    """``more`` characters that break into words as a language does."""
    return (" lorem ipsum dolor" * (more // 18 + 1))[:more].rstrip()


@pytest.fixture
def bracketed() -> Iterator[None]:
    yield from _speaking(Brackets())


@pytest.fixture
def longer() -> Iterator[None]:
    yield from _speaking(Brackets(LONGER))


def _speaking(translator: Brackets) -> Iterator[None]:
    QCoreApplication.installTranslator(translator)
    yield
    QCoreApplication.removeTranslator(translator)


def _texts(value: Any) -> Iterator[str]:
    """All text in snapshots."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for one in (*value.keys(), *value.values()):
            yield from _texts(one)
    elif isinstance(value, tuple | list | set):
        for one in value:
            yield from _texts(one)
    elif is_dataclass(value) and not isinstance(value, type):
        for one in fields(value):
            yield from _texts(getattr(value, one.name))


def _known() -> list[str]:
    """What is somebody's data: all text of every sample, the longest first; but no codes, which
    are lower-case words and must never be shown as they are."""
    modules = (
        dataset_samples,
        desk_samples,
        gallery,
        order_samples,
        subscription_samples,
        test_lock,
    )
    texts: set[str] = set()
    for module in modules:
        for value in vars(module).values():
            if is_dataclass(value) or isinstance(value, tuple | str):
                texts.update(_texts(value))
    data = {text for text in texts if len(text) > 1 and not re.fullmatch(r"[a-z_.]*", text)}
    for text in tuple(data):
        if text.startswith("/"):
            data |= {Path(text).name, str(Path(text).parent)} - {"/"}
        elif " " not in text and len(text) > 20:
            data |= {grouped(text), fingerprint(text)}
    return sorted(data | COLUMNS | set(desk_samples.WORDS), key=len, reverse=True)


COLUMNS = {column.name for column in dataset_samples.COLUMNS}
DATA = _known()


def said(root: QWidget) -> Iterator[tuple[str, str]]:
    """Everything that is read on the screen or to a screen reader: where, and the words."""
    for part in (root, *root.findChildren(QWidget)):
        if not part.isVisible() or part.window() is not root:
            continue
        name = part.objectName() or type(part).__name__
        yield f"{name} name", part.accessibleName()
        yield f"{name} description", part.accessibleDescription()
        yield f"{name} tool tip", part.toolTip()
        if isinstance(part, QLabel):
            yield name, re.sub(r"<[^>]+>|&nbsp;", " ", part.text()) if _rich(part) else part.text()
        elif isinstance(part, QAbstractButton):
            yield name, part.text()
        elif isinstance(part, QLineEdit | QPlainTextEdit):
            yield f"{name} placeholder", part.placeholderText()
        elif isinstance(part, QTabBar):
            yield from ((name, part.tabText(n)) for n in range(part.count()))
        elif isinstance(part, QComboBox):
            yield from ((name, part.itemText(n)) for n in range(part.count()))
        elif isinstance(part, QAbstractItemView) and part.model() is not None:
            yield from _items(part, name)
    yield "title", root.windowTitle()


def _rich(part: QLabel) -> bool:
    return part.textFormat() == Qt.TextFormat.RichText


def _items(view: QAbstractItemView, name: str) -> Iterator[tuple[str, str]]:
    model = view.model()
    columns = model.columnCount() if isinstance(view, QTableView) else 1
    for row in range(min(model.rowCount(), 10)):
        for column in range(columns):
            spoken = model.index(row, column).data(Qt.ItemDataRole.AccessibleTextRole)
            yield f"{name} {row}/{column}", str(spoken or "")
    for column in range(columns if isinstance(view, QTableView) else 0):
        head = model.headerData(column, Qt.Orientation.Horizontal)
        yield f"{name} head", head if isinstance(head, str) else ""


def escaped(root: QWidget) -> list[str]:
    """Words that stand outside of brackets and are nobody's data."""
    found = []
    for where, text in said(root):
        rest = text.replace("\u200b", "")  # where a path may be broken
        while re.search(BRACKETED, rest):  # innermost first: a sentence may fill another's gap
            rest = re.sub(BRACKETED, " ", rest)
        rest = re.sub(CODE, " ", rest)
        if not _strange(rest):
            continue
        for known in DATA:
            rest = rest.replace(known, " ")
        if strange := _strange(rest):
            found.append(f"{where}: {text} {sorted(strange)}")
    return found


def _strange(text: str) -> set[str]:
    return set(re.findall(r"[^\W\d_]{2,}", text)) - SAME


@pytest.mark.parametrize("name", VIEWS)
def test_every_sentence_can_be_translated_into_a_longer_language(
    qtbot, longer: None, name: str
) -> None:
    window = gallery.window(*SMALLEST)
    qtbot.addWidget(window)
    root = VIEWS[name](window)
    gallery.settle()
    assert any(OPEN in text for _, text in said(root))
    assert escaped(root) == []
    assert gallery.clipped_by_width(window, root) == {}


def test_a_sentence_that_escapes_is_found(qtbot, bracketed: None) -> None:
    root = QWidget()
    qtbot.addWidget(root)
    inner = [label("Pay now"), Lead()]
    inner[1].say(QCoreApplication.translate("phrases", "Held."), "Nothing is lost.")
    for one in inner:
        one.setParent(root)
    root.setToolTip("A tip")
    root.show()
    found = escaped(root)
    assert [line for line in found if line.startswith("QLabel")] == [
        "QLabel: Pay now ['Pay', 'now']"
    ]
    assert any("Nothing is lost." in line for line in found)
    assert any("A tip" in line for line in found)


def test_what_is_clipped_is_found(qtbot) -> None:
    root = QWidget()
    qtbot.addWidget(root)
    tight = label("Pay into holding")
    tight.setParent(root)
    tight.setFixedWidth(40)
    root.show()
    assert clipped(root) == [": Pay into holding"]


FOR_DEVELOPERS = {"report.py"}
"""What is copied for a report is read by developers: always in English."""
FONTS = {"Noto Sans CJK SC", "JetBrains Mono"}


def _literals(source: str) -> Iterator[str]:
    """Text in code that is neither documentation nor an assertion's."""
    tree = ast.parse(source)
    silent = {
        id(one)
        for node in ast.walk(tree)
        if isinstance(node, ast.Expr | ast.Assert | ast.Raise)
        for one in ast.walk(node if not isinstance(node, ast.Expr) else node.value)
        if not isinstance(node, ast.Expr) or isinstance(node.value, ast.Constant)
    }
    for node in ast.walk(tree):
        if (
            isinstance(node, ast.Constant)
            and isinstance(node.value, str)
            and id(node) not in silent
        ):
            yield node.value


def _sentences(source: str) -> list[str]:
    """What has two words in a row, but for names of fonts and the tags of a printed page."""
    sentence = re.compile(r"[A-Za-z]{2,}[,.:;]? [A-Za-z]")
    texts = (text for text in _literals(source) if text not in FONTS)
    return [text for text in texts if sentence.search(re.sub(r"<[a-z][^<>]*(>|$)", "", text))]


def test_sentences_stand_only_among_the_phrases() -> None:
    root = Path(app.ui.__file__).parent
    files = [file for file in root.rglob("*.py") if "phrases" not in file.parts]
    assert len(files) > 80
    written = {
        file.name: found
        for file in files
        if file.name not in FOR_DEVELOPERS and (found := _sentences(file.read_text("utf-8")))
    }
    assert written == {}


def test_a_sentence_elsewhere_is_found() -> None:
    source = '"""All about it."""\nassert x, "not this one"\nbutton.setText("Pay it now")\n'
    assert _sentences(source) == ["Pay it now"]
    assert _sentences('say("<td class=a>")') == []
    assert _sentences('say("<td class=a>Pay it")') == ["<td class=a>Pay it"]
