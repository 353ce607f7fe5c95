"""Majorities among endpoints that answer, lie, decline, refuse and are silent."""

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chain.answers import Declined
from chain.errors import ChainError, Refused, Unreachable, WrongNetwork
from chain.quorum import NoQuorum, Quorum

Says = int | str | None | ChainError


def question(says: dict[str, Says], asked: list[str] | None = None) -> Callable[[str], Says]:
    def ask(endpoint: str) -> Says:
        if asked is not None:
            asked.append(endpoint)
        answer = says[endpoint]
        if isinstance(answer, ChainError):
            raise answer
        return answer

    return ask


GONE = Unreachable("b cannot be reached.")


def test_one_endpoint_is_believed_and_its_error_is_the_error() -> None:
    quorum = Quorum(["a"])
    assert quorum.needed == 1
    assert quorum.agreed(question({"a": None})) is None
    assert quorum.middle(question({"a": 7})) == 7
    assert quorum.common_height(question({"a": 7})) == 7
    assert quorum.any_of(question({"a": 7})) == 7
    for ask in (quorum.agreed, quorum.middle, quorum.common_height, quorum.any_of):
        with pytest.raises(Unreachable) as error:
            ask(question({"a": GONE}))
        assert error.value is GONE


@pytest.mark.parametrize(("size", "needed"), [(1, 1), (2, 2), (3, 2), (4, 3), (5, 3), (16, 9)])
def test_more_than_half_are_needed(size: int, needed: int) -> None:
    names = [str(number) for number in range(size)]
    quorum = Quorum(names)
    assert quorum.needed == needed
    says: dict[str, Says] = {
        name: "lie" if n < size - needed else 7 for n, name in enumerate(names)
    }
    assert quorum.agreed(question(says)) == 7
    says[names[-1]] = "lie" if size - needed < needed - 1 else GONE
    if size > 1:
        with pytest.raises(NoQuorum, match=f"of the network's {size} endpoints .* {needed} are"):
            Quorum(names).agreed(question(says))


def test_only_as_many_are_asked_as_are_needed_and_a_liar_last_from_then_on() -> None:
    quorum, asked = Quorum(["liar", "b", "c"]), list[str]()
    says: dict[str, Says] = {"liar": 1, "b": 2, "c": 2}
    assert quorum.agreed(question(says, asked)) == 2
    assert sorted(asked) == ["b", "c", "liar"]
    asked.clear()
    assert quorum.agreed(question(says, asked)) == 2
    assert sorted(asked) == ["b", "c"]


def test_one_that_could_not_be_reached_rests() -> None:
    quorum, asked = Quorum(["b", "a", "c"]), list[str]()
    assert quorum.common_height(question({"a": 5, "b": GONE, "c": 4}, asked)) == 4
    asked.clear()
    assert quorum.common_height(question({"a": 5, "b": 5, "c": 4}, asked)) == 4
    assert sorted(asked) == ["a", "c"]
    asked.clear()
    assert quorum.common_height(question({"a": 5, "b": 5, "c": GONE}, asked)) == 5
    assert sorted(asked) == ["a", "b", "c"]


def test_silence_counts_against_every_answer() -> None:
    says: dict[str, Says] = {"a": 7, "b": GONE, "c": GONE}
    for ask in (Quorum(["a", "b", "c"]).agreed, Quorum(["a", "b", "c"]).middle):
        with pytest.raises(
            NoQuorum, match=r"Only 1 of the network's 3 endpoints answer, and 2 are"
        ):
            ask(question(says))


def test_disagreement_is_named_with_its_numbers() -> None:
    with pytest.raises(NoQuorum, match=r"Only 1 of the network's 3 endpoints say the same"):
        Quorum(["a", "b", "c"]).agreed(question({"a": 1, "b": 2, "c": 3}))


def test_a_refusal_needs_a_majority_too() -> None:
    no, also_no = Refused("no such order"), Refused("no")
    quorum = Quorum(["a", "b", "c"])
    assert quorum.agreed(question({"a": no, "b": 1, "c": 1})) == 1
    assert quorum.middle(question({"a": no, "b": 1, "c": 1})) == 1
    for ask in (quorum.agreed, quorum.middle):
        with pytest.raises(Refused):
            ask(question({"a": no, "b": also_no, "c": 1}))
    with pytest.raises(NoQuorum):
        quorum.agreed(question({"a": no, "b": GONE, "c": 1}))


def test_what_can_be_mended_is_said_first() -> None:
    quorum = Quorum(["a", "b"])
    with pytest.raises(WrongNetwork):
        quorum.agreed(question({"a": WrongNetwork("chain 1", "chain 2"), "b": 7}))
    with pytest.raises(Declined):
        quorum.agreed(question({"a": Declined("too many"), "b": 7}))


def test_the_height_is_one_that_a_majority_has_reached() -> None:
    names = ["a", "b", "c"]
    assert Quorum(names).common_height(question({"a": 10**9, "b": 5, "c": 6})) == 6
    assert Quorum(names).common_height(question({"a": 0, "b": 5, "c": 6})) == 5
    assert Quorum(names).common_height(question({"a": GONE, "b": 5, "c": 6})) == 5
    with pytest.raises(NoQuorum):
        Quorum(names).common_height(question({"a": GONE, "b": GONE, "c": 6}))
    assert Quorum(["a", "b"]).common_height(question({"a": 100, "b": 36})) == 36
    with pytest.raises(NoQuorum, match="65 blocks apart"):
        Quorum(["a", "b"]).common_height(question({"a": 101, "b": 36}))


def test_any_of_takes_the_first_that_can() -> None:
    quorum = Quorum(["a", "b", "c"])
    assert quorum.any_of(question({"a": GONE, "b": Declined("no"), "c": 6})) == 6
    with pytest.raises(NoQuorum):
        quorum.any_of(question({"a": GONE, "b": GONE, "c": GONE}))


@given(st.lists(st.integers(0, 60), min_size=1, max_size=9), st.data())
def test_fewer_than_half_never_decide(honest: list[int], data: st.DataObject) -> None:
    """Whatever they say, be they where they may; honest ones may differ in numbers."""
    liars = data.draw(
        st.lists(
            st.integers(-(10**9), 10**9) | st.sampled_from([GONE, Refused("no"), Declined("no")]),
            max_size=len(honest) - 1,
        )
    )
    everyone = data.draw(
        st.permutations([("h", one) for one in honest] + [("l", x) for x in liars])
    )
    numbers: dict[str, Says] = {f"{who}{at}": said for at, (who, said) in enumerate(everyone)}
    low, high = min(honest), max(honest)
    assert low <= Quorum(list(numbers)).middle(question(numbers)) <= high
    assert low <= Quorum(list(numbers)).common_height(question(numbers)) <= high
    facts = {name: "so" if name[0] == "h" else said for name, said in numbers.items()}
    assert Quorum(list(facts)).agreed(question(facts)) == "so"
