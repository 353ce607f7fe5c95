"""What holds for every test: no example has a time limit; a failure is shown when it happens; of
several processes none is left at the end with what takes longest."""

import gc
import os
from collections.abc import Generator
from typing import Any

import pytest
from hypothesis import HealthCheck, settings

# A plugin of pytest's imports py_ecc, which lets Python recurse 100,000 deep: deeply nested JSON
# would end the process of a test that does not happen to import this, which puts the limit back.
import chain  # noqa: F401
from tests.counts import JUDGED
from tests.together import place

LINES = 30
PROVED_ONLY = ("test_anvil_states.py", "test_node_without_npm.py")
"""What `make prove` alone runs."""

# A busy machine is no finding. A test that names its own number of examples has that.
settings.register_profile(
    "lading",
    settings(),
    max_examples=100 if JUDGED else 30,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.load_profile("lading")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """In one process the order stays: it keeps together what shares a node or a window."""
    if hasattr(config, "workerinput"):
        items.sort(key=lambda item: place(item.nodeid))


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> object:
    """What is shared is made once, not in each process; None: as the command line says."""
    if config.getoption("dist") != "loadgroup":
        return None
    from tests.spreading import Spreading  # its plugin is there: it has asked

    return Spreading(config, log)


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Generator[None, object, object]:
    """What is imported and collected stays: no look for garbage goes through it, now or later."""
    looked = gc.isenabled()
    gc.disable()
    try:
        return (yield)
    finally:
        gc.collect()
        gc.freeze()
        if looked:
            gc.enable()


class Failures:
    """Prints each failed test as it ends; a run that is cut short has then named it."""

    def __init__(self, terminal: pytest.TerminalReporter) -> None:
        self._terminal = terminal

    @pytest.hookimpl(trylast=True)
    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.failed:
            self._terminal.write_line(f"\nFAILED {report.nodeid} ({report.when})", red=True)
            for line in report.longreprtext.splitlines()[-LINES:]:
                self._terminal.write_line(f"    {line}")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item,
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """A developer's machine may lack what a test needs; where changes are judged (CI) none may."""
    report = yield
    if not hasattr(report, "wasxfail"):
        _judge(report, item.path.name)
    return report


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report(
    collector: pytest.Collector,
) -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
    """The same for what skips a whole file while it is read, such as `pytest.importorskip`."""
    report = yield
    _judge(report, collector.path.name)
    return report


def _judge(report: pytest.TestReport | pytest.CollectReport, name: str) -> None:
    if report.skipped and os.environ.get("CI") and name not in PROVED_ONLY:
        report.outcome = "failed"
        report.longrepr = f"Skipped where nothing may be: {report.longrepr}"


@pytest.hookimpl(trylast=True)
def pytest_configure(config: pytest.Config) -> None:
    terminal = config.pluginmanager.get_plugin("terminalreporter")
    if isinstance(terminal, pytest.TerminalReporter):
        config.pluginmanager.register(Failures(terminal))
