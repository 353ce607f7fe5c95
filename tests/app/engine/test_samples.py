"""Samples without a network between the two: what an owner gives, and what a buyer believes."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, cast

import pytest
import trio

from app.domain.commands import Description
from app.domain.errors import RuleError
from app.domain.personal import LONGEST_BYTES, looks_personal
from app.domain.sample_commands import AskSample
from app.domain.samples import SamplePolicy, records_for_one
from app.domain.snapshots.datasets import Column
from app.domain.snapshots.datasets import Profile as TableProfile
from app.engine.letters import Letters
from app.engine.sample_asking import TOO_LATE, SampleAsking
from app.engine.sample_giving import AHEAD_BLOCKS, FARTHEST_BLOCKS, TRIES
from app.store import datasets
from app.store import samples as rows
from app.store.samples import Asked
from chain import agreement
from chain.address import address_bytes
from chain.agreement import SampleGrant
from chain.wallet import Wallet
from p2p import samples
from p2p.errors import PeerError, Unreachable
from p2p.host import Host
from p2p.records import PAYLOAD
from p2p.samples import Sample
from p2p.sampling import Ask, Grant, Open
from tests.app.engine.sampled import Owner, buyer_of, hash_of
from tests.app.engine.sides import BUYER, OWNER, THIRD, Side, peer, side, wallet

ROW = b"2024-01-01T00:00,12.5,calm\n"
CONTENT = ROW * (PAYLOAD * 250 // len(ROW))


@pytest.fixture
def sides(tmp_path: Path, empty: Path) -> Iterator[tuple[Side, Side]]:
    with side(tmp_path, OWNER, empty) as owner, side(tmp_path, BUYER, empty) as buyer:
        yield owner, buyer


@pytest.fixture
def owner(sides: tuple[Side, Side], tmp_path: Path) -> Owner:
    return Owner(sides[0], tmp_path, CONTENT)


def ask(owner: Owner, who: Wallet = BUYER, head: int = 100, dataset: bytes = b"") -> Grant:
    asked = Ask(dataset or owner.dataset, head)
    return cast(Grant, trio.run(owner.giving.give, peer(who), asked))


def fetch(owner: Owner, grant: Grant, who: Wallet = BUYER, fork: str = "") -> Sample:
    asked = Open(owner.dataset, grant.block, hash_of(grant.block, fork))
    return cast(Sample, trio.run(owner.giving.give, peer(who), asked))


# The owner


def test_a_sample_is_what_the_block_draws(owner: Owner) -> None:
    grant = ask(owner)
    assert grant.records == 2  # one in a hundred
    assert grant.block == 100 + AHEAD_BLOCKS
    value = SampleGrant(owner.dataset, BUYER.address, grant.block, grant.records)
    signer = agreement.recover(owner.side.identity.exchange, value, grant.signature)
    assert signer == OWNER.address
    owner.chain.number = grant.block + 2
    sample = fetch(owner, grant)
    drawn = samples.draw(hash_of(grant.block), owner.dataset, address_bytes(BUYER.address), 251, 2)
    samples.check(sample, drawn, owner.fingerprint)
    assert not sample.withheld


def test_asking_again_gives_the_same_and_needs_no_files(owner: Owner) -> None:
    grant = ask(owner)
    assert ask(owner) == grant  # not yet mined
    owner.chain.number = grant.block + 2
    sample = fetch(owner, grant)
    owner.file.unlink()
    assert ask(owner, head=owner.chain.number) == grant
    assert fetch(owner, grant) == sample
    owner.allow(records=1)
    assert fetch(owner, grant) == sample


def test_the_buyers_newest_block_counts_too(owner: Owner) -> None:
    assert ask(owner, head=130).block == 130 + AHEAD_BLOCKS
    with pytest.raises(Unreachable, match="newest blocks"):
        ask(owner, THIRD, head=100 + FARTHEST_BLOCKS + 1)


def test_nothing_is_opened_before_the_block_is_final_here(owner: Owner) -> None:
    grant = ask(owner)
    for number in (100, grant.block, grant.block + 1):
        owner.chain.number = number
        with pytest.raises(Unreachable, match="not final"):
            fetch(owner, grant)
    owner.chain.number += 1
    assert fetch(owner, grant).openings


def test_a_block_that_was_reorganised_away_draws_nothing(owner: Owner) -> None:
    grant = ask(owner)
    owner.chain.number, owner.chain.fork = grant.block + 2, "after"
    with pytest.raises(Unreachable, match="another one"):
        fetch(owner, grant)
    assert fetch(owner, grant, fork="after").openings
    with pytest.raises(PeerError, match="another block"):
        fetch(owner, grant)


def test_records_are_opened_for_one_block_and_one_buyer(owner: Owner) -> None:
    grant = ask(owner)
    owner.chain.number = grant.block + 2
    with pytest.raises(PeerError, match="No sample"):
        fetch(owner, grant, THIRD)
    with pytest.raises(PeerError, match="No sample"):
        fetch(owner, replace(grant, block=grant.block - 1))


def test_a_lost_answer_is_given_again_and_not_without_end(owner: Owner) -> None:
    blocks = []
    for _ in range(TRIES + 2):
        grant = ask(owner, head=owner.chain.number)
        blocks.append(grant.block)
        owner.chain.number = grant.block
    assert len(set(blocks)) == TRIES
    owner.chain.number += 2
    assert fetch(owner, grant).openings
    with pytest.raises(PeerError, match="No sample"):
        fetch(owner, replace(grant, block=blocks[0]))


def refusal(owner: Owner, who: Wallet = BUYER) -> str:
    with pytest.raises(PeerError) as refused:
        ask(owner, who)
    return refused.value.reason


def test_an_owner_can_refuse(owner: Owner, sides: tuple[Side, Side]) -> None:
    assert "no sample of its own" in refusal(owner, OWNER)
    owner.allow(allowed=False)
    assert "shows no samples" in refusal(owner)
    with pytest.raises(PeerError, match="not mine"):
        ask(owner, dataset=b"x" * 32)
    with owner.side.database.read() as session:
        assert rows.all_given(session, owner.dataset) == []


def test_taking_it_back_before_records_were_opened(owner: Owner) -> None:
    grant = ask(owner)
    owner.allow(allowed=False)
    owner.chain.number = grant.block + 2
    with pytest.raises(PeerError, match="shows no samples"):
        fetch(owner, grant)


def test_so_many_buyers_in_a_day(owner: Owner) -> None:
    owner.allow(buyers_a_day=2)
    ask(owner, wallet(11))
    first = ask(owner, wallet(12))
    assert "tomorrow" in refusal(owner, wallet(13))
    assert ask(owner, wallet(12)) == first  # who has one is not counted again
    owner.chain.number += 86_401
    ask(
        owner,
        wallet(13),
    )


def test_so_many_records_for_all_buyers_together(owner: Owner) -> None:
    owner.allow(percent=2)  # five of 251
    ask(owner, wallet(11))
    ask(owner, wallet(12))
    assert "as much" in refusal(owner, wallet(13))


def test_one_record_can_always_be_shown(sides: tuple[Side, Side], tmp_path: Path) -> None:
    owner = Owner(sides[0], tmp_path, b"small")
    owner.allow(percent=1)
    assert ask(owner).records == 1


def test_what_looks_personal_is_withheld_unless_the_owner_allows_it(
    sides: tuple[Side, Side], tmp_path: Path
) -> None:
    mails = b"".join(b"%08d,anna.%d@example.org\n" % (n, n) for n in range(3000))
    calm = ROW * 30_000
    owner = Owner(sides[0], tmp_path, mails + calm)
    owner.allow(records=20)
    withheld = shown = 0
    for number in range(11, 17):
        who = wallet(number)
        grant = ask(owner, who, head=owner.chain.number)
        owner.chain.number = grant.block + 2
        sample = fetch(owner, grant, who)
        text = b"".join(samples.payload_of(one, owner.fingerprint) for one in sample.openings)
        assert b"@" not in text
        withheld, shown = withheld + len(sample.withheld), shown + len(sample.openings)
    assert shown
    assert withheld
    owner.allow(records=20, personal=True)
    grant = ask(owner, head=owner.chain.number)
    owner.chain.number = grant.block + 2
    assert not fetch(owner, grant).withheld


def test_an_address_that_is_cut_by_the_end_of_a_record_is_seen(
    sides: tuple[Side, Side], tmp_path: Path
) -> None:
    text = bytearray(b"." * PAYLOAD * 2)
    text[PAYLOAD - 8 : PAYLOAD + 8] = b" ann@exampl.org "
    owner = Owner(sides[0], tmp_path, bytes(text).replace(b".....", b"a b c"))
    owner.allow(records=3, percent=100)
    with owner.side.database.read() as session:
        own = datasets.by_dataset_id(session, owner.dataset)
    assert own is not None
    content = owner.giving._content(own)
    assert not looks_personal(content.around(0, LONGEST_BYTES))
    assert looks_personal(content.around(1, LONGEST_BYTES))
    assert looks_personal(content.around(2, LONGEST_BYTES))


@pytest.mark.parametrize("by", ["said", "column"])
def test_a_dataset_with_personal_data_is_not_shown_unless_allowed(
    sides: tuple[Side, Side], tmp_path: Path, by: str
) -> None:
    columns = (Column("name", "text", 1.0, "name"), Column("n", "integer", 1.0))
    owner = Owner(
        sides[0],
        tmp_path,
        CONTENT,
        Description(title="People", what="Names", personal_data=by == "said"),
        TableProfile("csv", 100, columns) if by == "column" else None,
    )
    assert "personal data" in refusal(owner)
    owner.allow(personal=True)
    assert ask(owner).records == 2


def test_files_that_are_gone_are_a_matter_of_time(owner: Owner) -> None:
    grant = ask(owner)
    owner.chain.number = grant.block + 2
    for changed in (CONTENT.replace(b"calm", b"gale"), CONTENT[:-1]):
        owner.file.write_bytes(changed)
        with pytest.raises(Unreachable, match="files"):
            fetch(owner, grant)
    owner.file.write_bytes(CONTENT)
    assert fetch(owner, grant).openings


@pytest.mark.parametrize(
    ("name", "value"),
    [("records", 0), ("records", 257), ("percent", 0), ("percent", 101), ("buyers_a_day", 0)],
)
def test_a_policy_within_bounds(owner: Owner, name: str, value: int) -> None:
    with pytest.raises(RuleError) as wrong:
        owner.allow(**{name: value})
    assert wrong.value.code == "sample.limit"


def test_what_is_shown_unless_the_owner_says_otherwise() -> None:
    """Nothing; and where it allows samples, 48 records to each buyer, none that looks personal."""
    policy = SamplePolicy()
    assert (policy.allowed, policy.records, policy.personal) == (False, 48, False)
    assert records_for_one(policy, 1_000_000) == 48
    assert records_for_one(policy, 4799) == 47, "and never more than one in a hundred"


# The buyer


@dataclass
class Called:
    """Stands for host and letters: hands what the buyer asks to the owner; a lie may change it."""

    owner: Owner
    granted: Callable[[Grant], Grant] = lambda grant: grant
    opened: Callable[[Sample], Sample] = lambda sample: sample
    asked: int = 0

    def whereabouts(self, identity: str) -> tuple[str, tuple[str, ...]]:
        assert identity == OWNER.address
        return "12D3", ()

    async def ask_sample(self, peer_id: str, addresses: Any, asked: Ask, *, identity: str) -> Grant:
        self.asked += 1
        return self.granted(cast(Grant, await self._give(asked)))

    async def fetch_sample(
        self, peer_id: str, addresses: Any, asked: Open, count: int, *, identity: str
    ) -> Sample:
        self.asked += 1
        return self.opened(cast(Sample, await self._give(asked)))

    def _give(self, asked: Ask | Open) -> Awaitable[Grant | Sample]:
        return self.owner.giving.give(peer(BUYER), asked)


@dataclass
class Buyer:
    asking: SampleAsking
    side: Side
    called: Called

    def look(self) -> Asked:
        """One look at everything that waits; what is known of the sample then."""

        async def once() -> None:
            for one in self._waiting():
                await self.asking._try(one)

        trio.run(once)
        return self.kept

    def _waiting(self) -> list[Asked]:
        with self.side.database.read() as session:
            return rows.waiting(session)

    @property
    def kept(self) -> Asked:
        with self.side.database.read() as session:
            found = rows.asked(session, self.called.owner.dataset)
        assert found is not None
        return found

    def asks(self) -> None:
        self.asking.ask(AskSample(self.called.owner.dataset.hex()))


@pytest.fixture
def buyer(owner: Owner, sides: tuple[Side, Side]) -> Iterator[Buyer]:
    with buyer_of(sides[1], owner) as asking:
        called = Called(owner)
        asking.connect(cast(Host, called), cast(Letters, called))
        yield Buyer(asking, sides[1], called)


def test_a_buyer_asks_waits_and_has_what_was_drawn(buyer: Buyer, owner: Owner) -> None:
    buyer.asks()
    granted = buyer.look()
    assert (granted.state, granted.block, granted.records) == ("granted", 104, 2)
    assert buyer.look() == granted  # the block is to come
    owner.chain.number = 106
    given = buyer.look()
    assert (given.state, given.block_hash) == ("given", hash_of(104))
    with buyer.side.database.read() as session:
        kept = samples.decode(rows.asked_bytes(session, owner.dataset))
    assert len(kept.openings) == 2
    asked = buyer.called.asked
    buyer.asks()
    assert buyer.look() == given
    assert buyer.called.asked == asked  # nobody was asked


def lie(name: str) -> Callable[[Sample], Sample]:
    def told(sample: Sample) -> Sample:
        first, *rest = sample.openings
        if name == "other records":
            return Sample((replace(first, index=first.index + 1), *rest))
        if name == "false data":
            return Sample((replace(first, record=bytes(4096)), *rest))
        if name == "false proof":
            return Sample((replace(first, path=(*first.path[:-1], bytes(32))), *rest))
        return Sample(tuple(rest))

    return told


@pytest.mark.parametrize("name", ["other records", "false data", "false proof", "fewer"])
def test_what_was_not_drawn_or_not_registered_is_shown_as_false(
    buyer: Buyer, owner: Owner, name: str
) -> None:
    buyer.called.opened = lie(name)
    buyer.asks()
    buyer.look()
    owner.chain.number = 106
    kept = buyer.look()
    assert kept.state == "false"
    assert kept.reason
    # The records drawn stay the same: an owner that comes to its senses gives those.
    buyer.called.opened = lambda sample: sample
    buyer.asks()
    assert (buyer.look().state, buyer.kept.block) == ("given", kept.block)


def test_an_owner_that_refuses(buyer: Buyer, owner: Owner) -> None:
    owner.allow(allowed=False)
    buyer.asks()
    kept = buyer.look()
    assert (kept.state, kept.reason) == ("refused", "The owner shows no samples of this dataset.")
    owner.allow()
    buyer.asks()
    assert buyer.look().state == "granted"


def test_an_owner_that_agrees_and_does_not_open(buyer: Buyer, owner: Owner) -> None:
    buyer.asks()
    block = buyer.look().block
    owner.chain.number = 106
    owner.allow(allowed=False)
    kept = buyer.look()
    assert (kept.state, kept.block) == ("unopened", block)


def test_an_owner_that_could_wait_for_the_hash(buyer: Buyer, owner: Owner) -> None:
    def late(grant: Grant) -> Grant:
        owner.chain.number = max(owner.chain.number, grant.block)
        return grant

    buyer.called.granted = late
    buyer.asks()
    states = [buyer.look() for _ in range(TRIES + 1)]
    assert [one.state for one in states] == ["asked"] * TRIES + ["refused"]
    assert states[-1].reason == TOO_LATE


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"records": 3}, "not signed"),
        ({"block": 105}, "not signed"),
        ({"signature": b"s" * 65}, "last byte"),
        ({"records": 252}, "more records"),
    ],
)
def test_a_grant_that_was_not_signed_so(buyer: Buyer, change: dict[str, Any], why: str) -> None:
    buyer.called.granted = lambda grant: replace(grant, **change)
    buyer.asks()
    kept = buyer.look()
    assert kept.state == "refused"
    assert why in kept.reason


def test_a_block_that_is_too_far_away(buyer: Buyer, owner: Owner) -> None:
    def far(grant: Grant) -> Grant:
        value = SampleGrant(owner.dataset, BUYER.address, 1000, grant.records)
        return Grant(1000, grant.records, owner.side.identity.sign(value))

    buyer.called.granted = far
    buyer.asks()
    assert (buyer.look().state, buyer.kept.reason[-9:]) == ("refused", "far away.")


def test_an_owner_that_is_not_there_is_asked_again(buyer: Buyer, owner: Owner) -> None:
    def gone(grant: Grant) -> Grant:
        raise Unreachable("The other side does not answer.")

    buyer.called.granted = gone
    buyer.asks()
    assert buyer.look().state == "asked"
    assert "does not answer" in buyer.asking.waits_for(owner.dataset)
    buyer.called.granted = lambda grant: grant
    assert buyer.look().state == "granted"


def test_what_cannot_be_asked_for(buyer: Buyer) -> None:
    with pytest.raises(RuleError) as wrong:
        buyer.asking.ask(AskSample("00" * 32))
    assert wrong.value.code == "request.withdrawn"
