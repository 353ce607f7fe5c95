"""Passwords, identity files, databases and folders that do not open: a sentence, and every byte as
it was."""

from __future__ import annotations

import errno
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event
from sqlalchemy.engine import Engine as SqlEngine

from app.domain import commands as cmd
from app.domain.errors import RuleError
from app.domain.snapshots.shell import FirstRunSnapshot, SettingsSnapshot
from app.store.database import DatabaseDamaged, DatabaseUnavailable
from chain import vault
from tests.app.engine.apps import PASSWORD, App, Line


@pytest.fixture
def app(tmp_path: Path) -> Iterator[App]:
    """An identity without a network."""
    made = App(tmp_path / "profile", tmp_path / "practice").start()
    made.create("Nordhaven Energy")
    yield made
    made.stop()


@pytest.fixture
def closed(app: App) -> App:
    app.stop()
    return app


def vault_of(app: App) -> Path:
    return app.profile / "identity.vault"


def test_a_wrong_password_opens_nothing_and_the_right_one_still_does(closed: App) -> None:
    content = vault_of(closed).read_bytes()
    closed.start()
    for wrong in ("", "correct horse", PASSWORD + " "):
        notice = closed.refused(cmd.Unlock(wrong), "wrong_password")
        assert notice.kind == "rule"
        assert wrong == "" or wrong not in notice.cause + notice.details
    shown = closed.wait(FirstRunSnapshot, lambda run: run.problem and not run.busy)
    assert (shown.step, shown.busy) == ("locked", "")
    assert vault_of(closed).read_bytes() == content
    closed.ask(cmd.Unlock(PASSWORD))
    closed.wait(FirstRunSnapshot, lambda run: run.step == "network" and run.problem is None)


def test_a_wrong_password_changes_shows_and_exports_nothing(app: App, tmp_path: Path) -> None:
    content = vault_of(app).read_bytes()
    for command in (
        cmd.ChangePassword("wrong password", "another password"),
        cmd.ShowRecoverySheet("wrong password"),
        cmd.ExportIdentity(tmp_path / "identity.json", "wrong password"),
    ):
        assert app.refused(command, "wrong_password").about == type(command).__name__
    assert vault_of(app).read_bytes() == content
    assert not (tmp_path / "identity.json").exists()
    assert not app.wait(SettingsSnapshot, lambda shown: True).words


@pytest.mark.parametrize(
    "damage",
    [
        lambda content: b"",
        lambda content: content[:-7],
        lambda content: bytes(len(content)),
        lambda content: content[:-1] + bytes([content[-1] ^ 1]),
        lambda content: b"not a vault at all",
    ],
)
def test_a_damaged_identity_file_is_named_and_left_as_it_is(
    closed: App, damage: Callable[[bytes], bytes]
) -> None:
    content = vault_of(closed).read_bytes()
    damaged = damage(content)
    vault_of(closed).write_bytes(damaged)
    closed.start()
    since = len(closed.notices)
    closed.ask(cmd.Unlock(PASSWORD))
    closed.eventually(lambda: len(closed.notices) > since)
    notice = closed.notices[-1]
    # A changed byte under the seal cannot be told from a wrong password.
    assert notice.kind == "rule"
    assert notice.code in ("identity.damaged", "wrong_password")
    assert closed.wait(FirstRunSnapshot, lambda run: run.problem).step == "locked"
    assert vault_of(closed).read_bytes() == damaged
    vault_of(closed).write_bytes(content)  # put back from a copy
    closed.ask(cmd.Unlock(PASSWORD))
    closed.wait(FirstRunSnapshot, lambda run: run.step == "network")


def test_a_second_identity_does_not_replace_the_first(app: App) -> None:
    content = vault_of(app).read_bytes()
    app.refused(cmd.CreateIdentity("Somebody", PASSWORD), "identity.exists")
    assert vault_of(app).read_bytes() == content


@pytest.mark.parametrize(
    ("command", "code"),
    [
        (cmd.CreateIdentity("A", "short"), "identity.password"),
        (cmd.CreateIdentity("", PASSWORD), "identity.name"),
        (cmd.CreateIdentity("x" * 61, PASSWORD), "identity.name"),
        (cmd.CreateIdentity("bell\x07", PASSWORD), "identity.name"),
        (cmd.RestoreIdentity("A", PASSWORD, "twelve words too few"), "identity.words"),
        (cmd.RestoreIdentity("A", PASSWORD, "abandon " * 24), "identity.words"),
        (cmd.ImportIdentity("A", PASSWORD, Path("/nowhere"), PASSWORD), "identity.keystore"),
    ],
)
def test_an_identity_that_cannot_be_made_leaves_the_first_run_where_it_is(
    tmp_path: Path, command: object, code: str
) -> None:
    app = App(tmp_path / "profile", tmp_path / "practice").start()
    try:
        assert app.refused(command, code).kind == "rule"
        shown = app.wait(FirstRunSnapshot, lambda run: run.problem)
        assert (shown.step, shown.busy) == ("welcome", "")
        assert not vault_of(app).exists()
    finally:
        app.stop()


# databases


def database_of(app: App) -> Path:
    return app.profile / "lading.sqlite"


