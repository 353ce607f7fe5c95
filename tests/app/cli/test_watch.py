"""``lading node --watch``: its code, its lines, its end; what is wrong is said."""

from __future__ import annotations

import json
import signal
import subprocess

import pytest

from app.cli.main import main
from app.domain.watch_code import read_code
from tests.app.cli.conftest import ROOT, Here, Lading


def test_the_code_is_printed_the_same_each_time_and_nothing_else_is_made(
    here: Here, lading: Lading
) -> None:
    ran = here("node", "--watch", "--code")
    assert ran.returncode == 0, ran.stderr
    assert len(read_code(ran.stdout)) == 32
    assert here("node", "--watch", "--code").stdout == ran.stdout
    folder = lading.home / "lading" / "watch"
    assert [path.name for path in folder.iterdir()] == ["watch.key"]
    other = here("node", "--watch", "--code", "--profile", lading.home / "other")
    assert other.stdout != ran.stdout


def test_a_code_without_watching_is_a_wrong_call(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit, match="2"):
        main(["node", "--code", "--password-fd", "0"])
    assert "--watch" in capsys.readouterr().err


def test_it_watches_until_it_is_interrupted_and_refuses_what_is_no_parcel(lading: Lading) -> None:
    folder = lading.home / "device"
    (folder / "inbox").mkdir(parents=True)
    (folder / "inbox" / "letter.parcel").write_text("Dear watcher")
    running = subprocess.Popen(
        lading.command("node", "--watch", "--json", "--profile", folder),
        env=lading.environment(),
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        assert running.stdout is not None
        said = json.loads(running.stdout.readline())
        assert (said["order"], said["what"]) == ("letter.parcel", "refused")
        assert "not a watch parcel" in said["sentence"]
    finally:
        running.send_signal(signal.SIGTERM)
        _, told = running.communicate(timeout=60)
    assert running.returncode == 0
    assert "Watch code  LW-" in told
    assert not (folder / "identity.vault").exists()


def test_a_folder_that_cannot_be_used_is_named(here: Here, lading: Lading) -> None:
    lading.home.mkdir()
    (lading.home / "file").touch()
    for more in ((), ("--code",)):
        ran = here("node", "--watch", *more, "--profile", lading.home / "file")
        assert ran.returncode == 1
        assert "cannot be used" in ran.stderr
