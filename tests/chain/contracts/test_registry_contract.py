"""Registering: commitments, registrations, who was first, many at once."""

import boa
import pytest
from eth_abi import encode
from eth_utils import keccak

from tests.chain.contracts.escrow_world import (
    DAY,
    NATIVE,
    World,
    batch_arguments,
    come_to,
    commitment_of,
    dataset_id,
    single_arguments,
)

SALT = keccak(b"salt")
Registration = tuple[bytes, bytes, int, int, bytes, bytes]


def registration(
    text: str, *, content: bytes | None = None, records: int = 3, length: int | None = None
) -> Registration:
    length = records * 4064 if length is None else length
    root = keccak(text=text)
    return (content or keccak(root), root, records, length, keccak(b"nonce"), keccak(b"parent"))


def register(
    world: World, item: Registration, listing: bytes = b"", *, wait: int = 12, salt: bytes = SALT
) -> bytes:
    """Commit and register as the owner; the dataset id."""
    world.commit(world.owner, single_arguments(item, listing), salt)
    boa.env.time_travel(seconds=wait)
    world.registry.register(item, listing, salt, sender=world.owner.address)
    return dataset_id(world.registry.address, world.owner.address, item[1], item[2])


# --- commit and open ---


@pytest.mark.parametrize("parity", [0, 1])
def test_who_and_when_share_a_word_and_no_bit_of_it(world: World, parity: int) -> None:
    come_to(parity)
    committed_at = boa.env.timestamp
    assert committed_at % 2 == parity
    dataset = register(world, registration("one"))
    assert world.registry.title_of(dataset) == world.owner.address
    receiver = world.stranger.address
    world.registry.transfer_title(dataset, receiver, sender=world.owner.address)
    assert tuple(world.registry.dataset(dataset)) == (receiver, committed_at, False)


def test_registration_is_kept_and_announced(world: World) -> None:
    item, listing = registration("one"), b"listing bytes"
    committed_at = boa.env.timestamp
    dataset = register(world, item, listing, wait=100)
    assert world.events(world.registry) == [
        (
            "Registered",
            {
                "address": world.registry.address,
                "dataset": dataset,
                "registrant": world.owner.address,
                "content_id": item[0],
                "committed_at": committed_at,
                "root": item[1],
                "records": item[2],
                "length": item[3],
                "salt_nonce": item[4],
                "parent": item[5],
                "listing": listing,
            },
        )
    ]
    assert tuple(world.registry.dataset(dataset)) == (world.owner.address, committed_at, False)
    assert world.registry.title_of(dataset) == world.owner.address


def test_unknown_dataset(world: World) -> None:
    assert tuple(world.registry.dataset(SALT)) == (NATIVE, 0, False)
    assert world.registry.title_of(SALT) == NATIVE


def test_a_commitment_is_announced_and_used_up(world: World) -> None:
    item = registration("one")
    commitment = world.commit(world.owner, single_arguments(item, b""), SALT)
    assert world.events(world.registry) == [
        (
            "Committed",
            {
                "address": world.registry.address,
                "account": world.owner.address,
                "commitment": commitment,
            },
        )
    ]
    owner = world.owner.address
    assert world.registry.committed_at(owner, commitment) == boa.env.timestamp
    boa.env.time_travel(seconds=12)
    world.registry.register(item, b"", SALT, sender=owner)
    assert world.registry.committed_at(owner, commitment) == 0
    with boa.reverts("no such commitment"):
        world.registry.register(item, b"", SALT, sender=owner)


def test_opened_in_a_later_block_and_within_a_day(world: World) -> None:
    item = registration("one")
    world.commit(world.owner, single_arguments(item, b""), SALT)
    with boa.env.prank(world.owner.address):
        with boa.reverts("commitment too young"):
            world.registry.register(item, b"", SALT)
        boa.env.time_travel(seconds=DAY + 1)
        with boa.reverts("commitment too old"):
            world.registry.register(item, b"", SALT)
    register(world, item, wait=DAY)  # an old commitment can be made again


