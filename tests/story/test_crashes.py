"""A power cut at every named point, on either side: started again, the trade ends the same."""

from __future__ import annotations

from pathlib import Path

import pytest

from app.domain import commands as cmd
from app.engine.points import DISPUTED, POINTS, Role
from chain import registry
from tests.counts import JUDGED, PROVE
from tests.story.people import Human, World
from tests.story.trading import assert_traded_once, haggle, press, register, shows, trade

REGISTERING = tuple(
    point.name
    for point in POINTS
    if point.name == "fingerprint_kept" or point.name.startswith(("commit_", "register_"))
)
NEGOTIATED = tuple(
    point for point in POINTS if point.name.startswith(("request_", "counter_", "decline_"))
)
APART = {point.name for point in NEGOTIATED if not point.name.startswith("request_")}


def of(role: Role) -> tuple[str, ...]:
    """The points a plain trade has for a role."""
    return tuple(
        point.name
        for point in POINTS
        if role in point.roles and point.name not in {*REGISTERING, *APART, *DISPUTED}
    )


ROLES: tuple[Role, Role] = ("owner", "buyer")
ROUNDS = 3


def plans() -> list[tuple[tuple[str, ...], tuple[str, ...]]]:
    """Which points the owner and the buyer die at in each trade: each point alone with
    LADING_PROVE; else a few trades with many each, neighbours in different ones, of which there is
    one where changes are not judged."""
    if PROVE:
        return [((name,), ()) for name in of("owner")] + [((), (name,)) for name in of("buyer")]
    parts = range(ROUNDS if JUDGED else 1)
    return [(of("owner")[part::ROUNDS], of("buyer")[part::ROUNDS]) for part in parts]


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("data") / "tide gauges"
    (folder / "2024").mkdir(parents=True)
    (folder / "readme.txt").write_text("Levels in mm.\n")
    (folder / "2024" / "levels.csv").write_text(
        "hour,level\n" + "".join(f"{hour},{hour * 7 % 113}\n" for hour in range(9000))
    )
    return folder


@pytest.fixture(scope="module")
def dataset(pair: tuple[Human, Human], data: Path) -> str:
    return register(pair[0], data, "Tide gauges")


@pytest.mark.parametrize("plan", plans(), ids=lambda plan: "-".join((*plan[0], *plan[1]))[:60])
def test_a_trade_survives(
    plan: tuple[tuple[str, ...], tuple[str, ...]],
    world: World,
    pair: tuple[Human, Human],
    dataset: str,
    data: Path,
) -> None:
    owner, buyer = pair
    for human, points in zip(pair, plan, strict=True):
        human.dies_at(points)
    with owner.kept_up(), buyer.kept_up():
        thread, folder = trade(owner, buyer, dataset)
    for human, points in zip(pair, plan, strict=True):
        human.outlive(points)
    assert_traded_once(world, owner, buyer, thread, data, folder)


def test_a_registration_survives(world: World, pair: tuple[Human, Human], tmp_path: Path) -> None:
    owner, _ = pair
    data = tmp_path / "series.txt"
    data.write_text("confidential, because it is small\n")
    owner.dies_at(REGISTERING)
    dataset = register(owner, data, "A small series")
    owner.outlive(REGISTERING)
    row = registry.read_dataset(world.gateway, world.network, bytes.fromhex(dataset))
    assert row is not None
    assert row.committed_at > 0
    assert not row.withdrawn
    made = [entry for entry in owner.entries() if entry.title == "A small series"]
    assert sorted((entry.what, entry.state) for entry in made) == [
        ("commit", "final"),
        ("register", "final"),
    ]


def test_a_negotiation_survives_and_is_heard_in_order(
    pair: tuple[Human, Human], dataset: str
) -> None:
    points = {role: tuple(p.name for p in NEGOTIATED if role in p.roles) for role in ROLES}
    for human, role in zip(pair, ROLES, strict=True):
        human.dies_at(points[role])
    owner, buyer = pair
    with owner.kept_up(), buyer.kept_up():
        thread = haggle(owner, buyer, dataset)
        press(owner, thread, "decline", cmd.DeclineOrder(thread, "Sold elsewhere."), "declined")
        page = shows(buyer, thread, "declined")
        shows(owner, thread, "declined")
    said = [line.text for line in page.thread]
    assert said == ["For our own analysis.", "", "", "Sold elsewhere."]
    for human, role in zip(pair, ROLES, strict=True):
        human.outlive(points[role])
        happened = [type(event).__name__ for event in human.events(thread)]
        assert happened == ["RequestMade", "CounterMade", "CounterMade", "Declined"]
