"""Two profiles on a second chain that they reach only through the file `lading deploy` wrote."""

from __future__ import annotations

import json
import secrets
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest

from app.cli import story
from app.domain import commands as cmd
from app.domain.snapshots.datasets import BrowseSnapshot
from app.domain.snapshots.money import MoneySnapshot
from app.domain.snapshots.orders import OrderSnapshot, OrdersSnapshot
from app.domain.snapshots.shell import FirstRunSnapshot, ShellSnapshot
from app.domain.terms import TermsChoice
from chain import exchange
from chain.gateway import Gateway
from chain.network import Network
from chain.practice import GIFT_DOLLARS_UNITS, dollars_address
from tests.app.cli.conftest import ROOT, Here, Lading
from tests.app.cli.guests import Guest
from tests.app.cli.other_chain import OtherChain
from tests.story.people import PASSWORD

pytestmark = pytest.mark.story

PAID_RATED = 5


@dataclass
class Traders:
    """An owner and a buyer on the second chain; ``dataset`` is registered there."""

    owner: Guest
    buyer: Guest
    network: Network
    data: Path
    owner_profile: Path
    dataset: str = ""
    steps: list[dict[str, Any]] = field(default_factory=list)

    def report(self, step: dict[str, Any]) -> None:
        self.steps.append(step)

    def state(self, order_id: str) -> int:
        """Of an order, as the contract on the second chain has it."""
        gateway = Gateway(self.network)
        try:
            return exchange.read_order(gateway, self.network, bytes.fromhex(order_id)).state
        finally:
            gateway.close()


@pytest.fixture(scope="module")
def traders(
    other: OtherChain, practice_file: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Traders]:
    folder = tmp_path_factory.mktemp("traders")
    data = folder / "figures.csv"
    data.write_text("hour,load\n" + "".join(f"{hour},{hour * 7 % 101}\n" for hour in range(30_000)))
    with (
        Guest("Nordhaven Energy", folder / "owner") as owner,
        Guest("Baltic Grid Analytics", folder / "buyer") as buyer,
    ):
        for guest in (owner, buyer):
            guest.create()
            guest.join(practice_file, other)
        pair = Traders(owner, buyer, Network.load(practice_file), data, folder / "owner")
        pair.dataset = story.register(owner, data, pair.report)
        buyer.ask(cmd.Search())
        buyer.wait(
            BrowseSnapshot,
            lambda browse: any(card.dataset == pair.dataset for card in browse.cards),
        )
        yield pair
        owner.leave()


def asks_again(traders: Traders) -> str:
    """The buyer asks for the dataset it has seen; the new order's thread."""
    known = traders.buyer.see(OrdersSnapshot)
    before = {row.order for row in known.rows} if known else set()
    traders.buyer.ask(
        cmd.RequestOffer(
            dataset=traders.dataset,
            token=traders.network.tokens[0].address,
            price_units=story.PRICE_UNITS,
            terms=TermsChoice(),
            expires_at=int(time.time()) + 86_400,
            window_seconds=86_400,
        )
    )
    page = traders.buyer.wait(
        OrderSnapshot, lambda page: page.order and page.order not in before and page.proposal
    )
    return page.order


def test_practice_dollars_where_others_run_the_practice_network(traders: Traders) -> None:
    buyer, dollars = traders.buyer, dollars_address()

    def held(money: MoneySnapshot) -> int:
        return sum(a.available_units for a in money.accounts if a.currency.token == dollars)

    before = held(buyer.wait(MoneySnapshot, lambda money: money.practice and money.accounts))
    buyer.ask(cmd.GetPracticeDollars())
    after = buyer.wait(MoneySnapshot, lambda money: held(money) != before)
    assert held(after) == before + GIFT_DOLLARS_UNITS
    assert "practice" in [movement.what for movement in after.movements]


