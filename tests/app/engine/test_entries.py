"""Record entries that the chain will not take, takes too late, or that lose their place: each ends
once, in a state a person can go on from."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from app.domain import commands as cmd
from app.domain.snapshots.money import MoneySnapshot
from app.domain.snapshots.shell import ShellSnapshot
from app.engine.presence import AGAIN_SECONDS
from app.store.entries import Entry
from chain import exchange, vault
from chain.address import address_text
from chain.gateway import Call
from tests.app.engine.apps import PASSWORD, App, Line, Refusal, World

FRIEND = address_text(b"\x5a" * 20)
BUMP_SECONDS = 21


@pytest.fixture(scope="module")
def line(lines: Callable[[], Line]) -> Line:
    return lines()


@pytest.fixture(scope="module")
def app(apps: Any, line: Line) -> App:
    """On the network, with money, its profile on record."""
    made: App = apps("Nordhaven Energy", line)
    made.eventually(lambda: settled(made, "profile"))
    return made


def settled(app: App, what: str) -> bool:
    found = app.entries(what)
    return bool(found) and all(entry.state in ("recorded", "final", "failed") for entry in found)


def newest(app: App, what: str) -> Entry:
    return app.entries(what)[-1]


def send(app: App, world: World, units: int) -> cmd.SendMoney:
    return cmd.SendMoney(world.network.tokens[0].address, FRIEND, units, PASSWORD)


def friend_has(world: World) -> int:
    return world.gateway.token_balance(world.network.tokens[0].address, FRIEND)


@pytest.fixture
def swallowed(line: Line) -> list[bytes]:
    """Transactions the node says it took and never mines; from now on."""
    kept: list[bytes] = []

    def swallow(params: list[Any]) -> str:
        raw = bytes.fromhex(params[0].removeprefix("0x"))
        kept.append(raw)
        return "0x" + "00" * 32

    line.instead["eth_sendRawTransaction"] = swallow
    return kept


def test_a_stuck_transaction_is_sent_again_for_more_and_recorded_once(
    app: App, world: World, line: Line, swallowed: list[bytes]
) -> None:
    before = friend_has(world)
    app.ask(send(app, world, 1_000_001))
    app.eventually(lambda: app.entries("send") and newest(app, "send").state == "signed")
    app.eventually(lambda: len(swallowed) > 1)  # the same bytes are offered again meanwhile
    assert len(set(swallowed)) == 1
    world.pass_time(BUMP_SECONDS)
    app.eventually(lambda: len(newest(app, "send").attempts) == 2)
    line.instead.clear()
    app.eventually(lambda: newest(app, "send").state == "final")
    entry = newest(app, "send")
    first, second = entry.attempts[:2]
    assert second.max_fee_wei * 8 >= first.max_fee_wei * 9
    assert entry.tx_hash in (first.hash, second.hash)
    assert friend_has(world) == before + 1_000_001


def test_a_transaction_whose_place_another_took_fails_with_the_reason(
    app: App, world: World, line: Line, swallowed: list[bytes]
) -> None:
    """The same account was used in another program, which was faster."""
    before = friend_has(world)
    app.ask(send(app, world, 1_000_002))
    app.eventually(lambda: swallowed)
    entry = newest(app, "send")
    key = vault.open(app.profile / "identity.vault", PASSWORD).account_key
    call = Call(FRIEND, b"", 1)
    taken = world.gateway.sign(call, key, entry.nonce or 0)
    world.gateway.broadcast(taken.raw)
    app.eventually(lambda: world.gateway.receipt(taken.hash))
    line.instead.clear()
    world.pass_time(BUMP_SECONDS)
    app.eventually(lambda: newest(app, "send").state == "failed")
    notice = app.notice("chain.refused")
    assert "taken its place" in notice.cause
    assert friend_has(world) == before
    app.ask(send(app, world, 1_000_002))  # asked again it goes through, with another number
    app.eventually(lambda: newest(app, "send").state == "final")
    assert friend_has(world) == before + 1_000_002


def test_a_transaction_the_node_will_not_take_now_is_offered_until_it_does(
    app: App, world: World, line: Line
) -> None:
    refusals: list[int] = []

    def refuse(params: list[Any]) -> str:
        refusals.append(1)
        raise Refusal("transaction underpriced")

    before = friend_has(world)
    line.instead["eth_sendRawTransaction"] = refuse
    app.ask(send(app, world, 1_000_003))
    app.eventually(lambda: len(refusals) > 1)
    line.instead.clear()
    app.eventually(lambda: newest(app, "send").state == "final")
    assert friend_has(world) == before + 1_000_003


def reverted(reason: str) -> str:
    """What a contract returns when it says no: Solidity's Error(string)."""
    words = [(32).to_bytes(32, "big"), len(reason).to_bytes(32, "big"), reason.encode()]
    return "0x08c379a0" + b"".join(words).ljust(96, b"\0").hex()


