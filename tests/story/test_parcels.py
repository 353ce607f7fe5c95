"""A trade whose data never crosses the network: saved by the owner, opened by the buyer."""

from __future__ import annotations

import random
import time
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest

from app.domain import commands as cmd
from app.domain.snapshots.orders import OrderSnapshot
from app.domain.snapshots.shell import SettingsSnapshot
from p2p.kept_store import LOCK
from p2p.parcels import CHECK, read_label
from tests.story.dying import died_at, note_frames
from tests.story.people import Human, World
from tests.story.relays import RelayProcess, until_told
from tests.story.trading import (
    PAYING,
    assert_traded_once,
    at_once,
    buy,
    notice_request,
    order_rows,
    press,
    register,
    request,
    shows,
    sign,
)

CHUNKS = 6
PART_BYTES = 3_500_000


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("data") / "echoes.bin"
    file.write_bytes(random.Random(6).randbytes(CHUNKS * 256 * 4064 - 9000))
    return file


@pytest.fixture(scope="module")
def dataset(pair: tuple[Human, Human], data: Path) -> str:
    return register(pair[0], data, "Echoes")


@pytest.fixture
def carried(pair: tuple[Human, Human], tmp_path: Path) -> Iterator[Path]:
    """The diary of every leaf hash frame and chunk that the owner sends over the network."""
    owner, _ = pair
    diary = tmp_path / "frames"
    owner.starts_with(partial(note_frames, diary))
    yield diary
    owner.starts_with(None)


def paid_but_paused(owner: Human, buyer: Human, dataset: str) -> str:
    """The payment is final and nothing is sent, because the owner has paused it; the thread."""
    known = order_rows(owner)
    thread = request(buyer, dataset)
    assert notice_request(owner, known) == thread
    sign(owner, thread)
    page = buyer.wait(OrderSnapshot, lambda page: page.order == thread and page.ready_to_pay)
    owner.person.ask(cmd.PauseDelivery(thread))
    pay = cmd.FundOrder(thread, page.price.units, page.terms_fingerprint)
    press(buyer, thread, "pay", pay, *PAYING)
    shows(owner, thread, "paused")
    shows(buyer, thread, "receive", "wait_peer")
    return thread


def saved(owner: Human, thread: str, stick: Path) -> list[Path]:
    """The parts on the stick, in order."""
    owner.wait(OrderSnapshot, lambda page: page.order == thread and "save_parcel" in page.actions)
    owner.person.ask(cmd.ExportParcel(thread, stick, PART_BYTES))
    assert owner.person.heard("done.parcel_parts").values == {"parts": "3"}
    return sorted(stick.iterdir())


def parcel_lacks(buyer: Human, thread: str, *missing: tuple[int, int]) -> None:
    buyer.wait(
        OrderSnapshot,
        lambda page: (
            page.order == thread
            and page.delivery
            and page.delivery.parcel
            and page.delivery.parcel.missing == missing
        ),
    )


def all_is_here(buyer: Human, thread: str) -> None:
    buyer.wait(
        OrderSnapshot,
        lambda page: (
            page.order == thread
            and page.delivery
            and page.delivery.confirmed_parts == page.delivery.total_parts
        ),
    )