@pytest.mark.parametrize(("seconds", "blocks"), [(0, 1), (1, 0)])
def test_a_later_block_by_time_or_by_number(world: World, seconds: int, blocks: int) -> None:
    item = registration("one")
    world.commit(world.owner, single_arguments(item, b""), SALT)
    boa.env.timestamp += seconds
    boa.env.evm.patch.block_number += blocks
    world.registry.register(item, b"", SALT, sender=world.owner.address)


def test_committing_again_keeps_the_first_time(world: World) -> None:
    item = registration("one")
    first = boa.env.timestamp
    world.commit(world.owner, single_arguments(item, b""), SALT)
    boa.env.time_travel(seconds=DAY)
    dataset = register(world, item, wait=0)
    assert tuple(world.registry.dataset(dataset))[1] == first


def test_only_what_was_committed_by_whom_with_which_salt(world: World) -> None:
    item, other = registration("one"), registration("two")
    commitment = world.commit(world.owner, single_arguments(item, b"listing"), SALT)
    world.registry.commit(commitment, sender=world.stranger.address)  # a copied transaction
    boa.env.time_travel(seconds=12)
    owner, stranger = world.owner.address, world.stranger.address
    for sender, what, listing, salt in (
        (stranger, item, b"listing", SALT),
        (owner, other, b"listing", SALT),
        (owner, item, b"Listing", SALT),
        (owner, item, b"listing", bytes(32)),
    ):
        with boa.reverts("no such commitment"):
            world.registry.register(what, listing, salt, sender=sender)
    world.registry.register(item, b"listing", SALT, sender=owner)


def test_a_commitment_names_chain_and_registry(world: World) -> None:
    item = registration("one")
    arguments, owner = single_arguments(item, b""), world.owner.address
    wrong_registry = commitment_of(world.exchange.address, owner, arguments, SALT)
    types = ["uint256", "address", "address", "bytes32", "bytes32"]
    chain = boa.env.evm.patch.chain_id + 1
    values = [chain, world.registry.address, owner, keccak(arguments), SALT]
    wrong_chain = keccak(encode(types, values))
    with boa.env.prank(owner):
        world.registry.commit(wrong_registry)
        world.registry.commit(wrong_chain)
        boa.env.time_travel(seconds=12)
        with boa.reverts("no such commitment"):
            world.registry.register(item, b"", SALT)


def test_an_id_is_registered_once_but_content_by_anyone(world: World) -> None:
    item = registration("one")
    register(world, item)
    with boa.reverts("already registered"):
        register(world, item)
    theirs = world.register(world.stranger, item[1])
    assert world.registry.title_of(theirs) == world.stranger.address


@pytest.mark.parametrize(
    ("records", "length", "reason"),
    [
        (0, 0, "records"),
        (2**32 + 1, (2**32 + 1) * 4064, "records"),
        (1, 0, "length"),
        (1, 4065, "length"),
        (3, 2 * 4064, "length"),
        (3, 3 * 4064 + 1, "length"),
    ],
)
def test_records_and_length_must_agree(
    world: World, records: int, length: int, reason: str
) -> None:
    with boa.reverts(reason):
        register(world, registration("one", records=records, length=length))


@pytest.mark.parametrize(
    ("records", "length"),
    [(1, 1), (1, 4064), (2, 4065), (3, 3 * 4064), (2**32, 2**32 * 4064)],
)
def test_lengths_that_fit(world: World, records: int, length: int) -> None:
    register(world, registration("one", records=records, length=length))


def test_listing_limit(world: World) -> None:
    register(world, registration("one"), b"x" * 8192)
    with boa.reverts():
        register(world, registration("two"), b"x" * 8193)


# --- who was first ---