def test_a_transaction_the_contract_refuses_fails_with_its_reason(
    app: App, world: World, line: Line, tmp_path: Path
) -> None:
    key = secrets.token_hex(16)
    app.complete_draft(key, tmp_path)
    since = len(app.notices)

    def reverts(params: list[Any]) -> str:
        raise Refusal("execution reverted", 3, reverted("registered already"))

    line.instead["eth_estimateGas"] = reverts
    app.ask(cmd.RegisterDraft(key))
    notice = app.notice("chain.refused", since)
    line.instead.clear()
    assert notice.kind == "rule"
    assert notice.about == key
    assert "registered already" in notice.cause
    app.eventually(lambda: app.draft(key).state == "draft")
    assert app.draft(key).description.title
    assert app.draft(key).price_units
    app.ask(cmd.RegisterDraft(key))  # what was typed is there, and goes on record now
    app.eventually(lambda: app.draft(key).state == "registered")


@pytest.fixture
def refusing(app: App, line: Line) -> Iterator[None]:
    """The chain refused the newest profile, and will refuse the next."""

    def reverts(params: list[Any]) -> str:
        raise Refusal("execution reverted", 3, reverted("not now"))

    line.instead["eth_estimateGas"] = reverts
    app.ask(cmd.ChangeName(f"Nordhaven {secrets.token_hex(3)}"))
    app.eventually(lambda: newest(app, "profile").state == "failed")
    yield
    line.instead.clear()


def offered_again(app: App, tries: int) -> None:
    """So many entries for a profile in the end, the last one final."""
    app.eventually(lambda: newest(app, "profile").state == "final")
    assert len(app.entries("profile")) == tries


@pytest.mark.usefixtures("refusing")
def test_a_refused_profile_is_offered_again_later_and_ever_more_seldom(
    app: App, world: World, line: Line
) -> None:
    def blocks_pass() -> None:
        seen = world.gateway.head().number
        app.eventually(lambda: world.gateway.head().number > seen + 3)

    count = len(app.entries("profile"))
    blocks_pass()
    assert len(app.entries("profile")) == count
    world.pass_time(AGAIN_SECONDS)
    app.eventually(lambda: len(app.entries("profile")) == count + 1)
    app.eventually(lambda: newest(app, "profile").state == "failed")
    world.pass_time(AGAIN_SECONDS)
    blocks_pass()
    assert len(app.entries("profile")) == count + 1
    line.instead.clear()
    world.pass_time(AGAIN_SECONDS)
    offered_again(app, count + 2)


@pytest.mark.usefixtures("refusing")
@pytest.mark.parametrize("moment", ["reconnect", "unlock"])
def test_a_refused_profile_is_offered_again_when_somebody_is_there(
    app: App, line: Line, moment: str
) -> None:
    count = len(app.entries("profile"))
    line.instead.clear()
    if moment == "reconnect":
        app.ask(cmd.Reconnect())
    else:
        app.ask(cmd.Lock())
        app.wait(ShellSnapshot, lambda shell: shell.locked)
        app.ask(cmd.Unlock(PASSWORD))
    offered_again(app, count + 1)
    app.ask(cmd.Reconnect())  # what is on record is not recorded again
    app.ask(cmd.ChangeName(f"Nordhaven {secrets.token_hex(3)}"))
    app.eventually(lambda: len(app.entries("profile")) > count + 1)
    offered_again(app, count + 2)


