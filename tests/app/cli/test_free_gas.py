"""A consortium chain, where transactions cost nothing and nobody has a coin."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from app.cli import story
from app.domain import commands as cmd
from app.domain.snapshots.datasets import BrowseSnapshot
from app.domain.snapshots.money import MoneySnapshot
from app.domain.snapshots.shell import ShellSnapshot
from chain.network import Network
from tests.app.cli.conftest import Here
from tests.app.cli.guests import Guest
from tests.app.cli.other_chain import OtherChain

PROXY_DEPLOYER = "0x3fAB184622Dc19b6109349B94811493BF2a45362"
PROXY_COST_WEI = 10**16


@pytest.fixture
def consortium() -> Iterator[OtherChain]:
    """As its genesis file would make it: the deployment proxy is paid for, nothing else costs."""
    chain = OtherChain(77_003, "--gas-price", "0", "--block-base-fee-per-gas", "0")
    chain.rpc("anvil_setBalance", PROXY_DEPLOYER, hex(PROXY_COST_WEI))
    yield chain
    chain.close()


def test_a_trade_without_any_coin(
    consortium: OtherChain, here: Here, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file, data = tmp_path / "network.json", tmp_path / "one.txt"
    data.write_text("hello\n" * 1000)
    monkeypatch.setenv("LADING_DEPLOY_KEY", "01" * 32)  # an account that has nothing
    deploy = ("deploy", "--rpc", consortium.url, "--name", "Consortium", "--practice")
    paying = here(*deploy, "--out", tmp_path / "paying.json")
    assert paying.returncode == 1
    assert "not enough" in paying.stderr
    free = here(*deploy, "--out", file, "--free-gas")
    assert free.returncode == 0, free.stderr
    assert json.loads(file.read_text())["free_gas"] is True

    steps: list[dict[str, Any]] = []
    with (
        Guest("Nordhaven Energy", tmp_path / "owner") as owner,
        Guest("Baltic Grid Analytics", tmp_path / "buyer") as buyer,
    ):
        for guest in (owner, buyer):
            guest.create()
            guest.ask(cmd.JoinNetwork(file))
            guest.wait(ShellSnapshot, lambda shell: shell.chain == "ok")
        dollars = Network.load(file).tokens[0].address
        for guest in (owner, buyer):
            guest.ask(cmd.GetPracticeDollars())
            money = guest.wait(
                MoneySnapshot, lambda money: any(a.available_units for a in money.accounts)
            )
            assert {a.currency.token for a in money.accounts if a.available_units} == {dollars}
            assert money.fee_wei == 0
        dataset = story.register(owner, data, steps.append)
        buyer.ask(cmd.Search())
        buyer.wait(
            BrowseSnapshot, lambda browse: any(card.dataset == dataset for card in browse.cards)
        )
        thread = story.request(buyer, dataset, steps.append)
        story.sign(owner, thread, steps.append)
        story.fund(buyer, thread, steps.append)
        page = story.receive(owner, buyer, thread, steps.append)
        story.confirm(owner, buyer, thread, steps.append)
        assert page.delivery is not None
        assert story.same_files(data, Path(page.delivery.folder))
    assert [step["step"] for step in steps][-1] == "confirm"
