"""A chain that is not there, is another one, or lacks the contracts: said, waited for, and gone on
with as if nothing had been."""

from __future__ import annotations

import json
import secrets
import socket
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from app.domain import commands as cmd
from app.domain.snapshots.shell import FirstRunSnapshot, ShellSnapshot
from app.domain.terms import TermsChoice
from app.engine import held
from tests.app.engine.apps import App, Line, World

NOWHERE = "0x" + "5e" * 20


@pytest.fixture(scope="module")
def guest(apps: Any) -> App:
    """An identity that is on no network yet, and stays so."""
    app: App = apps("Nordhaven Energy")
    return app


def closed_port() -> str:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return f"http://127.0.0.1:{one.getsockname()[1]}"


def assert_on_no_network(app: App) -> None:
    shown = app.wait(FirstRunSnapshot, lambda run: run.problem and not run.busy)
    assert (shown.step, shown.busy) == ("network", "")


def test_a_network_nobody_answers_for(guest: App, world: World, tmp_path: Path) -> None:
    file = tmp_path / "network.json"
    replace(world.network, rpc_urls=(closed_port(),)).save(file)
    notice = guest.refused(cmd.JoinNetwork(file), "chain.unreachable")
    assert notice.kind == "outage"
    assert_on_no_network(guest)


def test_a_network_that_is_another_chain(
    guest: App, world: World, line: Line, tmp_path: Path
) -> None:
    notice = guest.refused(
        cmd.JoinNetwork(world.through(line, tmp_path, chain_id=1)), "chain.wrong_network"
    )
    assert notice.kind == "outage"
    assert f"found chain {world.network.chain_id}" in notice.cause
    assert "Check the network file" in notice.cause
    assert_on_no_network(guest)


@pytest.mark.parametrize("contract", ["registry", "exchange"])
def test_no_contract_at_the_address(
    guest: App, world: World, line: Line, tmp_path: Path, contract: str
) -> None:
    changes: dict[str, Any] = {contract: NOWHERE.replace("5e", "11")}
    file = world.through(line, tmp_path, **changes)
    notice = guest.refused(cmd.JoinNetwork(file), "chain.wrong_network")
    assert "no contract there" in notice.cause
    assert_on_no_network(guest)


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (None, "cannot be read"),
        (b"", "not JSON"),
        (b"\xff\xfe", "not JSON"),
        (b"[]", "must be a JSON object"),
        (b"{}", "lacks"),
        (b" " * 70_000, "too large"),
        (json.dumps({"lading": 1}).encode(), "lacks"),
    ],
)
def test_a_file_that_describes_no_network(
    guest: App, tmp_path: Path, content: bytes | None, sentence: str
) -> None:
    file = tmp_path / "network.json"
    if content is not None:
        file.write_bytes(content)
    notice = guest.refused(cmd.JoinNetwork(file), "network.file")
    assert notice.kind == "rule"
    assert sentence in notice.cause
    assert_on_no_network(guest)


def test_a_profile_with_datasets_stays_on_its_network(
    apps: Any, world: World, line: Line, tmp_path: Path
) -> None:
    app: App = apps("Nordhaven Energy", line)
    (tmp_path / "data.bin").write_bytes(b"1")
    app.choose("d" * 32, tmp_path / "data.bin")
    app.refused(cmd.JoinPractice(), "network.bound")
    assert app.wait(ShellSnapshot, lambda shell: shell.chain == "ok").network == world.network.name


