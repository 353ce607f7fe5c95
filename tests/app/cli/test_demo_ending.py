"""How ``lading demo --headless`` ends: by what the contract keeps, whatever the two apps showed.

The trade itself is left out here; ``test_demo.py`` has whole ones.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Iterator
from contextlib import nullcontext
from pathlib import Path

import pytest

from app.cli import story
from chain.endpoint import Endpoint
from chain.exchange import ACKED, FUNDED, NONE, PAID, PAID_RATED, REFUNDED, REVEALED
from chain.network import Network
from chain.practice import Practice
from chain.state import slot_of
from tests.app.cli.conftest import Here

ORDER = secrets.token_hex(32)


@pytest.fixture
def place(tmp_path: Path) -> Path:
    return tmp_path / "practice"


@pytest.fixture
def network(place: Path) -> Iterator[Network]:
    practice = Practice(place)
    try:
        yield practice.join()
    finally:
        practice.leave()


def keep(network: Network, state: int) -> None:
    """The exchange keeps ORDER in this state, and has done so for long enough."""
    endpoint = Endpoint(network.rpc_urls[0])
    try:
        slot = slot_of("Exchange", "orders", bytes.fromhex(ORDER))
        word = state | 1_900_000_000 << 8
        endpoint.ask("anvil_setStorageAt", network.exchange, hex(slot), f"0x{word:064x}")
        endpoint.ask("anvil_mine", hex(network.confirmations + 1))
    finally:
        endpoint.close()


def test_only_one_state_of_the_contract_is_confirmed_and_rated(
    place: Path, network: Network
) -> None:
    assert not story.is_confirmed(place, ORDER)
    for state in (FUNDED, ACKED, REVEALED, PAID, REFUNDED, NONE):
        keep(network, state)
        assert not story.is_confirmed(place, ORDER), state
    keep(network, PAID_RATED)
    assert story.is_confirmed(place, ORDER)
    assert not story.is_confirmed(place, ORDER[::-1])


def test_who_looks_leaves_the_network_to_those_who_use_it(place: Path, network: Network) -> None:
    story.is_confirmed(place, ORDER)
    status = Practice(place).status()
    assert (status["running"], status["users"]) == (True, 1)


@pytest.fixture
def shown_as_done(tmp_path: Path, place: Path, monkeypatch: pytest.MonkeyPatch) -> list[object]:
    """The arguments of a demo in which both apps show a trade that went well."""
    data, delivered = tmp_path / "data.csv", tmp_path / "delivered"
    delivered.mkdir()
    for path in (data, delivered / "data.csv"):
        path.write_bytes(b"1,2\n")
    outcome = story.Outcome(delivered, "c" * 64, ORDER, {"fund": 50_000}, 1.0)
    monkeypatch.setattr(story, "two_people", lambda *given: nullcontext(("owner", "buyer")))
    monkeypatch.setattr(story, "enter_together", lambda names: None)
    monkeypatch.setattr(story, "trade", lambda *given: outcome)
    return ["demo", "--headless", "--data", data, "--out", tmp_path / "out"]


@pytest.mark.parametrize(("state", "code"), [(PAID_RATED, 0), (PAID, 1), (NONE, 1)])
def test_the_exit_code_is_the_contracts(
    state: int,
    code: int,
    network: Network,
    place: Path,
    shown_as_done: list[object],
    here: Here,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("LADING_PRACTICE", str(place))
    keep(network, state)
    in_words = here(*shown_as_done)
    assert in_words.returncode == code, in_words.stderr
    *_, last = in_words.stdout.splitlines()
    verb = "DOES NOT SAY" if code else "says"
    assert last == f"The contract {verb} confirmed and rated."
    ran = here(*shown_as_done, "--json")
    said = json.loads(ran.stdout)
    assert (ran.returncode, said["same"], said["confirmed"]) == (code, True, not code)


def test_other_files_are_no_success_whatever_the_contract_says(
    network: Network,
    place: Path,
    tmp_path: Path,
    shown_as_done: list[object],
    here: Here,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("LADING_PRACTICE", str(place))
    keep(network, PAID_RATED)
    (tmp_path / "delivered" / "data.csv").write_bytes(b"1,3\n")
    in_words = here(*shown_as_done)
    assert in_words.returncode == 1
    assert "THE FILES DIFFER.\n" in in_words.stdout
    said = json.loads(here(*shown_as_done, "--json").stdout)
    assert (said["same"], said["confirmed"]) == (False, True)


def test_a_contract_that_cannot_be_asked_is_no_success(
    tmp_path: Path,
    place: Path,
    shown_as_done: list[object],
    here: Here,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("LADING_PRACTICE", str(place))
    monkeypatch.setenv("LADING_ANVIL", str(tmp_path / "nothing"))
    ran = here(*shown_as_done)
    assert (ran.returncode, ran.stdout) == (1, "")
    assert "not installed" in ran.stderr
