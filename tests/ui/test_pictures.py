"""Every page looks as it did when its picture was kept, in both themes where changes are judged.

Rewrite the pictures with ``python -m tests.ui.pictures`` after a change that is meant.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import pytest
from PySide6.QtGui import QImage

from app.ui import theme
from app.ui.pages.order import detail
from app.ui.phrases import delivery
from tests.counts import JUDGED
from tests.ui import pictures
from tests.ui.pictures import MODES, SHOWN, TOLERANCE, difference, draw

MOST_BYTES = 1_500_000
LOOKS = [
    (name, mode)
    for page, name in enumerate(SHOWN)
    for number, mode in enumerate(MODES)
    if JUDGED or page % len(MODES) == number
]
"""Each page in both themes where changes are judged, else in one of them."""


@pytest.fixture(autouse=True)
def same_moment() -> Iterator[None]:
    with pictures.fixed_time():
        yield


def kept(name: str, mode: str) -> QImage:
    picture = QImage(str(pictures.path(name, mode)))
    assert not picture.isNull(), f"no picture of {name}: python -m tests.ui.pictures"
    return picture


@pytest.mark.parametrize(("name", "mode"), LOOKS)
def test_a_page_looks_as_it_did(name: str, mode: str, tmp_path: Path) -> None:
    now = draw(name, mode)
    most, where = difference(now, kept(name, mode))
    now.save(str(tmp_path / f"{name}-{mode}.png"))
    assert most <= TOLERANCE, f"{most:.1f} at {where} of the window; now: {tmp_path}"


@pytest.mark.parametrize(
    ("token", "other"), [("accent", "warn"), ("bg", "surface"), ("ink", "ink3")]
)
@pytest.mark.parametrize("mode", MODES)
def test_swapped_colours_are_found(
    token: str, other: str, mode: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    tokens = theme.DARK if mode == "dark" else theme.LIGHT
    first, second = tokens[token], tokens[other]
    monkeypatch.setitem(tokens, token, second)
    monkeypatch.setitem(tokens, other, first)
    assert difference(draw("order_selling", mode), kept("order_selling", mode))[0] > TOLERANCE


def test_a_moved_block_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    column = detail.column
    monkeypatch.setattr(
        detail,
        "column",
        lambda *items, margins, spacing: column(
            *items, margins=(margins[0] + 6, *margins[1:]), spacing=spacing
        ),
    )
    assert difference(draw("order_selling", "light"), kept("order_selling", "light"))[0] > TOLERANCE


def test_a_word_that_is_gone_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(delivery, "title", lambda: "")
    assert difference(draw("order_selling", "light"), kept("order_selling", "light"))[0] > TOLERANCE


def test_each_picture_is_its_own() -> None:
    for name, other in pairwise(SHOWN):
        assert difference(kept(name, "light"), kept(other, "light"))[0] > TOLERANCE
        assert difference(kept(name, "light"), kept(name, "dark"))[0] > TOLERANCE


def test_all_are_kept_and_they_are_small() -> None:
    files = {file.stem: file.stat().st_size for file in pictures.BASELINES.glob("*.png")}
    assert files.keys() == {f"{name}-{mode}" for name in SHOWN for mode in MODES}
    assert sum(files.values()) < MOST_BYTES