def test_equal_content_is_registered_by_anybody_and_ordered_by_commit(world: World) -> None:
    """The contract keeps no order among equal content: the events say when each was committed."""
    content = keccak(b"same content")
    early, later = registration("early", content=content), registration("later", content=content)
    committed = boa.env.timestamp
    world.commit(world.owner, single_arguments(early, b""), SALT)
    boa.env.time_travel(seconds=60)
    register(world, later)
    (_, second), *_ = world.events(world.registry)
    world.registry.register(early, b"", SALT, sender=world.owner.address)
    (_, first), *_ = world.events(world.registry)
    assert bytes(first["content_id"]) == bytes(second["content_id"]) == content
    assert (first["committed_at"], second["committed_at"]) == (committed, committed + 60)


# --- many at once ---


def register_batch(
    world: World, items: list[Registration], listings: list[bytes], sizes: list[int] | None = None
) -> None:
    sizes = [len(listing) for listing in listings] if sizes is None else sizes
    joined = b"".join(listings)
    types = ["(bytes32,bytes32,uint64,uint64,bytes32,bytes32)[]", "uint16[]", "bytes32"]
    world.commit(world.owner, encode(types, [items, sizes, keccak(joined)]), SALT)
    boa.env.time_travel(seconds=12)
    world.registry.register_many(items, sizes, joined, SALT, sender=world.owner.address)


def test_a_batch_of_the_largest_size(world: World) -> None:
    items = [registration(f"item {i}") for i in range(32)]
    listings = [bytes([i]) * (i * 16) for i in range(32)]
    committed_at = boa.env.timestamp
    register_batch(world, items, listings)
    owner, registry = world.owner.address, world.registry.address
    datasets = [dataset_id(registry, owner, item[1], item[2]) for item in items]
    names = ("content_id", "root", "records", "length", "salt_nonce", "parent")
    assert [event for _, event in world.events(world.registry)] == [
        {
            "address": registry,
            "dataset": dataset,
            "registrant": owner,
            "committed_at": committed_at,
            "listing": listing,
            **dict(zip(names, item, strict=True)),
        }
        for dataset, item, listing in zip(datasets, items, listings, strict=True)
    ]
    for dataset in datasets:
        assert tuple(world.registry.dataset(dataset)) == (owner, committed_at, False)


def test_batch_listings_of_full_size(world: World) -> None:
    items = [registration("one"), registration("two")]
    register_batch(world, items, [b"x" * 8192, b"y" * 8192])
    assert [len(event["listing"]) for _, event in world.events(world.registry)] == [8192, 8192]


def test_batches_that_do_not_fit(world: World) -> None:
    one, two = registration("one"), registration("two")
    with boa.reverts("empty batch"):
        register_batch(world, [], [])
    for listings, sizes in (
        ([b"abc", b"d"], [3]),
        ([b"abc", b"d"], [3, 0]),
        ([b"abc", b"d"], [3, 2]),
        ([b"x" * 8193, b""], [8193, 0]),
    ):
        with boa.reverts("listing sizes"):
            register_batch(world, [one, two], listings, sizes)
    with boa.reverts("already registered"):
        register_batch(world, [one, one], [b"", b""])
    with boa.reverts():
        register_batch(world, [registration(str(i)) for i in range(33)], [b""] * 33)
    with boa.reverts():
        register_batch(world, [one, two, registration("3")], [b"x" * 8192, b"x" * 8192, b"x"])


def test_a_batch_is_all_or_nothing(world: World) -> None:
    taken = registration("taken")
    register(world, taken)
    fresh = registration("fresh")
    with boa.reverts("already registered"):
        register_batch(world, [fresh, taken], [b"", b""])
    dataset = dataset_id(world.registry.address, world.owner.address, fresh[1], fresh[2])
    assert world.registry.title_of(dataset) == NATIVE


def test_a_batch_cannot_be_opened_in_part_or_one_by_one(world: World) -> None:
    items = [registration("one"), registration("two")]
    world.commit(world.owner, batch_arguments(items, [b"", b""]), SALT)
    boa.env.time_travel(seconds=12)
    with boa.env.prank(world.owner.address):
        with boa.reverts("no such commitment"):
            world.registry.register_many(items[:1], [0], b"", SALT)
        with boa.reverts("no such commitment"):
            world.registry.register(items[0], b"", SALT)
        world.registry.register_many(items, [0, 0], b"", SALT)
