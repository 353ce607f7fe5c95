"""What the tests of a bad network share."""

from collections.abc import Iterator

import pytest

from p2p import delivery
from p2p.yamux import Yamux
from tests.counts import PROVE


@pytest.fixture
def quick_silence() -> Iterator[pytest.MonkeyPatch]:
    """Pings every 0.5 s and silence after 2 s, on a line 1.2 s: the rules of the product, twelve
    times as fast; with LADING_PROVE as fast as they are. No faster: on a machine that many share, a
    test may not run for half a second.

    ``undo`` it once the silence was noticed: what follows meets the rules as they are, and no pause
    of the machine is taken for silence. One before the harm can be: a test resumes until it harms.
    """
    with pytest.MonkeyPatch.context() as quick:
        if not PROVE:
            defaults = Yamux.__init__.__kwdefaults__
            assert defaults is not None
            quick.setitem(defaults, "ping_seconds", 0.5)
            quick.setitem(defaults, "silence_seconds", 2.0)
            quick.setattr(delivery, "LINE_SILENCE_SECONDS", 1.2)
        yield quick
