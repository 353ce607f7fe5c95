"""A delivery that comes half by parcel and half over the wire, whichever was first."""

from pathlib import Path

import pytest

from p2p.errors import Cancelled, P2PError, PeerError
from p2p.parcel_saving import save
from p2p.parcel_taking import Taken, find_parts, take
from p2p.parcels import CHECK, LEAST_PART_BYTES, read_label
from p2p.records import Fingerprint
from p2p.spool import Spool
from tests.p2p.people import Dataset, Person, make_dataset, on_line

ORDER = b"o" * 32


class Sides:
    """Both hosts, the owner's parcel in parts of a chunk, and the buyer's store."""

    def __init__(self, folder: Path) -> None:
        self.dataset: Dataset = make_dataset(folder, 3_500_000)
        self.owner, self.buyer = Person("anna"), Person("ben")
        self.owner.sources[ORDER] = self.dataset.source()
        self.folder = folder

    def saved(self) -> list[Path]:
        save(
            self.dataset.source(),
            ORDER,
            self.folder / "stick",
            "order",
            LEAST_PART_BYTES,
            progress=lambda done, total: None,
            cancelled=lambda: False,
        )
        return sorted((self.folder / "stick").iterdir())

    def spool(self) -> Spool:
        made = self.dataset.made.fingerprint
        return Spool(self.folder / "spool", made.records, made.root)

    def take(self, *paths: Path) -> Taken:
        return take(
            find_parts(paths).parts,
            self.spool(),
            ORDER,
            self.folder / "keep",
            progress=lambda done, total: None,
            cancelled=lambda: False,
        )

    async def fetch(self, stop_at: int = 99) -> tuple[bytes | P2PError, list[int]]:
        """The root, or why there is none, and how many chunks were stored at each look."""
        spool, seen = self.spool(), []
        async with on_line(self.owner, self.buyer):
            try:
                root = await self.buyer.host.fetch(
                    self.owner.peer_id,
                    self.owner.addresses,
                    ORDER,
                    spool,
                    Fingerprint(bytes(32), spool.root, spool.records, 0),
                    progress=lambda stored, of: seen.append(stored),
                    paused=lambda: spool.next_chunk >= stop_at,
                )
            except P2PError as error:
                return error, seen
        return root, seen


@pytest.fixture
def sides(tmp_path: Path) -> Sides:
    return Sides(tmp_path)


@pytest.mark.trio
async def test_the_wire_goes_on_where_the_parcel_ended(sides: Sides) -> None:
    parts = sides.saved()
    assert sides.take(*parts[:3]).missing == ((4, 5),)
    root, seen = await sides.fetch()
    assert seen[0] == 2  # leaf hashes and two chunks were not sent
    assert root == sides.spool().delivery_root()


@pytest.mark.trio
async def test_the_parcel_goes_on_where_the_wire_stopped(sides: Sides) -> None:
    assert isinstance((await sides.fetch(stop_at=2))[0], Cancelled)
    assert sides.take(*sides.saved()[3:]) == Taken(5)
    root, seen = await sides.fetch()
    assert set(seen) == {4}
    assert root == sides.spool().delivery_root()


@pytest.mark.trio
async def test_a_whole_parcel_leaves_the_wire_the_root_alone(sides: Sides) -> None:
    assert sides.take(*sides.saved()) == Taken(5)
    sides.dataset.made.source.unlink()  # nothing is sealed again for it
    root, seen = await sides.fetch()
    assert set(seen) == {4}
    assert root == sides.spool().delivery_root()


@pytest.mark.trio
async def test_a_forged_parcel_is_found_before_anything_is_signed(sides: Sides) -> None:
    parts = sides.saved()
    label, content = read_label(parts[4]), bytearray(parts[4].read_bytes())
    content[label.place(4)] ^= 1
    size = label.block_size(4)
    at = label.place(4) + size
    content[at : at + CHECK] = label.check(4, content[label.place(4) : at])
    parts[4].write_bytes(content)
    assert sides.take(*parts) == Taken(5)
    refused, _ = await sides.fetch()
    assert isinstance(refused, PeerError)
    assert "another delivery root" in refused.reason
    sides.spool().discard()
    root, _ = await sides.fetch()
    assert root == sides.spool().delivery_root()
