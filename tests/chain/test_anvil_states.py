"""A long practice chain does not fill the disk with the states of its blocks.

Mining thousands of blocks takes its time: LADING_PROVE=1.
"""

from pathlib import Path

import pytest

from chain import anvil
from chain.endpoint import Endpoint
from tests.counts import PROVE

BLOCKS = 2000


def states_after(folder: Path) -> int:
    """How many states a node keeps on disk once so many blocks are mined."""
    folder.mkdir()
    node = anvil.start(anvil.node_path(), folder, None)
    endpoint = Endpoint(node.url, timeout=60)
    try:
        for _ in range(BLOCKS // 500):
            endpoint.ask("anvil_mine", hex(500), hex(1))
        return sum(path.is_file() for path in (folder / "states").rglob("*"))
    finally:
        endpoint.close()
        anvil.stop(node)


@pytest.mark.skipif(not PROVE, reason="some minutes; LADING_PROVE=1")
def test_states_on_disk_are_bounded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert 0 < states_after(tmp_path / "bounded") <= anvil.RECENT_STATES
    bound = anvil.RECENT_STATES
    monkeypatch.setattr(anvil, "RECENT_STATES", 10**6)
    assert states_after(tmp_path / "unbounded") > bound