def test_the_chain_goes_and_comes_back_in_the_middle_of_registering(
    apps: Any, line: Line, tmp_path: Path
) -> None:
    app: App = apps("Nordhaven Energy", line)
    key = secrets.token_hex(16)
    app.complete_draft(key, tmp_path)
    app.eventually(lambda: all(entry.state == "final" for entry in app.entries("profile")))
    line.cut = True
    app.wait(ShellSnapshot, lambda shell: shell.chain == "unreachable")
    app.ask(cmd.RegisterDraft(key))
    app.eventually(lambda: app.entries("register"))
    assert {entry.state for entry in app.entries("commit") + app.entries("register")} == {"wanted"}

    app.stop()  # and the window is closed while the chain is away
    app.start()
    app.wait(FirstRunSnapshot, lambda run: run.step == "locked")
    app.ask(cmd.Unlock("correct horse battery"))
    app.wait(ShellSnapshot, lambda shell: shell.chain == "unreachable" and bool(shell.code))
    app.ask(cmd.GetPracticeDollars())  # what needs the chain says so, and is no bug
    assert app.draft(key).state == "registering"

    line.cut = False
    app.wait(ShellSnapshot, lambda shell: shell.chain == "ok")
    app.eventually(lambda: app.draft(key).state == "registered")
    for what in ("commit", "register"):
        (entry,) = app.entries(what)
        assert entry.state in ("recorded", "final")
    assert not [notice for notice in app.notices if notice.kind == "bug"]


def unlocked_without_a_chain(app: App, line: Line) -> None:
    """Opened again while nobody answers for the chain: its time is not known."""
    app.stop()
    line.cut = True
    app.start()
    app.wait(FirstRunSnapshot, lambda run: run.step == "locked")
    app.ask(cmd.Unlock("correct horse battery"))
    app.wait(ShellSnapshot, lambda shell: shell.chain == "unreachable" and bool(shell.code))


def test_clicks_before_the_first_block_was_read_are_not_lost(
    apps: Any, line: Line, tmp_path: Path
) -> None:
    app: App = apps("Nordhaven Energy", line)
    keys = [secrets.token_hex(16) for _ in range(3)]
    for key in keys:
        app.complete_draft(key, tmp_path)
    unlocked_without_a_chain(app, line)
    since = len(app.notices)
    for key in keys:
        app.ask(cmd.RegisterDraft(key))
    app.ask(cmd.DescribeDraft(keys[2], app.draft(keys[2]).description, TermsChoice()))
    app.choose("e" * 32, tmp_path / f"{keys[0]}.bin")  # what needs no chain does not wait
    assert {app.draft(key).state for key in keys} == {"draft"}
    line.cut = False
    app.eventually(lambda: {app.draft(key).state for key in keys} == {"registered"})
    assert [entry.dataset for entry in app.entries("commit")] == keys
    assert app.notices[since:] == []


def test_clicks_are_refused_when_the_chain_does_not_come(
    apps: Any, line: Line, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    app: App = apps("Nordhaven Energy", line)
    key = secrets.token_hex(16)
    app.complete_draft(key, tmp_path)
    with monkeypatch.context() as shortened:  # what is held later must not be refused as soon
        shortened.setattr(held, "LONGEST_SECONDS", 0.1)
        unlocked_without_a_chain(app, line)
        notice = app.refused(cmd.RegisterDraft(key), "chain.unreachable")
    assert (notice.kind, notice.about) == ("outage", key)
    assert app.draft(key).state == "draft"
    line.cut = False
    app.wait(ShellSnapshot, lambda shell: shell.chain == "ok")
    app.ask(cmd.RegisterDraft(key))
    app.eventually(lambda: app.draft(key).state == "registered")


def test_the_line_leads_to_another_chain_in_the_middle(
    apps: Any, line: Line, tmp_path: Path
) -> None:
    app: App = apps("Nordhaven Energy", line)
    key = secrets.token_hex(16)
    app.complete_draft(key, tmp_path)
    line.cut = True
    app.wait(ShellSnapshot, lambda shell: shell.chain == "unreachable")
    line.instead["eth_chainId"] = lambda params: "0x1"
    line.cut = False
    app.wait(ShellSnapshot, lambda shell: shell.chain == "wrong")
    app.ask(cmd.RegisterDraft(key))
    app.eventually(lambda: app.entries("register"))
    line.instead.clear()
    app.wait(ShellSnapshot, lambda shell: shell.chain == "ok")
    app.eventually(lambda: app.draft(key).state == "registered")
    assert not [notice for notice in app.notices if notice.kind == "bug"]
