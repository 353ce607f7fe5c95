"""Every rule of the trade has a sentence that can be translated."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import app.domain
from app.domain.profile_check import PROBLEMS
from app.domain.snapshots.shell import Notice
from app.engine.engine import SAID_WHEN_DONE
from app.ui.phrases.notices import written
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


def test_everything_that_can_be_wrong_with_a_parcel_has_its_sentence() -> None:
    """p2p names it by a code; `notice_of` puts "parcel." before."""
    codes = set()
    for file in (Path(app.domain.__file__).parents[2] / "p2p").glob("parcel*.py"):
        for node in ast.walk(ast.parse(file.read_text("utf-8"))):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "ParcelError":
                code = node.args[0]
                assert isinstance(code, ast.Constant), f"{file}: a code must be a literal"
                codes.add(f"parcel.{code.value}")
    assert len(codes) > 7
    assert codes - RULES.keys() == set()


def test_everything_for_which_a_table_is_not_read_can_be_told() -> None:
    """Each of `PROBLEMS` has its sentence (`test_register`); others would never be shown."""
    codes = set()
    for file in Path(app.domain.__file__).parents[1].glob("engine/*.py"):
        for node in ast.walk(ast.parse(file.read_text("utf-8"))):
            if not isinstance(node, ast.Call):
                continue
            said = [one.value for one in node.keywords if one.arg == "problem"]
            said += node.args if getattr(node.func, "id", "") == "Unreadable" else []
            codes |= {one.value for one in said if isinstance(one, ast.Constant)}
    assert {"broken", "encrypted", "one_line", "wide", "binary", "too_large", "stopped"} <= codes
    assert codes - set(PROBLEMS) == set()


# these notices carry a sentence that names the file, the peer or the rule at fault
SAID_BY_THE_CAUSE = {"identity.damaged", "content", "database", "value"}


def _notice_codes() -> Iterator[str]:
    """The codes of all notices that are made outside the rules, "done" ones by their commands."""
    root = Path(app.domain.__file__).parents[1]
    for file in (*root.glob("engine/**/*.py"), *root.glob("*.py")):
        for node in ast.walk(ast.parse(file.read_text("utf-8"))):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "Notice":
                code = node.args[1]
                if isinstance(code, ast.Constant):
                    yield str(code.value)
    yield from (f"done.{command.__name__}" for command in SAID_WHEN_DONE)


def test_every_notice_has_its_words() -> None:
    codes = set(_notice_codes())
    assert {"bug", "peer.broke_protocol", "chain.unreachable", "done.SendMoney"} <= codes
    for code in codes - SAID_BY_THE_CAUSE:
        title, _, _ = written(Notice("outage", code, "the cause as it came"))
        assert title not in ("", "the cause as it came", "Waiting for a connection."), code


def test_a_notice_without_words_of_its_own_says_its_cause() -> None:
    for code in (*SAID_BY_THE_CAUSE, "no such code"):
        assert written(Notice("rule", code, "What is wrong."))[0] == "What is wrong."


def test_every_sentence_ends_as_one() -> None:
    assert [text for text in RULES.values() if not text.endswith(".")] == []
