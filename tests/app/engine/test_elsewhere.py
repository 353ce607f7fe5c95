"""Two real chains with different ids: what was registered on one is told on the other, who was
first is told where the clocks can tell it, and an endpoint there holds up nothing here."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from app.domain import commands as cmd
from app.domain.snapshots.challenge import ChallengeSnapshot
from app.domain.snapshots.datasets import DatasetSnapshot, RegisterSnapshot
from app.domain.snapshots.records import RecordsSnapshot
from app.domain.snapshots.shell import OtherNetwork, SettingsSnapshot, ShellSnapshot
from app.engine import elsewhere
from chain.answers import number
from chain.deploy import deploy
from tests.app.cli.other_chain import CHAIN_ID, DEPLOYER_KEY, OtherChain
from tests.app.engine.apps import App, Line, World
from tests.app.engine.test_alike import csv, rows
from tests.app.engine.test_network import closed_port

NAME = "Company chain"
HOURS = 2 * 3600


@pytest.fixture(scope="module", autouse=True)
def impatient() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(elsewhere, "POLL_SECONDS", 0.3)
        patch.setattr(elsewhere, "AGAIN_SECONDS", 0.3)
        yield


@pytest.fixture(scope="module")
def other(world: World) -> Iterator[OtherChain]:
    """Its clock begins where the practice network's is."""
    chain = OtherChain()
    try:
        deploy(chain.url, bytes.fromhex(DEPLOYER_KEY[2:]), NAME, practice=True)
        now = number(chain.rpc("eth_getBlockByNumber", "latest", False)["timestamp"])
        ahead = world.gateway.head().timestamp - now
        if ahead > 0:
            chain.rpc("evm_increaseTime", ahead)
        yield chain
    finally:
        chain.close()


@pytest.fixture(scope="module")
def away(other: OtherChain) -> Iterator[Line]:
    """How the owner reaches the other chain."""
    line = Line(other.url)
    yield line
    line.close()


@pytest.fixture(scope="module")
def owner(apps: Any, lines: Callable[[], Line], away: Line) -> App:
    """On the practice network; the other chain is checked, too."""
    app: App = apps("Nordhaven Energy", lines())
    app.ask(cmd.AddNetwork(NAME, f" {away.url}, "))
    stands(app, "ok")
    return app


@pytest.fixture(scope="module")
def copier(apps: Any, other: OtherChain, tmp_path_factory: pytest.TempPathFactory) -> App:
    """On the other chain."""
    app: App = apps("Copy Cat Data")
    network = deploy(other.url, None, NAME, practice=True)
    file = tmp_path_factory.mktemp("other") / "network.json"
    network.save(file)
    app.join(file)
    other.give(network, app.address)
    return app


def stands(app: App, state: str) -> OtherNetwork:
    page = app.wait(
        SettingsSnapshot, lambda page: [one.state for one in page.others] == [state], 120
    )
    return page.others[0]


def knows(app: App, registrations: int) -> None:
    app.wait(SettingsSnapshot, lambda page: page.others[0].registrations >= registrations, 120)


def shown(app: App, dataset: str, until: Callable[[DatasetSnapshot], Any]) -> DatasetSnapshot:
    app.ask(cmd.OpenDataset(dataset))
    return app.wait(DatasetSnapshot, lambda page: page.card.dataset == dataset and until(page), 120)


def content() -> bytes:
    return secrets.token_bytes(70_000)


def test_a_network_is_named_once_it_was_looked_up(owner: App, away: Line) -> None:
    one = stands(owner, "ok")
    assert (one.name, one.chain_id) == (NAME, CHAIN_ID)
    assert one.hosts == (away.url.removeprefix("http://"),)


def test_what_cannot_be_another_network_is_refused_in_words(
    owner: App, away: Line, world: World, lines: Callable[[], Line]
) -> None:
    bare = lines()
    bare.instead["eth_chainId"] = lambda _: "0x7"
    bare.instead["eth_getCode"] = lambda _: "0x"
    mixed = f"{away.url} {world.network.rpc_urls[0]}"
    for name, address, code in (
        ("", away.url, "networks.name"),
        ("Other", "ftp://host", "networks.address"),
        ("Other", " , ", "networks.address"),
        ("Other", closed_port(), "networks.silent"),
        ("Other", mixed, "networks.chains"),
        ("Other", bare.url, "networks.registry"),
        ("Other", world.network.rpc_urls[0], "networks.own"),
        ("Other", away.url, "networks.known"),
    ):
        notice = owner.refused(cmd.AddNetwork(name, address), code)
        assert notice.about == "AddNetwork"
    assert [one.name for one in owner.seen[SettingsSnapshot].others] == [NAME]


