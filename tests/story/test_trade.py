"""Whole trades, undisturbed."""

from __future__ import annotations

from pathlib import Path

from tests.story.people import Human, World
from tests.story.trading import assert_traded_once, register, trade


def test_plain(world: World, pair: tuple[Human, Human], tmp_path: Path) -> None:
    data = tmp_path / "one.txt"
    data.write_text("hello\n" * 1000)
    owner, buyer = pair
    dataset = register(owner, data, "One file")
    thread, folder = trade(owner, buyer, dataset)
    assert_traded_once(world, owner, buyer, thread, data, folder)
