"""What every run of the tests shows: a failure at once, with its reason, not only at the end."""

import pytest
from _pytest.terminal import TerminalReporter

LINES = 30


class Failures:
    """Prints each failed test as it ends; a run that is cut short has then named it."""

    def __init__(self, terminal: TerminalReporter) -> None:
        self._terminal = terminal

    @pytest.hookimpl(trylast=True)
    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.failed:
            self._terminal.ensure_newline()
            self._terminal.write_line(f"FAILED {report.nodeid} ({report.when})", red=True)
            for line in report.longreprtext.splitlines()[-LINES:]:
                self._terminal.write_line(f"    {line}")


@pytest.hookimpl(trylast=True)
def pytest_configure(config: pytest.Config) -> None:
    terminal = config.pluginmanager.get_plugin("terminalreporter")
    if isinstance(terminal, TerminalReporter):
        config.pluginmanager.register(Failures(terminal))
