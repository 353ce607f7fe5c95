"""Every command says what it does, and a wrong call is told so."""

from __future__ import annotations

import json
import os
import signal
import subprocess

import pytest

from app.cli.main import main
from app.engine.profile import Profile
from tests.app.cli.conftest import ROOT, Here, Lading

COMMANDS = ("demo", "practice", "node", "relay", "fingerprint", "deploy")
LONG = "n" * 300
"""No file can have this name; the system refuses even to look for it."""


def test_the_top_names_every_command(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit, match="0"):
        main(["--help"])
    said = capsys.readouterr().out
    assert all(f"\n    {command} " in said for command in COMMANDS)


@pytest.mark.parametrize("command", COMMANDS)
def test_each_has_its_own_help(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit, match="0"):
        main([command, "--help"])
    said = capsys.readouterr().out
    assert f"usage: lading {command}" in said
    assert "--json" in said


@pytest.mark.parametrize("call", [["sell"], ["fingerprint"], ["node"], ["deploy", "--rpc", "x"]])
def test_a_wrong_call_exits_2(call: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit, match="2"):
        main(call)
    assert "usage: lading" in capsys.readouterr().err


@pytest.mark.parametrize(
    "call",
    [
        ["fingerprint", ""],
        ["demo", "--headless", "--data", ""],
        ["demo", "--headless", "--out", ""],
        ["deploy", "--rpc", "x", "--name", "x", "--out", ""],
        ["--profile", ""],
        ["node", "--profile", ""],
    ],
)
def test_an_empty_path_is_not_the_current_folder(
    call: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit, match="2"):
        main(call)
    said = capsys.readouterr()
    assert said.out == ""
    assert "The path is empty. Name a file or folder; . is the current one.\n" in said.err


def test_where_nothing_runs_the_practice_network_says_so(here: Here, lading: Lading) -> None:
    ran = here("practice", "--status", "--json")
    assert ran.returncode == 0, ran.stderr
    found = json.loads(ran.stdout)
    assert found["running"] is False
    assert found["users"] == 0
    assert found["folder"] == str(lading.home / "lading" / "practice")
    assert not lading.left_over()


def test_the_practice_network_runs_until_it_is_interrupted(here: Here, lading: Lading) -> None:
    running = subprocess.Popen(
        lading.command("practice", "--json"),
        env=lading.environment(),
        cwd=ROOT,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        assert running.stdout is not None
        said = json.loads(running.stdout.readline())
        shown = json.loads(here("practice", "--status", "--json").stdout)
        assert shown["running"] is True
        assert shown["users"] == 1
        assert said["rpc_urls"] == [shown["url"]]
        assert said["chain_id"] == shown["chain_id"]
    finally:
        running.send_signal(signal.SIGINT)
        running.communicate(timeout=60)
    assert running.returncode == 0
    assert json.loads(here("practice", "--status", "--json").stdout)["running"] is False
    assert not lading.left_over()


def test_a_password_that_cannot_be_read_is_a_wrong_call(here: Here, lading: Lading) -> None:
    never_open = 2**31 - 1  # this process has files of its own under smaller numbers
    ran = here("node", "--password-fd", never_open, "--profile", lading.home / "profile")
    assert ran.returncode == 2
    assert ran.stderr.startswith(f"The password cannot be read from file descriptor {never_open}")
    assert not (lading.home / "profile").exists()


def test_a_node_needs_an_identity(here: Here, lading: Lading) -> None:
    ran = here("node", "--password-fd", "FD", "--profile", lading.home / "profile", said="secret\n")
    assert ran.returncode == 1
    assert "There is no identity in this profile." in ran.stderr
    assert "secret" not in ran.stderr + ran.stdout


def test_a_node_leaves_a_profile_that_is_open_alone(here: Here, lading: Lading) -> None:
    profile = Profile.at(lading.home / "profile")
    lock = profile.lock()
    try:
        ran = here("--profile", profile.folder, "node", "--password-fd", "FD", said="secret\n")
    finally:
        lock.release()
    assert ran.returncode == 1
    assert "already open" in ran.stderr


def test_the_demo_says_what_it_cannot_use(here: Here, lading: Lading) -> None:
    demo = ("demo", "--headless", "--json", "--out")
    missing = here(*demo, lading.home / "out", "--data", lading.home / "nothing")
    assert (missing.returncode, missing.stdout) == (2, "")
    assert "is not there" in missing.stderr
    (lading.home / "used" / "owner").mkdir(parents=True)
    used = here(*demo, lading.home / "used")
    assert (used.returncode, used.stdout) == (2, "")
    assert "earlier demo" in used.stderr
    (lading.home / "file").touch()
    for folder in ("file", LONG):
        for data in ((), ("--data", lading.home / "good")):
            (lading.home / "good").write_bytes(b"1")
            no_folder = here(*demo, lading.home / folder, *data)
            assert (no_folder.returncode, no_folder.stdout) == (2, "")
            assert "cannot use the folder" in no_folder.stderr


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        (b"empty.csv", "is empty"),
        (b"folder", "contains no files"),
        (b"link.csv", "is a link"),
        (b"not-utf8-\xff.csv", "is not valid UTF-8"),
        (LONG.encode(), "name too long"),
    ],
)
def test_the_demo_names_what_cannot_be_traded_before_anybody_waits(
    name: bytes, sentence: str, here: Here, lading: Lading
) -> None:
    lading.home.mkdir()
    (lading.home / "empty.csv").touch()
    (lading.home / "folder" / "inside").mkdir(parents=True)
    (lading.home / "link.csv").symlink_to("/etc/passwd")
    (lading.home / os.fsdecode(b"not-utf8-\xff.csv")).write_bytes(b"1")
    ran = here("demo", "--headless", "--json", "--data", lading.home / os.fsdecode(name))
    assert (ran.returncode, ran.stdout) == (2, "")
    assert sentence in ran.stderr
    assert len(ran.stderr.splitlines()) == 1


def test_where_there_is_no_screen_it_says_so(here: Here, monkeypatch: pytest.MonkeyPatch) -> None:
    for variable in ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM"):
        monkeypatch.delenv(variable, raising=False)
    window = here()
    assert window.returncode == 1
    assert "lading node" in window.stderr
    demo = here("demo")
    assert demo.returncode == 1
    assert "--headless" in demo.stderr
    monkeypatch.setenv("DISPLAY", ":0")
    wrong = here("demo", "--json")
    assert wrong.returncode == 2
    assert "--json goes with --headless" in wrong.stderr


def test_output_that_cannot_be_kept_or_heard_is_no_crash(lading: Lading) -> None:
    def status(stdout: int | None) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            lading.command("practice", "--status", "--json"),
            env=lading.environment(),
            cwd=ROOT,
            stdout=stdout,
            stderr=subprocess.PIPE,
            text=True,
            preexec_fn=(lambda: os.close(1)) if stdout is None else None,
            check=False,
        )

    full = os.open("/dev/full", os.O_WRONLY)
    kept = status(full)
    os.close(full)
    assert (kept.returncode, kept.stderr) == (
        1,
        "The disk is full. Free some space and try again.\n",
    )
    closed = status(None)
    assert (closed.returncode, closed.stderr) == (0, "")


def test_who_reads_no_more_ends_the_command_quietly(lading: Lading) -> None:
    read, write = os.pipe()
    os.close(read)
    ran = subprocess.run(
        lading.command("practice", "--status", "--json"),
        env=lading.environment(),
        stdout=write,
        stderr=subprocess.PIPE,
        text=True,
        check=False,
    )
    os.close(write)
    assert ran.returncode == 1
    assert ran.stderr == ""