def test_within_an_hour_nobody_is_first(owner: App, copier: App, tmp_path: Path) -> None:
    data = content()
    theirs = copier.register(secrets.token_hex(16), tmp_path, data)
    key = secrets.token_hex(16)
    owner.complete_draft(key, tmp_path, data)
    page = owner.wait(RegisterSnapshot, lambda page: page.draft == key and page.matches, 120)
    (found,) = page.matches
    assert page.check == "known"
    assert (found.dataset, found.network, found.elsewhere) == (theirs, NAME, True)
    assert (page.unclear, page.unchecked) == (False, ())

    owner.ask(cmd.RegisterDraft(key))
    mine = owner.wait(
        RegisterSnapshot, lambda page: page.draft == key and page.state == "final", 120
    ).dataset
    about = shown(owner, mine, lambda page: page.card.unclear)
    assert not about.card.later_copy
    told = [(line.what, line.network) for line in about.history if line.network]
    assert told == [("same_elsewhere", NAME)]

    owner.ask(cmd.OpenRecords(mine))
    records = owner.wait(RecordsSnapshot, lambda page: page.key == mine)
    same = [one for one in records.entries if one.what == "same_content"]
    assert [(one.network, one.by_me, one.unclear, one.dataset) for one in same] == [
        (NAME, False, True, "")
    ]

    owner.ask(cmd.OpenChallenge(mine, theirs, CHAIN_ID))
    both = owner.wait(ChallengeSnapshot, lambda page: page.one.dataset == mine)
    assert (both.first, both.same_content, both.other.network) == ("unclear", True, NAME)
    assert both.other.elsewhere
    assert both.other.entry
    assert both.other.block_hash

    third = secrets.token_hex(16)
    owner.complete_draft(third, tmp_path, data)
    asked = owner.wait(RegisterSnapshot, lambda page: page.draft == third and page.unclear)
    assert {one.elsewhere for one in asked.matches} == {True, False}


def test_an_edited_copy_is_told_across_chains(owner: App, copier: App, tmp_path: Path) -> None:
    body = rows(secrets.randbits(64))  # other tests have registered theirs on the same chain
    theirs = copier.register(secrets.token_hex(16), tmp_path, csv("place,speed,n", body))
    key = secrets.token_hex(16)
    edited = csv("Speed (m/s),Where", [[row[1], row[0]] for row in body[300:]])
    owner.complete_draft(key, tmp_path, edited)
    page = owner.wait(RegisterSnapshot, lambda page: page.draft == key and page.alike, 120)
    found = {one.match.dataset: one for one in page.alike}[theirs]
    assert (found.match.network, found.match.elsewhere) == (NAME, True)
    assert found.score > 0.8
    owner.refused(cmd.RelateDraft(key, theirs), "register.parent")  # no version of it from here

    owner.ask(cmd.RelateDraft(key, ""))
    owner.ask(cmd.RegisterDraft(key))
    page = owner.wait(
        RegisterSnapshot, lambda page: page.draft == key and page.state == "final", 120
    )
    mine = page.dataset
    about = shown(owner, mine, lambda page: page.alike)
    for told in (page.alike, about.alike):
        assert {one.match.dataset: one.standing for one in told}[theirs] == "unclear"
    owner.ask(cmd.OpenRecords(mine))
    records = owner.wait(RecordsSnapshot, lambda page: page.key == mine)
    (like,) = [one for one in records.entries if one.same_id == theirs]
    assert (like.what, like.network, like.unclear) == ("alike", NAME, True)
    owner.ask(cmd.OpenChallenge(mine, theirs, CHAIN_ID))
    both = owner.wait(ChallengeSnapshot, lambda page: page.one.dataset == mine)
    assert (both.first, both.same_content) == ("unclear", False)


def test_hours_apart_the_clocks_tell(
    owner: App, copier: App, other: OtherChain, world: World, tmp_path: Path
) -> None:
    data = content()
    mine = owner.register(secrets.token_hex(16), tmp_path, data)
    other.rpc("evm_increaseTime", HOURS)
    other.rpc("evm_mine")
    theirs = copier.register(secrets.token_hex(16), tmp_path, data)
    about = shown(owner, mine, lambda page: any(line.network for line in page.history))
    assert not about.card.later_copy
    assert not about.card.unclear

    copier.ask(cmd.AddNetwork("Practice", world.network.rpc_urls[0]))
    stands(copier, "ok")
    there = shown(copier, theirs, lambda page: page.card.later_copy)
    assert not there.card.unclear


def test_an_endpoint_that_fails_or_lies_holds_up_nothing(
    owner: App, copier: App, away: Line, tmp_path: Path
) -> None:
    away.cut = True
    stands(owner, "unreachable")
    away.instead["eth_chainId"] = lambda _: "0x7"  # asked anew after a failure
    away.cut = False
    stands(owner, "wrong")
    data = content()
    copier.register(secrets.token_hex(16), tmp_path, data)
    key = secrets.token_hex(16)
    owner.complete_draft(key, tmp_path, data)
    owner.ask(cmd.RegisterDraft(key))
    page = owner.wait(
        RegisterSnapshot, lambda page: page.draft == key and page.state == "final", 120
    )
    assert (page.matches, page.unchecked) == ((), (NAME,))
    away.instead = {"eth_getBlockByNumber": lambda _: "nonsense"}
    stands(owner, "unreachable")
    assert owner.wait(ShellSnapshot, lambda shell: shell.chain == "ok")
    away.instead = {}
    stands(owner, "ok")
    owner.wait(RegisterSnapshot, lambda page: page.draft == key and page.matches, 120)


def test_it_is_followed_again_after_a_restart_and_no_more_once_removed(
    owner: App, copier: App, away: Line, tmp_path: Path
) -> None:
    copier.register(secrets.token_hex(16), tmp_path, content())
    knows(owner, 1)
    before = stands(owner, "ok")
    owner.restart()
    stands(owner, "ok")
    knows(owner, before.registrations)
    owner.ask(cmd.RemoveNetwork(CHAIN_ID))
    owner.wait(SettingsSnapshot, lambda page: not page.others)
    owner.ask(cmd.AddNetwork("Again", away.url))
    stands(owner, "ok")
    knows(owner, before.registrations)
