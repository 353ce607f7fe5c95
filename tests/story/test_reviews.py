"""What a buyer wrote is read by somebody who has nothing to do with the order: from the owner, and
from the buyer while the owner is away. Three engines, real libp2p, a real chain."""

from __future__ import annotations

from pathlib import Path

from app.domain import commands as cmd
from app.domain.snapshots.datasets import DatasetSnapshot
from app.domain.snapshots.orders import OrderSnapshot
from tests.story.people import Human, World
from tests.story.trading import register, trade


def rated(human: Human, dataset: str, words: str | None) -> DatasetSnapshot:
    """The dataset's page, once it shows the one rating with these words."""
    return human.wait(
        DatasetSnapshot,
        lambda page: (
            page.card.dataset == dataset and [one.words for one in page.ratings] == [words]
        ),
    )


def test_the_words_of_a_rating_for_whoever_asks(
    world: World, pair: tuple[Human, Human], tmp_path: Path
) -> None:
    owner, buyer = pair
    data = tmp_path / "levels.csv"
    data.write_text("hour,level\n" + "".join(f"{n},{n * 7 % 113}\n" for n in range(3000)))
    dataset = register(owner, data, "River levels")
    thread, _ = trade(owner, buyer, dataset)
    page = buyer.wait(OrderSnapshot, lambda page: page.order == thread and page.compared)
    assert {line.verdict for line in page.compared} == {"same"}, "it is as declared"

    with world.human("Third Reader") as reader, world.human("Late Reader") as late:
        for human in (reader, late):
            human.enter()
            human.open(cmd.OpenDataset(dataset))
            assert rated(human, dataset, None).words == "can", "opening the page asks nobody"

        reader.person.ask(cmd.AskReviews(dataset))
        (rating,) = rated(reader, dataset, "As said.").ratings
        assert (rating.by, rating.differs) == ("Baltic Grid Analytics", ())

        owner.leave()
        late.person.ask(cmd.AskReviews(dataset))
        rated(late, dataset, "As said.")

        buyer.leave()
        late.leave()
        late.come_back()
        assert rated(late, dataset, "As said.").words == "can"
