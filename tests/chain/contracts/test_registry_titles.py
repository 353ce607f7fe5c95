"""The registry beside registering: titles, profiles and wants."""

import boa
import pytest
from eth_abi import encode
from eth_utils import keccak

from tests.chain.contracts.escrow_world import NATIVE, World

SALT = keccak(b"salt")


# --- titles ---


def test_listing_withdrawal_and_return(world: World) -> None:
    with boa.env.prank(world.owner.address):
        world.registry.update_listing(world.dataset, b"new words")
        assert world.events(world.registry)[0][1]["listing"] == b"new words"
        world.registry.withdraw(world.dataset)
        here = {"address": world.registry.address, "dataset": world.dataset}
        assert world.events(world.registry) == [
            ("Withdrawn", here | {"title": world.owner.address})
        ]
        title, committed_at, withdrawn = world.registry.dataset(world.dataset)
        assert (title, withdrawn) == (world.owner.address, True)
        with boa.reverts("already withdrawn"):
            world.registry.withdraw(world.dataset)
        world.registry.update_listing(world.dataset, b"back again")
    assert tuple(world.registry.dataset(world.dataset)) == (title, committed_at, False)


def test_a_withdrawn_dataset_can_still_be_funded(world: World) -> None:
    world.registry.withdraw(world.dataset, sender=world.owner.address)
    world.fund(world.offer())


def test_title_transfer_keeps_time_and_withdrawal(world: World) -> None:
    _, committed_at, _ = world.registry.dataset(world.dataset)
    with boa.env.prank(world.owner.address):
        world.registry.withdraw(world.dataset)
        world.registry.transfer_title(world.dataset, world.stranger.address)
        assert world.events(world.registry)[0] == (
            "TitleTransferred",
            {
                "address": world.registry.address,
                "dataset": world.dataset,
                "sender": world.owner.address,
                "receiver": world.stranger.address,
            },
        )
        with boa.reverts("not the title holder"):
            world.registry.update_listing(world.dataset, b"")
    after = tuple(world.registry.dataset(world.dataset))
    assert after == (world.stranger.address, committed_at, True)
    world.registry.update_listing(world.dataset, b"", sender=world.stranger.address)


def test_only_the_title_holder(world: World) -> None:
    with boa.env.prank(world.stranger.address):
        for dataset in (world.dataset, SALT):
            with boa.reverts("not the title holder"):
                world.registry.update_listing(dataset, b"")
            with boa.reverts("not the title holder"):
                world.registry.withdraw(dataset)
            with boa.reverts("not the title holder"):
                world.registry.transfer_title(dataset, world.stranger.address)


def test_a_title_needs_a_receiver(world: World) -> None:
    with boa.reverts("no receiver"):
        world.registry.transfer_title(world.dataset, NATIVE, sender=world.owner.address)


# --- people ---


def test_profile(world: World) -> None:
    addresses = ["/ip4/127.0.0.1/tcp/4001", "/dns4/relay.example/tcp/443"]
    world.registry.set_profile("Ölga", "12D3KooW", SALT, addresses, sender=world.owner.address)
    assert world.events(world.registry) == [
        (
            "ProfileSet",
            {
                "address": world.registry.address,
                "account": world.owner.address,
                "name": "Ölga",
                "peer_id": "12D3KooW",
                "seal_key": SALT,
                "addresses": addresses,
            },
        )
    ]


@pytest.mark.parametrize(
    ("name", "peer", "addresses", "fits"),
    [
        ("n" * 64, "p" * 128, ["a" * 256] * 8, True),
        ("n" * 65, "p", [], False),
        ("n", "p" * 129, [], False),
        ("n", "p", ["a" * 257], False),
        ("n", "p", ["a"] * 9, False),
    ],
)
def test_profile_limits(
    world: World, name: str, peer: str, addresses: list[str], fits: bool
) -> None:
    if fits:
        world.registry.set_profile(name, peer, SALT, addresses)
        return
    with boa.reverts():
        world.registry.set_profile(name, peer, SALT, addresses)


def test_wants(world: World) -> None:
    expires = boa.env.timestamp
    content = b"w" * 4096
    types = ["address", "address", "bytes32", "uint64"]
    values = [world.registry.address, world.buyer.address, keccak(content), expires]
    want = keccak(encode(types, values))
    with boa.env.prank(world.buyer.address):
        world.registry.want(content, expires)
        here = {"address": world.registry.address, "want": want, "account": world.buyer.address}
        told = here | {"expires": expires, "content": content}
        assert world.events(world.registry) == [("Wanted", told)]
        world.registry.unwant(want)
        assert world.events(world.registry) == [("Unwanted", here)]
        with boa.reverts("expired"):
            world.registry.want(content, expires - 1)
        with boa.reverts():
            world.registry.want(content + b"w", expires)
