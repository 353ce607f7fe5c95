"""Calls, answers and events of the registry against the contract itself, and events from liars."""

import secrets
import zlib
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chain import abi, registry_events
from chain.agreement import dataset_id
from chain.answers import RawLog
from chain.errors import Refused, Unreachable
from chain.gateway import Gateway
from chain.registry import (
    Committed,
    DatasetRow,
    ListingUpdated,
    Profile,
    ProfileSet,
    Registered,
    Registration,
    RegistryEvent,
    TitleTransferred,
    Unwanted,
    Wanted,
    Withdrawn,
    arguments_hash,
    batch_hash,
    commit_call,
    commitment,
    decode_listing,
    decoders,
    encode_listing,
    read_dataset,
    read_first,
    register_call,
    register_many_call,
    set_profile_call,
    transfer_title_call,
    unwant_call,
    update_listing_call,
    want_call,
    want_id,
    withdraw_call,
)
from chain.transactions import Call
from tests.chain.conftest import Account, Chain, some_registration
from tests.chain.liar import Liar, Question


def logged(chain: Chain, call: Call, by: Account) -> RegistryEvent:
    """The one event that a transaction leaves, decoded."""
    receipt = chain.send(call, by)
    number = receipt.block_number
    logs = chain.gateway.logs(number, number, (chain.network.registry,))
    (log,) = (log for log in logs if log.tx_hash == receipt.hash)
    return decoders()[log.topics[0]](log)


def test_a_dataset_from_commitment_to_withdrawal(chain: Chain, owner: Account) -> None:
    network, gateway = chain.network, chain.gateway
    registration, salt = some_registration(), secrets.token_bytes(32)
    made = commitment(network, owner.address, arguments_hash(registration), salt)
    assert logged(chain, commit_call(network, made), owner) == Committed(owner.address, made)
    committed_at = gateway.head().timestamp
    chain.pass_time(100)

    dataset = dataset_id(network.registry, owner.address, registration.root, 3)
    assert read_dataset(gateway, network, dataset) is None
    assert read_first(gateway, network, registration.content_id) is None
    event = logged(chain, register_call(network, registration, salt), owner)
    assert event == Registered(
        dataset,
        owner.address,
        committed_at,
        registration.content_id,
        registration.root,
        registration.records,
        registration.length,
        registration.salt_nonce,
        registration.parent,
        registration.listing,
    )
    assert read_dataset(gateway, network, dataset) == DatasetRow(owner.address, committed_at, False)
    assert read_first(gateway, network, registration.content_id) == dataset

    listing = secrets.token_bytes(8192)
    assert logged(chain, update_listing_call(network, dataset, listing), owner) == ListingUpdated(
        dataset, owner.address, listing
    )
    assert logged(chain, withdraw_call(network, dataset), owner) == Withdrawn(
        dataset, owner.address
    )
    assert read_dataset(gateway, network, dataset) == DatasetRow(owner.address, committed_at, True)


def test_first_is_who_committed_earliest_not_who_registered_first(
    chain: Chain, owner: Account, buyer: Account
) -> None:
    network, gateway = chain.network, chain.gateway
    content = secrets.token_bytes(32)
    early, salt = replace(some_registration(), content_id=content), secrets.token_bytes(32)
    made = commitment(network, owner.address, arguments_hash(early), salt)
    chain.send(commit_call(network, made), owner)
    chain.pass_time(10)
    later = chain.register(buyer, content_id=content)
    chain.register(buyer)  # of other content
    later_id = dataset_id(network.registry, buyer.address, later.root, 3)
    assert read_first(gateway, network, content) == later_id
    chain.send(register_call(network, early, salt), owner)
    early_id = dataset_id(network.registry, owner.address, early.root, 3)
    assert read_first(gateway, network, content) == early_id
    chain.register(buyer, content_id=content)
    assert read_first(gateway, network, content) == early_id
    assert read_first(gateway, network, early.root) is None


def test_an_endpoint_that_answers_with_other_content_is_no_use(
    chain: Chain, owner: Account
) -> None:
    registration = chain.register(owner)

    def everything(question: Question, answer: Any) -> Any:
        if question.method != "eth_getLogs":
            return answer
        return question.ask("eth_getLogs", question.params[0] | {"topics": []})

    liar = Liar(chain.url)
    gateway = Gateway(replace(chain.network, rpc_urls=(liar.url,)))
    try:
        dataset = read_first(gateway, chain.network, registration.content_id)
        assert dataset == dataset_id(chain.network.registry, owner.address, registration.root, 3)
        liar.lies = [everything]
        with pytest.raises(Unreachable, match="not asked for"):
            read_first(gateway, chain.network, registration.content_id)
    finally:
        gateway.close()
        liar.close()