def test_the_data_comes_by_hand_and_the_money_as_always(
    world: World,
    pair: tuple[Human, Human],
    dataset: str,
    data: Path,
    carried: Path,
    tmp_path: Path,
) -> None:
    """In parts, the last one first, one damaged on the way; the app is killed in between."""
    owner, buyer = pair
    thread = paid_but_paused(owner, buyer, dataset)
    first, second, third = saved(owner, thread, tmp_path / "stick")
    buyer.person.ask(cmd.ImportParcel((third,)))
    parcel_lacks(buyer, thread, (1, 2))
    third.unlink()
    good = second.read_bytes()
    second.write_bytes(good[: len(good) // 2])
    buyer.person.ask(cmd.ImportParcel((first, second), thread))
    assert buyer.person.heard("parcel.spoiled").values == {"names": second.name}
    parcel_lacks(buyer, thread, (2, 2))
    buyer.kill()
    buyer.come_back()
    parcel_lacks(buyer, thread, (2, 2))
    second.write_bytes(good)
    first.unlink()
    buyer.person.ask(cmd.ImportParcel((tmp_path / "stick",)))
    all_is_here(buyer, thread)
    assert died_at(carried) == []
    press(owner, thread, "resume", cmd.ResumeDelivery(thread), "deliver", "wait_check")
    _, folder = at_once(
        lambda: shows(owner, thread, "done", seconds=120), lambda: buy(buyer, thread)
    )
    assert died_at(carried) == []
    assert_traded_once(world, owner, buyer, thread, data, folder)


def test_what_a_forged_parcel_brought_is_fetched_again_and_nobody_loses_anything(
    world: World,
    pair: tuple[Human, Human],
    dataset: str,
    data: Path,
    carried: Path,
    tmp_path: Path,
) -> None:
    owner, buyer = pair
    thread = paid_but_paused(owner, buyer, dataset)
    parts = saved(owner, thread, tmp_path / "stick")
    label, content = read_label(parts[2]), bytearray(parts[2].read_bytes())
    at, size = label.place(label.first), label.block_size(label.first)
    content[at] ^= 1  # by somebody who knows how checks are made
    content[at + size : at + size + CHECK] = label.check(label.first, content[at : at + size])
    parts[2].write_bytes(content)
    owner.kill()  # paused or not, it would tell its root at once to who has everything
    buyer.person.ask(cmd.ImportParcel(tuple(parts)))
    all_is_here(buyer, thread)
    owner.come_back()
    owner.person.ask(cmd.ResumeDelivery(thread))
    buyer.person.heard("parcel.forged")
    _, folder = at_once(
        lambda: shows(owner, thread, "done", seconds=120), lambda: buy(buyer, thread)
    )
    assert died_at(carried).count("chunk") >= CHUNKS  # more where a direct connection was lost
    assert_traded_once(world, owner, buyer, thread, data, folder)


def test_a_buyer_who_was_off_line_gets_it_from_a_relay_when_the_owner_is(
    world: World,
    pair: tuple[Human, Human],
    dataset: str,
    data: Path,
    carried: Path,
    tmp_path: Path,
) -> None:
    """They are never on line together until everything is there; the relay is killed in between."""
    owner, buyer = pair
    options = (tmp_path / "relay", f"--keep={tmp_path / 'kept'}")
    with RelayProcess(*options) as relay:
        address = relay.address
        owner.person.ask(cmd.AddRelay(address))
        me = owner.wait(
            SettingsSnapshot, lambda shown: [r.state for r in shown.relays] == ["reserved"]
        ).address
        until_told(buyer, me, lambda told: any(address in each for each in told))
        thread = paid_but_paused(owner, buyer, dataset)
        buyer.kill()
        owner.wait(
            OrderSnapshot, lambda page: page.order == thread and "leave_parcel" in page.actions
        )
        owner.person.ask(cmd.LeaveParcel(thread))
        owner.person.heard("done.parcel_left")
        shown = owner.wait(OrderSnapshot, lambda page: page.order == thread and bool(kept_at(page)))
        assert "leave_parcel" not in shown.actions
        owner.kill()
        relay.kill()
    (kept,) = parcels_in(tmp_path / "kept")
    assert data.read_bytes()[:64] not in kept.read_bytes()
    port = address.split("/tcp/")[1].split("/")[0]
    with RelayProcess(*options, f"--port={port}") as relay:
        assert relay.address == address
        buyer.come_back()
        all_is_here(buyer, thread)
        assert buyer.wait(OrderSnapshot, kept_at).delivery
        owner.come_back()
        press(owner, thread, "resume", cmd.ResumeDelivery(thread), "deliver", "wait_check")
        _, folder = at_once(
            lambda: shows(owner, thread, "done", seconds=120), lambda: buy(buyer, thread)
        )
        assert died_at(carried) == []  # not a leaf hash, not a chunk between the two
        assert_traded_once(world, owner, buyer, thread, data, folder)
        until_empty(tmp_path / "kept")  # nobody needs it any more
        owner.person.ask(cmd.RemoveRelay(address))


def leaves_soon() -> None:
    """In the owner's process: who is not there now is away."""
    from app.engine import leaving

    leaving.AWAY_SECONDS = leaving.LOOK_SECONDS = 0.5  # type: ignore[misc]


def test_it_is_left_at_a_relay_by_itself_while_the_buyer_is_away(
    world: World, pair: tuple[Human, Human], dataset: str, data: Path, tmp_path: Path
) -> None:
    """It is chosen in Settings, and nobody presses anything but Resume; they are not on line
    together until all is there."""
    owner, buyer = pair
    owner.starts_with(leaves_soon)
    with RelayProcess(tmp_path / "relay", f"--keep={tmp_path / 'kept'}") as relay:
        owner.person.ask(cmd.AddRelay(relay.address))
        owner.person.ask(cmd.ChangeSettings(leave_by_itself=True))
        me = owner.wait(
            SettingsSnapshot, lambda shown: [r.state for r in shown.relays] == ["reserved"]
        ).address
        until_told(buyer, me, lambda told: any(relay.address in each for each in told))
        thread = paid_but_paused(owner, buyer, dataset)
        buyer.kill()
        assert parcels_in(tmp_path / "kept") == []
        owner.person.ask(cmd.ResumeDelivery(thread))
        owner.wait(OrderSnapshot, lambda page: page.order == thread and bool(kept_at(page)))
        assert len(parcels_in(tmp_path / "kept")) == 1
        owner.kill()
        buyer.come_back()
        all_is_here(buyer, thread)
        owner.come_back()
        _, folder = at_once(
            lambda: shows(owner, thread, "done", seconds=120), lambda: buy(buyer, thread)
        )
        assert_traded_once(world, owner, buyer, thread, data, folder)
        until_empty(tmp_path / "kept")
        owner.person.ask(cmd.RemoveRelay(relay.address))
    owner.starts_with(None)


def parcels_in(folder: Path) -> list[Path]:
    return [path for path in folder.iterdir() if path.name != LOCK]


def until_empty(folder: Path) -> None:
    deadline = time.monotonic() + 60
    while left := parcels_in(folder):
        assert time.monotonic() < deadline, left
        time.sleep(0.05)


def kept_at(page: OrderSnapshot) -> str:
    parcel = page.delivery.parcel if page.delivery else None
    return parcel.relay if parcel else ""
