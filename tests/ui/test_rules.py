"""Every rule of the trade has a sentence that can be translated."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import app.domain
from app.ui.phrases.rules import RULES

# their sentence comes from a parser or the system and differs each time
OWN_WORDS = {"identity.words", "money.address", "network.file", "profile.folder"}
OWN_WORDS |= {"register.listing_size"}


def _codes() -> Iterator[str]:
    root = Path(app.domain.__file__).parents[1]
    for file in (*root.glob("domain/*.py"), *root.glob("engine/*.py")):
        for node in ast.walk(ast.parse(file.read_text("utf-8"))):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "RuleError":
                code = node.args[0]
                assert isinstance(code, ast.Constant), f"{file}: a code must be a literal"
                yield code.value


def test_every_rule_has_its_sentence() -> None:
    codes = set(_codes())
    assert len(codes) > 30
    assert codes - OWN_WORDS - RULES.keys() == set()


def test_every_sentence_ends_as_one() -> None:
    assert [text for text in RULES.values() if not text.endswith(".")] == []
