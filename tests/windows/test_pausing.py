"""A delivery that is limited, paused by either side and resumed, through two real windows."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from app.cli.story import same_files
from tests.windows import parts
from tests.windows.hands import Hands

SIZE = 30_000_000  # some minutes at the limit, which is lifted once both have paused


@pytest.mark.story
@pytest.mark.timeout(600)
def test_both_sides_see_who_paused_and_it_goes_on(
    owner: Hands, buyer: Hands, tmp_path: Path
) -> None:
    data = tmp_path / "soundings.bin"
    data.write_bytes(random.Random(30).randbytes(SIZE))
    parts.first_run(owner, "Nordhaven Energy")
    parts.first_run(buyer, "Baltic Grid Analytics")
    parts.limit(owner, "upload", "0.1")
    parts.register(owner, data)
    parts.ask_for_offer(buyer)
    parts.sign(owner)
    parts.pay(buyer)
    for one, other in ((owner, buyer), (buyer, owner)):
        one.click("order.pause")
        one.see("order.todo.text", "Paused by you.")
        one.see("order.todo.due", "Until")
        other.see("order.todo.text", "paused the delivery.")
        one.click("order.resume")
        other.wait(lambda who=other: "paused the delivery." not in who.words(), "it goes on")
    owner.go(1)
    owner.click("home.pause_all")
    buyer.see("order.todo.text", "paused the delivery.")
    owner.click("home.resume_all")
    parts.limit(owner, "upload", "")
    owner.go(4)
    parts.accept_and_rate(buyer)
    parts.done(buyer)
    parts.done(owner)
    assert same_files(data, tmp_path / "buyer" / "received" / parts.TITLE)
