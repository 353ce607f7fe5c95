"""What the tests of a bad network share."""

import os

import pytest

from p2p import delivery
from p2p.yamux import Yamux


@pytest.fixture
def quick_silence(monkeypatch: pytest.MonkeyPatch) -> None:
    """Pings every 0.5 s and silence after 2 s, on a line 1.2 s: the rules of the product, twelve
    times as fast; with LADING_PROVE as fast as they are. No faster: on a machine that many share, a
    test may not run for half a second."""
    if os.environ.get("LADING_PROVE"):
        return
    defaults = Yamux.__init__.__kwdefaults__
    assert defaults is not None
    monkeypatch.setitem(defaults, "ping_seconds", 0.5)
    monkeypatch.setitem(defaults, "silence_seconds", 2.0)
    monkeypatch.setattr(delivery, "LINE_SILENCE_SECONDS", 1.2)