@pytest.mark.parametrize(
    "damage",
    [
        lambda content: b"this is no database" * 100,
        lambda content: content[:4096] + b"\xff" * (len(content) - 4096),
        lambda content: content[: len(content) // 2],
    ],
)
def test_a_damaged_database_is_named_left_as_it_is_and_frees_the_profile(
    closed: App, damage: Callable[[bytes], bytes]
) -> None:
    content = database_of(closed).read_bytes()
    damaged = damage(content)
    database_of(closed).write_bytes(damaged)
    with pytest.raises(DatabaseDamaged, match="damaged") as raised:
        closed.start()
    assert "24 words" in str(raised.value)
    assert database_of(closed).read_bytes() == damaged
    database_of(closed).write_bytes(content)  # put back from a copy: the profile was not kept shut
    closed.start()
    closed.ask(cmd.Unlock(PASSWORD))
    assert closed.wait(FirstRunSnapshot, lambda run: run.step == "network").name


def test_a_folder_in_place_of_the_database(closed: App) -> None:
    database_of(closed).rename(closed.profile / "aside")
    database_of(closed).mkdir()
    with pytest.raises(DatabaseUnavailable, match="cannot be opened"):
        closed.start()


def test_a_profile_that_is_open_already(app: App) -> None:
    second = App(app.profile, app.profile)
    with pytest.raises(RuleError, match="open in another window") as raised:
        second.start()
    assert raised.value.code == "profile.in_use"
    app.ask(cmd.ChangeName("Still here"))
    app.wait(SettingsSnapshot, lambda shown: shown.name == "Still here")


def test_a_profile_folder_that_cannot_be_made(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(RuleError, match="Choose another one") as raised:
        App(tmp_path / "file" / "profile", tmp_path).start()
    assert raised.value.code == "profile.folder"


def test_a_profile_folder_whose_name_is_not_text(tmp_path: Path) -> None:
    """The journal could not say where the files are that arrive in it."""
    with pytest.raises(RuleError, match="not valid UTF-8") as raised:
        App(tmp_path / os.fsdecode(b"\xff"), tmp_path).start()
    assert raised.value.code == "profile.folder"
    assert not list(tmp_path.iterdir())


# a full disk


@pytest.fixture
def full(monkeypatch: pytest.MonkeyPatch) -> Callable[[bool], None]:
    """Say whether the disk is full for new files."""
    replaced, opened = os.replace, os.open

    def no_space(*_: Any, **__: Any) -> Any:
        raise OSError(errno.ENOSPC, "No space left on device")

    def opens(path: Any, flags: int, *rest: Any, **more: Any) -> int:
        if flags & os.O_CREAT and flags & os.O_EXCL:
            no_space()
        return opened(path, flags, *rest, **more)

    def say(yes: bool) -> None:
        monkeypatch.setattr(os, "open", opens if yes else opened)
        monkeypatch.setattr(os, "replace", no_space if yes else replaced)

    return say


@pytest.fixture(scope="module")
def pages() -> Iterator[dict[str, int]]:
    """How many pages SQLite may use: with 1 it has none left and says so itself."""
    limit = {"pages": 2**30 - 1}

    def tell(connection: Any, *_: Any) -> None:
        raw = connection.connection.dbapi_connection
        raw.execute(f"PRAGMA max_page_count={limit['pages']}")

    event.listen(SqlEngine, "engine_connect", tell)
    yield limit
    event.remove(SqlEngine, "engine_connect", tell)


def test_an_identity_on_a_full_disk(tmp_path: Path, full: Callable[[bool], None]) -> None:
    app = App(tmp_path / "profile", tmp_path / "practice").start()
    try:
        full(True)
        app.ask(cmd.CreateIdentity("Nordhaven", PASSWORD))
        app.eventually(lambda: app.notices)
        notice = app.notices[-1]
        assert (notice.kind, notice.code) == ("rule", "identity.damaged")
        assert "space" in notice.cause or "full" in notice.cause
        shown = app.wait(FirstRunSnapshot, lambda run: run.problem)
        assert (shown.step, shown.busy) == ("welcome", "")
        full(False)
        app.create("Nordhaven")
        assert vault.open(vault_of(app), PASSWORD).address
    finally:
        full(False)
        app.stop()


def test_an_export_on_a_full_disk(app: App, tmp_path: Path, full: Callable[[bool], None]) -> None:
    full(True)
    try:
        notice = app.refused(cmd.ExportIdentity(tmp_path / "out.json", PASSWORD), "file.write")
        assert "No space" in notice.cause
        assert not (tmp_path / "out.json").exists()
    finally:
        full(False)


def test_a_full_disk_under_the_database_loses_nothing_that_was_saved(
    pages: dict[str, int], apps: Any, line: Line, tmp_path: Path
) -> None:
    app: App = apps("Nordhaven Energy", line)
    key = "d" * 32
    data = tmp_path / "data.bin"
    data.write_bytes(b"1" * 5000)
    app.choose(key, data)
    before = app.draft(key)
    longest = cmd.DescribeDraft(key, cmd.Description("Wind", "x" * 20_000), before.terms)
    pages["pages"] = 1
    notice = app.refused(longest, "database")
    pages["pages"] = 2**30 - 1
    assert notice.kind == "rule"
    assert "The disk is full. Nothing was lost" in notice.cause
    assert app.draft(key) == before
    app.ask(longest)
    app.eventually(lambda: app.draft(key).description == longest.description)
    assert not [notice for notice in app.notices if notice.kind == "bug"]
