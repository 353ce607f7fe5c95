"""What a buyer looks for is answered by who has it, and ends in an order. Two engines, real libp2p,
a real chain."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from app.domain import commands as cmd
from app.domain.snapshots.orders import OrderSnapshot, OrdersSnapshot
from app.domain.snapshots.wants import WantCard, WantedSnapshot
from app.domain.wants import Reason, Want
from tests.story.people import Human, World
from tests.story.trading import assert_traded_once, order_rows, register, trade

WANT = Want(
    title="Hourly river levels", what="For a forecast of floods.", columns=("Level", "rain")
)
OTHER = replace(WANT, title="Wheat prices", what="By the day.", columns=("price",))


def post(buyer: Human, want: Want) -> str:
    """Its id, once it stands on the record."""

    def mine(board: WantedSnapshot) -> list[WantCard]:
        return [one for one in board.wants if one.mine and one.title == want.title]

    board = buyer.press(WantedSnapshot, lambda board: board.can_post, cmd.PostWant(want, 30), mine)
    return mine(board)[0].want


def on_board(human: Human, want: str) -> WantCard:
    board = human.wait(WantedSnapshot, lambda board: any(one.want == want for one in board.wants))
    return next(one for one in board.wants if one.want == want)


def test_a_want_is_matched_answered_and_becomes_an_order(
    world: World, pair: tuple[Human, Human], tmp_path: Path
) -> None:
    owner, buyer = pair
    data = tmp_path / "levels.csv"
    data.write_text("hour,level\n" + "".join(f"{n},{n * 7 % 113}\n" for n in range(9000)))
    dataset = register(owner, data, "River levels by the hour")

    other = post(buyer, OTHER)
    want = post(buyer, WANT)
    news = owner.person.heard("want.match")
    assert (news.about, news.values["title"]) == (want, WANT.title)
    assert news.values["dataset"] == "River levels by the hour"
    seen = on_board(owner, want)
    assert (seen.mine, seen.by, seen.columns) == (False, "Baltic Grid Analytics", WANT.columns)
    (match,) = seen.matches
    assert match.dataset == dataset
    assert match.reasons == (Reason("columns", "Level"), Reason("words", "levels, river"))
    assert on_board(owner, other).matches == ()
    assert on_board(buyer, want).matches == (), "it owns nothing"
    assert "want.match" not in {notice.code for notice in owner.person.notices}, "once, and one"

    known = order_rows(buyer)
    owner.person.ask(cmd.AnswerWant(want, dataset, "It is what you look for."))
    answered = owner.wait(
        WantedSnapshot,
        lambda board: any(m.thread for one in board.wants for m in one.matches),
    )
    (thread,) = {m.thread for one in answered.wants for m in one.matches if m.thread}
    buyer.wait(OrdersSnapshot, lambda page: {row.order for row in page.rows} - known == {thread})
    buyer.open(cmd.OpenOrder(thread))
    talk = buyer.wait(OrderSnapshot, lambda page: page.order == thread and page.thread)
    assert [(line.text, line.mine) for line in talk.thread] == [("It is what you look for.", False)]

    order, folder = trade(owner, buyer, dataset)
    assert_traded_once(world, owner, buyer, order, data, folder)

    buyer.person.ask(cmd.TakeBackWant(want))
    for human in pair:
        human.wait(WantedSnapshot, lambda board: [one.want for one in board.wants] == [other])
