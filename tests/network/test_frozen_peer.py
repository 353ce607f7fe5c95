"""A peer whose process is stopped (SIGSTOP): its sockets stay open, and it is noticed."""

import os
from pathlib import Path

import pytest
import trio

from p2p.errors import Unreachable
from p2p.records import Fingerprint
from p2p.spool import Spool
from tests.network.children import child
from tests.network.trade import DK, LONG, NOTICED_SECONDS, ORDER
from tests.p2p.people import Person, make_dataset, on_line

pytestmark = pytest.mark.skipif(os.name == "nt", reason="Windows cannot stop a process")


@pytest.mark.trio
async def test_a_frozen_owner_is_noticed_and_goes_on_when_it_wakes(
    tmp_path: Path, quick_silence: pytest.MonkeyPatch
) -> None:
    made = make_dataset(tmp_path, LONG).made.fingerprint
    spool = Spool(tmp_path / "spool", made.records, made.root)
    buyer = Person("ben")

    frozen_at: float | None = None

    async def fetch() -> bytes:
        def paused() -> bool:
            nonlocal frozen_at
            if spool.next_chunk >= 2 and frozen_at is None:
                owner.freeze()
                frozen_at = trio.current_time()
            return False

        return await buyer.host.fetch(
            address.rpartition("/")[2],
            [address],
            ORDER,
            spool,
            Fingerprint(bytes(32), spool.root, spool.records, 0),
            progress=lambda stored, of: None,
            paused=paused,
        )

    async with child(tmp_path / "owner", "owner", str(LONG)) as owner, on_line(buyer):
        address = await owner.line()
        while frozen_at is None:  # a pause of the machine was taken for silence: it is resumed
            with pytest.raises(Unreachable):
                await fetch()
        assert trio.current_time() - frozen_at < NOTICED_SECONDS
        stored = spool.next_chunk
        assert 2 <= stored < spool.chunks
        assert not buyer.host.peers
        quick_silence.undo()
        owner.thaw()
        assert await fetch() == spool.delivery_root()
    assert spool.complete


@pytest.mark.trio
async def test_a_frozen_buyer_is_noticed_and_the_owner_is_free_for_others(
    tmp_path: Path, quick_silence: pytest.MonkeyPatch
) -> None:
    dataset = make_dataset(tmp_path, LONG)
    owner = Person("anna")
    owner.sources[ORDER] = dataset.source(DK)
    async with on_line(owner), child(tmp_path / "buyer", "buyer", owner.addresses[0]) as buyer:
        while await buyer.line() != "chunk 2":
            pass
        buyer.freeze()
        with trio.fail_after(NOTICED_SECONDS):
            while owner.host.peers:
                await trio.sleep(0.01)
        quick_silence.undo()
        sent, stored = owner.sent[-1]
        assert sent < dataset.source().content.chunks
        assert stored <= sent
        assert not owner.stopped
        other = Person("carl")
        made = dataset.made.fingerprint
        spool = Spool(tmp_path / "other", made.records, made.root)
        async with on_line(other):
            root = await other.host.fetch(
                owner.peer_id,
                owner.addresses,
                ORDER,
                spool,
                Fingerprint(bytes(32), made.root, made.records, 0),
                progress=lambda stored, of: None,
                paused=lambda: False,
            )
        assert root == spool.delivery_root()
