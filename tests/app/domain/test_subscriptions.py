"""Subscriptions: who may say what when, which versions and orders are part of one, and what is paid
without asking."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain import codec
from app.domain import subscriptions as rules
from app.domain.errors import RuleError
from app.domain.events import Side
from app.domain.subscriptions import Ending, Proposed, Stage, Subscription, Version
from app.domain.terms import TermsChoice, choice_of, document, subscription_of
from chain.address import address_text
from chain.agreement import Subscription as Value

OWNER, BUYER, THIRD, TOKEN = (address_text(bytes([n]) * 20) for n in (1, 2, 3, 9))
DATASET, SECOND, STRANGE = (bytes([n]) * 32 for n in (1, 2, 7))
START, DAY = 1_800_000_000, 86_400
UNTIL = START + 365 * DAY
CHOICE = TermsChoice(use="research", months=0)
PRICE = 1000


def value(**changes: Any) -> Value:
    fields: dict[str, Any] = {
        "owner": OWNER,
        "buyer": BUYER,
        "dataset": DATASET,
        "token": TOKEN,
        "price": PRICE,
        "bond": 100,
        "terms": bytes(32),
        "begins": START,
        "until": UNTIL,
        "versions": 3,
        "reveal_within": 7200,
        "window": DAY,
        "expires": START + 30 * DAY,
        "nonce": bytes(32),
    }
    return Value(**fields | changes)


def proposed(by: Side = "buyer", id: int = 1, at: int = START, **changes: Any) -> Proposed:
    terms = document(CHOICE, DATASET.hex())
    return Proposed(at, by, bytes([id]) * 32, value(**changes), terms, b"s" * 65)


def begun(role: Side = "buyer", **changes: Any) -> Subscription:
    return Subscription("ab" * 16, role, (proposed(**changes),), START)


def agreed(role: Side = "buyer", limit: int | None = None, **changes: Any) -> Subscription:
    said = rules.accept(begun(role, **changes), "owner", b"\1" * 32, b"a" * 65, START)
    return replace(said, limit_units=limit)


def ended(said: Subscription, at: int = START + DAY, by: Side = "owner") -> Subscription:
    return rules.end(said, Ending(at, by, said.id, b"e" * 65), at)


def version(**changes: Any) -> Version:
    fields: dict[str, Any] = {
        "dataset": SECOND,
        "registrant": OWNER,
        "title_holder": OWNER,
        "follows": (DATASET,),
        "committed_at": START + 10,
    }
    return Version(**fields | changes)


def refused(code: str, call: Any, *arguments: Any) -> None:
    with pytest.raises(RuleError) as caught:
        call(*arguments)
    assert caught.value.code == code


# negotiating


def test_it_is_agreed_once_both_have_signed_the_same() -> None:
    said = begun()
    assert (said.stage, said.may_answer("owner"), said.may_answer("buyer")) == (
        Stage.PROPOSED, True, False,
    )  # fmt: skip
    said = rules.counter(said, proposed("owner", 2, price=1200))
    assert said.may_answer("buyer")
    said = rules.accept(said, "buyer", b"\2" * 32, b"a" * 65, START + 5)
    assert (said.stage, said.value.price, said.agreed_at) == (Stage.AGREED, 1200, START + 5)
    assert (said.other, replace(said, role="owner").other) == (OWNER, BUYER)


def test_nobody_answers_itself_twice_too_late_or_something_else() -> None:
    said = begun()
    refused("subscription.not_now", rules.accept, said, "buyer", said.id, b"a" * 65, START)
    refused("subscription.not_now", rules.counter, said, proposed("buyer", 2))
    late = START + 30 * DAY + 1
    refused("subscription.expired", rules.accept, said, "owner", said.id, b"a" * 65, late)
    refused("subscription.expired", rules.counter, said, proposed("owner", 2, at=late))
    refused("subscription.changed", rules.accept, said, "owner", b"\2" * 32, b"a" * 65, START)
    refused("subscription.other", rules.counter, said, proposed("owner", 2, dataset=STRANGE))
    refused("subscription.other", rules.counter, said, proposed("owner", 2, buyer=THIRD))
    refused("subscription.other", rules.counter, said, proposed("owner", 2, token=THIRD))
    refused("subscription.begins", rules.counter, said, proposed("owner", 2, begins=START - 1))
    back = rules.counter(said, proposed("owner", 2))
    refused("subscription.again", rules.counter, back, proposed("buyer", 1))
    both = rules.accept(said, "owner", said.id, b"a" * 65, START)
    refused("subscription.not_now", rules.accept, both, "owner", said.id, b"a" * 65, START)
    refused("subscription.not_now", rules.counter, both, proposed("buyer", 2))


def test_an_ending_is_about_what_was_said_and_the_first_one_stays() -> None:
    said = begun()
    refused("subscription.other", rules.end, said, Ending(START, "owner", STRANGE), START)
    assert ended(said).stage == Stage.DECLINED
    over = ended(agreed())
    assert over.stage == Stage.ENDED
    assert ended(over, START, "buyer") is over
    refused("subscription.over", rules.accept, ended(said), "owner", said.id, b"a" * 65, START)
    refused("subscription.over", rules.counter, over, proposed("owner", 2))
    countered = rules.counter(said, proposed("owner", 2))
    crossed = Ending(START, "buyer", said.id)  # taken back before the counter-offer was heard
    assert rules.end(countered, crossed, START).stage == Stage.DECLINED


def test_it_is_open_while_it_can_be_answered_or_runs() -> None:
    assert begun().is_open(START + 30 * DAY)
    assert not begun().is_open(START + 30 * DAY + 1)
    assert agreed().is_open(UNTIL)
    assert not agreed().is_open(UNTIL + 1)
    assert not ended(agreed()).is_open(START)


@pytest.mark.parametrize("said", [begun("owner"), agreed(limit=5000), ended(agreed("owner"))])
def test_it_survives_the_journal(said: Subscription) -> None:
    assert codec.decode(Subscription, codec.encode(said)) == said


# versions and orders


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"follows": (STRANGE,)}, "subscription.lineage"),
        ({"follows": ()}, "subscription.lineage"),
        ({"dataset": DATASET, "follows": ()}, "subscription.lineage"),
        ({"registrant": THIRD}, "subscription.owner"),
        ({"title_holder": THIRD}, "subscription.owner"),
        ({"registrant": BUYER, "title_holder": BUYER}, "subscription.owner"),
        ({"withdrawn": True}, "subscription.withdrawn"),
        ({"committed_at": START - 1}, "subscription.period"),
        ({"committed_at": UNTIL + 1}, "subscription.period"),
    ],
)
def test_another_version_is_not_part_of_it(changes: dict[str, Any], code: str) -> None:
    refused(code, rules.check_version, agreed(), version(**changes))


@pytest.mark.parametrize("at", [START, UNTIL])
@pytest.mark.parametrize("follows", [(DATASET,), (STRANGE, DATASET), (STRANGE, DATASET, b"9" * 32)])
def test_a_version_of_the_lineage_in_the_period_is(at: int, follows: tuple[bytes, ...]) -> None:
    rules.check_version(agreed(), version(committed_at=at, follows=follows))


def test_nothing_is_before_it_is_agreed_or_after_its_end() -> None:
    refused("subscription.not_agreed", rules.check_version, begun(), version())
    over = ended(agreed(), START + DAY)
    rules.check_version(over, version(committed_at=START + DAY))
    refused("subscription.over", rules.check_version, over, version(committed_at=START + DAY + 1))


def test_an_order_of_it_is_exactly_what_was_agreed() -> None:
    said = agreed()
    order = rules.order_for(said, SECOND, START + DAY)
    rules.check_order(said, version(), order, ())
    rules.check_order(said, version(), replace(order, note="Good."), {STRANGE})
    assert subscription_of(order.terms) == said.id.hex()
    assert choice_of(order.terms, SECOND.hex()) == CHOICE
    other = {
        "price_units": PRICE + 1,
        "bond_units": 99,
        "token": THIRD,
        "window_seconds": DAY + 1,
        "reveal_within_seconds": 7201,
    }
    for name, changed in other.items():
        wrong = replace(order, **{name: changed})
        refused("subscription.price", rules.check_order, said, version(), wrong, ())
    for terms in (
        document(CHOICE, SECOND.hex()),
        document(CHOICE, DATASET.hex(), said.id.hex()),
        document(TermsChoice(), SECOND.hex(), said.id.hex()),
        document(CHOICE, SECOND.hex(), STRANGE.hex()),
    ):
        wrong = replace(order, terms=terms)
        refused("subscription.terms", rules.check_order, said, version(), wrong, ())


def test_no_version_is_ordered_twice_and_not_one_too_many() -> None:
    said = agreed()
    order = rules.order_for(said, SECOND, START + DAY)
    refused("subscription.ordered", rules.check_order, said, version(), order, {SECOND})
    full = {bytes([n]) * 32 for n in (11, 12, 13)}
    refused("subscription.number", rules.check_order, said, version(), order, full)


def test_terms_that_name_no_subscription_in_its_form_are_refused() -> None:
    honest = document(CHOICE, SECOND.hex(), STRANGE.hex())
    assert choice_of(honest, SECOND.hex()) == CHOICE
    for wrong in (7, None, "", "xyz", STRANGE.hex().upper().replace("0", "A"), [STRANGE.hex()]):
        with pytest.raises(RuleError):
            choice_of(honest | {"lading:subscription": wrong}, SECOND.hex())
        assert not subscription_of({"lading:subscription": wrong})


# paying


def test_without_a_limit_nothing_is_paid_without_asking() -> None:
    assert not rules.may_pay(agreed(limit=None), 0, PRICE)
    assert rules.may_pay(agreed(limit=PRICE), 0, PRICE)
    assert not rules.may_pay(agreed(limit=PRICE - 1), 0, PRICE)
    assert not rules.may_pay(agreed("owner", limit=PRICE), 0, PRICE)
    assert not rules.may_pay(replace(begun(), limit_units=PRICE), 0, PRICE)
    assert not rules.may_pay(ended(agreed(limit=PRICE)), 0, PRICE)
    assert not rules.may_pay(agreed(limit=10 * PRICE), 0, PRICE - 1)


@given(
    st.integers(0, 2**256 - 1),
    st.integers(1, 10**30),
    st.lists(st.booleans(), max_size=30),
)
def test_no_row_of_payments_ever_goes_beyond_the_limit(
    limit: int, price: int, clicks: list[bool]
) -> None:
    """Some are paid by hand in between: that is consent, and counts."""
    said, spent, by_itself = agreed(limit=limit, price=price), 0, 0
    for click in clicks:
        if rules.may_pay(said, spent, price):
            by_itself += price
            assert spent + price <= limit
        elif not click:
            continue
        spent += price
    assert by_itself <= limit


@given(st.sets(st.integers(0, 9)), st.integers(1, 10), st.integers(0, 9))
def test_never_more_versions_than_agreed(before: set[int], most: int, which: int) -> None:
    said = agreed(versions=most)
    ordered = {bytes([50 + n]) * 32 for n in before}
    dataset = bytes([50 + which]) * 32
    order = rules.order_for(said, dataset, START + DAY)
    try:
        rules.check_order(said, version(dataset=dataset), order, ordered)
    except RuleError:
        assert which in before or len(before) >= most
    else:
        assert which not in before
        assert len(before) < most