def test_a_commitment_is_the_senders_own(chain: Chain, owner: Account, buyer: Account) -> None:
    network = chain.network
    registration, salt = some_registration(), secrets.token_bytes(32)
    made = commitment(network, owner.address, arguments_hash(registration), salt)
    chain.send(commit_call(network, made), owner)
    chain.send(commit_call(network, made), buyer)
    for sender, what in ((buyer, registration), (owner, replace(registration, listing=b"other"))):
        with pytest.raises(Refused, match="no such commitment"):
            chain.gateway.estimate(register_call(network, what, salt), sender.address)
    chain.send(register_call(network, registration, salt), owner)


def test_many_are_registered_in_one(chain: Chain, owner: Account) -> None:
    network = chain.network
    batch = [replace(some_registration(), listing=bytes(size)) for size in (0, 1, 8192, 33)]
    salt = secrets.token_bytes(32)
    made = commitment(network, owner.address, batch_hash(batch), salt)
    chain.send(commit_call(network, made), owner)
    receipt = chain.send(register_many_call(network, batch, salt), owner)
    logs = chain.gateway.logs(receipt.block_number, receipt.block_number, (network.registry,))
    events = [decoders()[log.topics[0]](log) for log in logs]
    assert [getattr(event, "root", None) for event in events] == [each.root for each in batch]
    assert [getattr(event, "listing", None) for event in events] == [each.listing for each in batch]


def test_a_batch_is_bounded(chain: Chain) -> None:
    for batch in (
        [],
        [some_registration()] * 33,
        [replace(some_registration(), listing=bytes(8192))] * 3,
    ):
        with pytest.raises(ValueError, match="batch"):
            batch_hash(batch)
        with pytest.raises(ValueError, match="batch"):
            register_many_call(chain.network, batch, bytes(32))


def test_a_title_goes_to_somebody_else(chain: Chain, owner: Account, buyer: Account) -> None:
    network = chain.network
    registration = chain.register(owner)
    dataset = dataset_id(network.registry, owner.address, registration.root, 3)
    call = transfer_title_call(network, dataset, buyer.address)
    assert logged(chain, call, owner) == TitleTransferred(dataset, owner.address, buyer.address)
    row = read_dataset(chain.gateway, network, dataset)
    assert row is not None
    assert row.title == buyer.address
    with pytest.raises(Refused, match="not the title holder"):
        chain.gateway.estimate(withdraw_call(network, dataset), owner.address)


@pytest.mark.parametrize(
    "profile",
    [
        Profile("", "", bytes(32), ()),
        Profile("Zoë", "12D3KooW", bytes(range(32)), ("/ip4/127.0.0.1/tcp/4001",)),
        Profile("n" * 64, "p" * 128, b"\xff" * 32, tuple(c * 256 for c in "abcdefgh")),
    ],
)
def test_a_profile_comes_back_as_it_was(chain: Chain, owner: Account, profile: Profile) -> None:
    event = logged(chain, set_profile_call(chain.network, profile), owner)
    assert event == ProfileSet(owner.address, profile)


def test_a_profile_of_any_bytes_can_be_read(chain: Chain, owner: Account) -> None:
    name = b"\xff" * 60 + b"name"
    data = abi.interface("Registry").calldata("set_profile", "x" * 64, "", bytes(32), [])
    event = logged(chain, Call(chain.network.registry, data.replace(b"x" * 64, name)), owner)
    assert isinstance(event, ProfileSet)
    assert event.profile.name == "name"


def test_a_want_is_said_and_taken_back(chain: Chain, owner: Account) -> None:
    network = chain.network
    expires = chain.gateway.head().timestamp + 1000
    want = want_id(network, owner.address, b"weather", expires)
    said = logged(chain, want_call(network, b"weather", expires), owner)
    assert said == Wanted(want, owner.address, expires, b"weather")
    taken_back = logged(chain, unwant_call(network, want), owner)
    assert taken_back == Unwanted(want, owner.address)


