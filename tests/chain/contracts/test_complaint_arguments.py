"""Each argument of a complaint is what it has to be; with any other the complaint fails."""

from collections.abc import Callable
from typing import Any

import boa
import pytest
from eth_utils import keccak

from tests.chain.contracts.deliveries import RECORDS, delivery
from tests.chain.contracts.escrow_world import (
    REVEALED,
    Complaint,
    World,
    fields,
)


def other_index(complaint: Complaint) -> None:
    complaint["index"] += 1


def beyond(complaint: Complaint) -> None:
    complaint["index"] = 5


def far_beyond(complaint: Complaint) -> None:
    complaint["index"] += 2**32


def other_ciphertext(complaint: Complaint) -> None:
    complaint["ciphertext"] = complaint["ciphertext"][:-1] + b"\0"


def short_ciphertext(complaint: Complaint) -> None:
    complaint["ciphertext"] = complaint["ciphertext"][:-1]


def no_ciphertext(complaint: Complaint) -> None:
    complaint["ciphertext"] = b""


def other_leaf(complaint: Complaint) -> None:
    complaint["leaf"] = keccak(complaint["leaf"])


def moved_boundary(complaint: Complaint) -> None:
    """The same bytes under the leaf's hash, cut at another place."""
    together = complaint["leaf"] + complaint["ciphertext"]
    complaint["leaf"], complaint["ciphertext"] = together[1:33], together[33:]


def other_sibling(complaint: Complaint) -> None:
    complaint["path"] = [*complaint["path"][:-1], keccak(complaint["path"][-1])]


def siblings_swapped(complaint: Complaint) -> None:
    complaint["path"] = complaint["path"][::-1]


def short_path(complaint: Complaint) -> None:
    complaint["path"] = complaint["path"][:-1]


def no_path(complaint: Complaint) -> None:
    complaint["path"] = []


def long_path(complaint: Complaint) -> None:
    complaint["path"] = [*complaint["path"], bytes(32)]


def other_secret(complaint: Complaint) -> None:
    complaint["secret"] = keccak(complaint["secret"])


def other_mask(complaint: Complaint) -> None:
    complaint["mask"] = keccak(complaint["mask"])


def secrets_swapped(complaint: Complaint) -> None:
    complaint["secret"], complaint["mask"] = complaint["mask"], complaint["secret"]


def other_root(complaint: Complaint) -> None:
    complaint["delivery_root"] = keccak(complaint["delivery_root"])


def root_with_another_tail(complaint: Complaint) -> None:
    """As the slot keeps it, but not what the path leads to."""
    complaint["delivery_root"] = complaint["delivery_root"][:26] + bytes(6)


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (other_index, "not what was delivered"),
        (beyond, "no such record"),
        (far_beyond, "no such record"),
        (other_ciphertext, "not what was delivered"),
        (short_ciphertext, "not a whole record"),
        (no_ciphertext, "not a whole record"),
        (other_leaf, "not what was delivered"),
        (moved_boundary, "not a whole record"),
        (other_sibling, "not what was delivered"),
        (siblings_swapped, "not what was delivered"),
        (short_path, "path too short"),
        (no_path, "path too short"),
        (long_path, "path too long"),
        (other_secret, "not the committed secret"),
        (other_mask, "not the committed mask"),
        (secrets_swapped, "not the committed secret"),
        (other_root, "not the revealed root"),
        (root_with_another_tail, "not what was delivered"),
    ],
)
def test_each_argument_counts(
    world: World, change: Callable[[Complaint], None], reason: str
) -> None:
    offer, made = world.delivered(5, (2,))
    good = world.complaint(offer, made, 2)
    changed = dict(good)
    change(changed)
    assert changed != good
    with boa.reverts(reason):
        world.complain(changed)
    assert world.state(offer) == REVEALED
    world.complain(good)


def test_what_the_types_do_not_take(world: World) -> None:
    offer, made = world.delivered()
    good = world.complaint(offer, made, 1)
    for changes in (
        {"ciphertext": good["ciphertext"] + b"\0"},
        {"path": [bytes(32)] * 33},
    ):
        with boa.reverts():
            world.complain(good | changes)


@pytest.mark.parametrize(
    "changes",
    [
        {"records": 4},
        {"price": 1},
        {"bond": 1},
        {"keyCommit": bytes(32)},
        {"maskCommit": bytes(32)},
        {"nonce": bytes(32)},
    ],
)
def test_the_offer_is_the_funded_one(world: World, changes: dict[str, Any]) -> None:
    offer, made = world.delivered()
    complaint = world.complaint(offer, made, 1)
    with boa.reverts("no such order"):
        world.complain(complaint | {"offer": fields(offer | changes)})


def test_proof_and_key_are_of_one_order(world: World) -> None:
    """The same records for the same people under another nonce: another key, another proof."""
    (one, made), (other, _) = world.delivered(), world.delivered()
    with boa.reverts("not the revealed root"):
        world.complain(world.complaint(one, made, 1) | {"offer": fields(other)})


def test_a_record_in_another_place_is_bad(world: World) -> None:
    """Two records of one delivery change places: both can be complained about."""
    offer = world.funded(records=3)
    sent = {0: RECORDS[1], 1: RECORDS[0]}
    made = delivery(world.delivery_key(offer), RECORDS[:3], sent)
    world.reveal(offer, made.root)
    with boa.reverts("the record is the registered one"):
        world.complain(world.complaint(offer, made, 2))
    world.complain(world.complaint(offer, made, 1))
