"""What begins first, and which tests go to one process, one after the other: those of a file that
share a world.

A world, a node with apps on it or contracts that were compiled, takes longer to make than most of
its tests do. The mark that pytest-xdist has for groups does nothing with pytest 9.2
(pytest-dev/pytest-xdist#1386); what hands tests out is `tests.spreading`.
"""

# By path; the first of them works, most of the others wait for blocks and deadlines.
LONGEST = (
    "tests/chain/contracts/test_exchange_machine.py",
    "tests/adversary/",
    "tests/story/",
    "tests/mutation/",
    "tests/app/engine/",
    "tests/windows/",
    "tests/network/test_black_out.py",  # half a minute of real time
    "tests/network/",
    "tests/app/cli/",
)

TOGETHER = (
    "tests/adversary/",
    "tests/story/",
    "tests/chain/contracts/",
    "tests/app/cli/test_deploy.py",
    "tests/app/cli/test_network_file.py",
    "tests/app/engine/test_alike.py",
    "tests/app/engine/test_elsewhere.py",
    "tests/app/engine/test_entries.py",
    "tests/app/engine/test_files.py",
    "tests/app/engine/test_lying_endpoints.py",
    "tests/app/engine/test_network.py",
    "tests/app/engine/test_relaying.py",
    "tests/app/engine/test_restoring.py",
    "tests/app/engine/test_subscribed_versions.py",
    "tests/app/engine/test_trading.py",
)
"""Files, and folders of such files."""

APART = ("tests/story/test_crashes.py", "tests/chain/contracts/test_exchange_machine.py")
"""Beside each other all the same: each of their tests lasts much longer than making its world."""


def group(test: str) -> str:
    """What a test, by its id, goes to a process with: its file, or only itself."""
    file = test.partition("::")[0]
    return file if file.startswith(TOGETHER) and file not in APART else test


def place(test: str) -> int:
    """A test's place among `LONGEST`, by its id; behind them all if it is none of them."""
    starts = (number for number, path in enumerate(LONGEST) if test.startswith(path))
    return next(starts, len(LONGEST))