def test_a_want_that_never_expires_fits_everywhere(chain: Chain, owner: Account) -> None:
    event = logged(chain, want_call(chain.network, b"", 2**64 - 1), owner)
    assert isinstance(event, Wanted)
    assert event.expires == registry_events.NEVER


@pytest.mark.parametrize(
    "changes",
    [
        {"records": 0, "length": 0},
        {"records": 2**32 + 1, "length": (2**32 + 1) * 4064},
        {"length": 3 * 4064 + 1},
        {"length": 2 * 4064},
        {"root": bytes(31)},
        {"content_id": bytes(33)},
        {"listing": bytes(8193)},
    ],
)
def test_what_the_contract_would_refuse_is_no_registration(changes: dict[str, object]) -> None:
    with pytest.raises(ValueError, match=r"records|length|bytes"):
        replace(some_registration(), **changes)  # type: ignore[arg-type]


@pytest.mark.parametrize("size", [2 * 4064 + 1, 3 * 4064])
def test_lengths_at_the_edge_are_registrations(size: int) -> None:
    assert isinstance(replace(some_registration(), length=size), Registration)


# Events from liars


@given(
    topic=st.sampled_from(sorted(decoders())),
    topics=st.lists(st.binary(min_size=32, max_size=32), max_size=3),
    data=st.binary(max_size=400),
    small=st.lists(st.integers(0, 400), max_size=9),
)
def test_any_log_is_an_event_or_a_value_error(
    topic: bytes, topics: list[bytes], data: bytes, small: list[int]
) -> None:
    words = b"".join(number.to_bytes(32, "big") for number in small)
    log = RawLog("0x", (topic, *topics), words + data, 1, bytes(32), 1, bytes(32), 0)
    try:
        event = decoders()[topic](log)
    except ValueError:
        return
    assert event is not None


def test_a_listing_too_long_for_the_contract_is_not_its_event() -> None:
    topic = abi.interface("Registry").topic("ListingUpdated")
    data = abi.encode(("bytes",), (bytes(8193),))
    log = RawLog("0x", (topic, bytes(32), bytes(32)), data, 1, bytes(32), 1, bytes(32), 0)
    with pytest.raises(ValueError, match="longer than allowed"):
        decoders()[topic](log)


def test_an_answer_that_makes_no_sense_is_unreachable(chain: Chain) -> None:
    wrong = replace(chain.network, registry="0x" + "77" * 20)
    with pytest.raises(Unreachable):
        read_dataset(chain.gateway, wrong, bytes(32))


# Listings


def test_a_listing_comes_back_as_it_was() -> None:
    document = {"title": "Wetter", "columns": [{"name": "t", "unit": "°C"}], "price": "100"}
    packed = encode_listing(document)
    assert decode_listing(packed) == document
    assert encode_listing(dict(reversed(document.items()))) == packed


def test_a_listing_is_bounded_when_written() -> None:
    with pytest.raises(ValueError, match="shorten it"):
        encode_listing({"title": "x" * 65_536})
    with pytest.raises(ValueError, match="may take 8192; shorten it"):
        encode_listing({"title": secrets.token_hex(10_000)})
    assert len(encode_listing({"title": "x" * 65_000})) < 8192


@pytest.mark.parametrize(
    "packed",
    [
        b"",
        b"plain",
        zlib.compress(b"{}")[:-1],
        zlib.compress(b"{}") + b"\0",
        zlib.compress(b"[]"),
        zlib.compress(b'{"b":1,"a":2}'),
        zlib.compress(b'{"a":1,"a":1}'),
        zlib.compress(b'{"a":NaN}'),
        zlib.compress(b'{"a":"\\ud800"}'),
        zlib.compress(b'{"a":' + b"[" * 60_000),
        zlib.compress(b'"' + bytes(10**7), 9),
        zlib.compress(b"\xff"),
    ],
    ids=range(12),
)
def test_anything_else_is_no_listing(packed: bytes) -> None:
    with pytest.raises(ValueError, match=r"."):
        decode_listing(packed)


@given(st.binary(max_size=300))
def test_any_bytes_are_a_listing_or_a_value_error(packed: bytes) -> None:
    for candidate in (packed, zlib.compress(packed)):
        try:
            assert encode_listing(decode_listing(candidate))
        except ValueError:
            continue
