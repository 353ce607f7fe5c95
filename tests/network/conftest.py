"""What the tests of a bad network share."""

import pytest

from p2p import delivery
from p2p.yamux import Yamux


@pytest.fixture
def quick_silence(monkeypatch: pytest.MonkeyPatch) -> None:
    """Pings every 0.2 s and silence after 0.5 s, on a line 0.3 s: the rules of the product, fifty
    times as fast."""
    defaults = Yamux.__init__.__kwdefaults__
    assert defaults is not None
    monkeypatch.setitem(defaults, "ping_seconds", 0.2)
    monkeypatch.setitem(defaults, "silence_seconds", 0.5)
    monkeypatch.setattr(delivery, "LINE_SILENCE_SECONDS", 0.3)
