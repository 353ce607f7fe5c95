"""What a buyer looks for, from saying so to a signed offer, by hand in two real windows."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.windows import parts
from tests.windows.hands import Hands

WANTED = "Weather in New York by the hour"


@pytest.mark.story
@pytest.mark.timeout(600)
def test_somebody_has_what_is_looked_for(owner: Hands, buyer: Hands, tmp_path: Path) -> None:
    data = tmp_path / "weather.csv"
    data.write_text("hour,temp\n" + "".join(f"{n},{n * 7 % 113}\n" for n in range(9000)))
    parts.first_run(owner, "Nordhaven Energy")
    parts.first_run(buyer, "Baltic Grid Analytics")
    parts.register(owner, data)

    buyer.go(3)
    buyer.click("browse.wanted")
    buyer.see("wanted.none")
    buyer.click("wanted.post")
    buyer.type("post.title_edit", WANTED)
    buyer.type("post.columns", "Temp, humidity")
    buyer.click("post.do")
    buyer.see("wanted.take_back")

    owner.wait(lambda: f"Somebody looks for “{WANTED}”." in owner.words(), "the news")
    owner.go(3)
    owner.click("browse.wanted")
    owner.see("wanted.answer")
    said = owner.words()
    assert "1 of your datasets may be that:" in said
    assert "columns Temp  ·  words weather, york" in said
    owner.click("wanted.answer")
    owner.type("answer.words", "Three airports, every hour of 2013.")
    owner.click("answer.do")

    buyer.go(4)
    buyer.open_row("orders.list", parts.TITLE)
    buyer.wait(lambda: "Three airports, every hour of 2013." in buyer.words(), "the answer")
    buyer.click("order.dataset")
    parts.make_offer(buyer)
    owner.go(4)
    owner.wait(lambda: len(owner.lines("orders.list")) == 2, "the offer, beside the question")
    parts.sign(owner)
    buyer.see("order.pay")