def test_reconnecting_looks_into_the_purse_at_once(
    apps: Any, world: World, lines: Callable[[], Line], tmp_path: Path
) -> None:
    """Where money is money it is looked at seldom."""
    app: App = apps("Baltic Grid")
    app.join(world.through(lines(), tmp_path, practice=False))
    world.practice.fund(app.address)
    app.eventually(lambda: [entry.state for entry in app.entries("profile")] == ["final"])
    dollars = world.network.tokens[0].address

    def held(money: MoneySnapshot) -> int:
        return sum(a.available_units for a in money.accounts if a.currency.token == dollars)

    before = held(app.wait(MoneySnapshot, held))
    world.practice.fund(app.address)
    app.ask(cmd.Reconnect())
    assert held(app.wait(MoneySnapshot, lambda money: held(money) != before)) == 2 * before


def test_sending_more_than_there_is(app: App, world: World) -> None:
    money = app.wait(MoneySnapshot, lambda money: money.accounts)
    count = len(app.entries("send"))
    most = max(account.available_units for account in money.accounts) * 10
    assert app.refused(send(app, world, most), "money.enough").kind == "rule"
    app.refused(send(app, world, 0), "money.zero")
    app.refused(send(app, world, -5), "money.zero")
    nowhere = cmd.SendMoney(world.network.tokens[0].address, "0x1234", 1, PASSWORD)
    app.refused(nowhere, "money.address")
    stranger = cmd.SendMoney(world.network.tokens[0].address, FRIEND, 1, "not the password")
    app.refused(stranger, "wrong_password")
    assert len(app.entries("send")) == count


def test_an_account_that_cannot_pay_the_fee(
    apps: Any, world: World, lines: Callable[[], Line], tmp_path: Path
) -> None:
    """A second profile on the network that nobody gave anything."""
    line = lines()
    poor: App = apps("Fee Less")
    poor.join(world.through(line, tmp_path))
    key = secrets.token_hex(16)
    poor.complete_draft(key, tmp_path)
    since = len(poor.notices)
    poor.ask(cmd.RegisterDraft(key))
    poor.eventually(lambda: any(notice.about == key for notice in poor.notices[since:]))
    notice = next(notice for notice in poor.notices[since:] if notice.about == key)
    assert (notice.kind, notice.code) == ("rule", "chain.refused")
    assert "not enough" in notice.cause or "cannot pay" in notice.cause
    poor.eventually(lambda: poor.draft(key).state == "draft")
    assert poor.draft(key).description.title
    missing = poor.refused(cmd.GetPracticeDollars(), "fund.fee")
    coin = world.network.fee_symbol
    assert f"not enough {coin} for the recording fee" in missing.cause
    assert f"your account has 0 {coin}. Have some sent to your address" in missing.cause
    assert (missing.values["coin"], missing.values["have"]) == (coin, "0")
    assert not poor.entries("practice")
    world.practice.fund(poor.address, dollars=False)
    poor.ask(cmd.GetPracticeDollars())
    poor.eventually(lambda: [entry.state for entry in poor.entries("practice")] == ["final"])
    poor.ask(cmd.RegisterDraft(key))
    poor.eventually(lambda: poor.draft(key).state == "registered")


def test_the_friend_is_no_contract(world: World) -> None:
    """What the tests above count is money, not a contract's own doing."""
    assert not world.gateway.code(FRIEND)
    assert (
        exchange.read_free_bond(
            world.gateway, world.network, FRIEND, world.network.tokens[0].address
        )
        == 0
    )