def test_a_whole_trade_that_a_lock_does_not_stop(traders: Traders) -> None:
    owner, buyer, report = traders.owner, traders.buyer, traders.report
    thread = story.request(buyer, traders.dataset, report)

    # locked: a human decision is refused, and is possible again afterwards
    owner.wait(OrdersSnapshot, lambda orders: any(row.order == thread for row in orders.rows))
    owner.ask(cmd.OpenOrder(thread))
    page = owner.wait(OrderSnapshot, lambda page: page.order == thread and "sign" in page.actions)
    owner.lock()
    owner.refused(cmd.SignOffer(thread, 0, page.price.units, page.terms_fingerprint), "locked")
    owner.unlock()
    story.sign(owner, thread, report)

    page = buyer.wait(OrderSnapshot, lambda page: page.order == thread and page.ready_to_pay)
    buyer.lock()
    buyer.refused(cmd.FundOrder(thread, page.price.units, page.terms_fingerprint), "locked")
    assert traders.state(page.order_id) == 0
    buyer.unlock()

    # locked on both sides: delivery, receipt, key and check go on
    owner.lock()
    story.fund(buyer, thread, report)
    buyer.lock()
    page = story.receive(owner, buyer, thread, report)
    for guest in (owner, buyer):
        shell = guest.see(ShellSnapshot)
        assert shell is not None
        assert shell.locked
    buyer.refused(cmd.ConfirmOrder(thread, story.SCORES, "Fine."), "locked")
    buyer.unlock()
    owner.unlock()

    story.confirm(owner, buyer, thread, report)
    assert traders.state(page.order_id) == PAID_RATED
    assert page.delivery is not None
    assert story.same_files(traders.data, Path(page.delivery.folder))
    assert [step["step"] for step in traders.steps] == list(story_steps())


def story_steps() -> tuple[str, ...]:
    return (
        "commit",
        "register",
        "request",
        "offer",
        "fund",
        "deliver",
        "receipt",
        "key",
        "confirm",
    )


def test_after_a_restart_nothing_runs_until_somebody_unlocks(
    traders: Traders, here: Here, lading: Lading
) -> None:
    """The order is finished by `lading node`, which has no window and takes no decisions."""
    owner, buyer = traders.owner, traders.buyer
    thread = asks_again(traders)
    story.sign(owner, thread, traders.report)
    buyer.ask(cmd.OpenOrder(thread))
    title = buyer.wait(OrderSnapshot, lambda page: page.order == thread and page.ready_to_pay).title
    owner.leave()
    story.fund(buyer, thread, traders.report)

    with Guest("Nordhaven Energy", traders.owner_profile) as again:
        run = again.wait(FirstRunSnapshot, lambda run: run.step == "locked")
        run = again.wait(FirstRunSnapshot, lambda run: run.waiting_orders)
        (one,) = run.waiting_orders
        assert (one.order, one.title, one.other) == (thread, title, "Baltic Grid Analytics")
        assert run.restarted
        # held by now: the owner's deadline for delivering, which is later than the offer's end
        again.wait(
            FirstRunSnapshot, lambda run: run.waiting_orders and run.waiting_orders[0].due_at
        )
        # the chain is followed, but nobody can reach this profile and nothing of it is shown
        shell = again.wait(ShellSnapshot, lambda shell: shell.chain == "ok")
        assert (shell.locked, shell.code, shell.connection) == (True, "", "offline")
        again.refused(cmd.Unlock("not the password"), "wrong_password")
        assert_no_secret(again.told())
    page = buyer.see(OrderSnapshot)
    assert page is not None
    assert page.held
    assert "confirm" not in page.actions

    node = ("node", "--password-fd", "FD", "--profile", traders.owner_profile)
    wrong = here(*node, said="not the password\n")
    assert wrong.returncode == 1
    assert "That is not the password." in wrong.stderr

    running = subprocess.Popen(
        lading.command("node", "--password-fd", "0", "--profile", traders.owner_profile, "--json"),
        env=lading.environment(),
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        assert running.stdin is not None
        running.stdin.write(PASSWORD + "\n")
        running.stdin.close()
        running.stdin = None
        page = buyer.wait(
            OrderSnapshot, lambda page: page.order == thread and "confirm" in page.actions, 120
        )
    finally:
        running.send_signal(signal.SIGTERM)
        said, problems = running.communicate(timeout=60)
    assert running.returncode == 0, problems
    states = [json.loads(line) for line in said.splitlines()]
    assert states[-1]["locked"] is False
    assert states[-1]["connection"] == "online"
    assert PASSWORD not in said + problems
    buyer.ask(cmd.ConfirmOrder(thread, story.SCORES, "Fine."))
    buyer.wait(OrderSnapshot, lambda page: page.order == thread and page.todo == "order.done")
    assert traders.state(page.order_id) == PAID_RATED


def assert_no_secret(snapshots: list[object]) -> None:
    """What a page is shown of a locked profile holds no word of the recovery sheet and no key."""
    for snapshot in snapshots:
        assert PASSWORD not in repr(snapshot)
        assert not getattr(snapshot, "words", ())


def test_the_words_are_told_once_and_never_written(other: OtherChain, tmp_path: Path) -> None:
    with Guest("Somebody", tmp_path / "profile") as guest:
        guest.ask(cmd.CreateIdentity(guest.name, PASSWORD))
        run = guest.wait(FirstRunSnapshot, lambda run: run.step == "recovery")
        assert len(run.words) == 24
        assert not any(f"'{word}'" in repr(run) for word in run.words)
        guest.ask(cmd.ProveWords({}))
        guest.wait(FirstRunSnapshot, lambda run: run.step == "network")
        assert_no_secret(guest.told())


Change = Callable[[dict[str, Any], OtherChain], None]


def _wrong_chain(document: dict[str, Any], other: OtherChain) -> None:
    document["chain_id"] += 1


def _no_contract(document: dict[str, Any], other: OtherChain) -> None:
    document["exchange"] = "0x" + "12" * 20


def _nobody(document: dict[str, Any], other: OtherChain) -> None:
    document["rpc_urls"] = ["http://127.0.0.1:9"]


def _lacking(document: dict[str, Any], other: OtherChain) -> None:
    del document["exchange"]


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (_wrong_chain, "chain.wrong_network"),
        (_no_contract, "chain.wrong_network"),
        (_nobody, "chain.unreachable"),
        (_lacking, "network.file"),
    ],
)
def test_a_file_that_does_not_fit_is_a_clear_notice(
    change: Change,
    code: str,
    newcomer: Guest,
    other: OtherChain,
    practice_file: Path,
    tmp_path: Path,
) -> None:
    document = json.loads(practice_file.read_text())
    change(document, other)
    file = tmp_path / f"{secrets.token_hex(4)}.json"
    file.write_text(json.dumps(document))
    if code == "network.file":  # a mistake somebody can mend, not an outage
        newcomer.refused(cmd.JoinNetwork(file), code)
    else:
        newcomer.ask(cmd.JoinNetwork(file))
    run = newcomer.wait(
        FirstRunSnapshot, lambda run: run.problem is not None and run.problem.code == code
    )
    assert run.step == "network"  # another file can be chosen
    assert run.problem is not None
    assert run.problem.cause.endswith(".")


@pytest.fixture
def newcomer(other: OtherChain, tmp_path: Path) -> Iterator[Guest]:
    """Somebody in the first run, asked for a network."""
    with Guest("Somebody", tmp_path / "profile") as guest:
        guest.create()
        yield guest


def test_where_money_is_money_everything_up_to_paying_works(
    other: OtherChain, plain_file: Path, tmp_path: Path
) -> None:
    data = tmp_path / "one.txt"
    data.write_text("hello\n" * 1000)
    steps: list[dict[str, Any]] = []
    with (
        Guest("Nordhaven Energy", tmp_path / "owner") as owner,
        Guest("Baltic Grid Analytics", tmp_path / "buyer") as buyer,
    ):
        for guest in (owner, buyer):
            guest.create()
            guest.join(plain_file, other)
            guest.ask(cmd.ChangeSettings(share_direct_address=True))
        dataset = story.register(owner, data, steps.append)
        buyer.ask(cmd.Search())
        buyer.wait(
            BrowseSnapshot, lambda browse: any(card.dataset == dataset for card in browse.cards)
        )
        thread = story.request(buyer, dataset, steps.append)
        story.sign(owner, thread, steps.append)
        page = buyer.wait(
            OrderSnapshot, lambda page: page.order == thread and page.order_id and page.ready_to_pay
        )
        money = buyer.wait(MoneySnapshot, lambda money: money.accounts)
        fund = cmd.FundOrder(thread, page.price.units, page.terms_fingerprint)
        assert page.recovery_first  # real money, and the words were put off in the first run
        assert "recovery sheet" in buyer.refused(fund, "fund.recovery").cause
        buyer.save_words()
        buyer.wait(OrderSnapshot, lambda page: page.order == thread and not page.recovery_first)
        now = buyer.see(MoneySnapshot)
        assert replace(now, fee_wei=money.fee_wei) == money  # nothing was paid before
        buyer.refused(cmd.GetPracticeDollars(), "money.practice")
        assert page.unaudited  # the beta's words stand before the first real payment
        buyer.ask(fund)
        buyer.wait(OrderSnapshot, lambda page: page.order == thread and page.held)
        network = Network.load(plain_file)
        gateway = Gateway(network)
        try:
            order = bytes.fromhex(page.order_id)
            assert exchange.read_order(gateway, network, order).state == exchange.FUNDED
        finally:
            gateway.close()
    assert [step["step"] for step in steps] == ["commit", "register", "request", "offer"]
