"""An identity on a new computer, from its 24 words alone: what the record still knows of it."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from app.domain import commands as cmd
from app.domain.snapshots.datasets import DatasetsSnapshot, OwnDataset, RegisterSnapshot
from app.domain.snapshots.shell import FirstRunSnapshot, SettingsSnapshot
from app.engine.identity import Identity
from app.engine.restoring import AHEAD, Restoring
from app.store import entries, orders
from app.store.database import Database
from app.store.index import Index
from chain import agreement, vault
from chain.exchange_events import Funded
from chain.wallet import Wallet, new_words
from p2p import marks
from p2p.content import Content
from p2p.manifest import Manifest
from p2p.records import Fingerprint
from tests.app.engine.apps import PASSWORD, App, Line, World
from tests.app.store.happenings import OFFER, OWNER, THIRD, about, mined

CONTENT = bytes(range(255, -1, -1)) * 300


@pytest.fixture(scope="module")
def owner(apps: Any, lines: Callable[[], Line]) -> App:
    made: App = apps("Nordhaven Energy", lines())
    return made


@pytest.fixture
def restored(owner: App, world: World, lines: Callable[[], Line], tmp_path: Path) -> Iterator[App]:
    """A second computer of the owner, on the network."""
    owner.ask(cmd.ShowRecoverySheet(PASSWORD))
    words = " ".join(owner.wait(SettingsSnapshot, lambda page: len(page.words) == 24).words)
    made = App(tmp_path / "profile", world.folder).start()
    made.ask(cmd.RestoreIdentity("Nordhaven Energy", PASSWORD, words))
    made.wait(FirstRunSnapshot, lambda run: run.step == "network")
    made.join(world.through(lines(), tmp_path))
    # Its profile is on record: until then its entries and the owner's want the same nonce.
    made.eventually(lambda: made.entries("profile") and not made.read(entries.unfinished))
    yield made
    made.stop()


def the_only_one(app: App, until: Callable[[OwnDataset], Any] = lambda row: True) -> OwnDataset:
    page = app.wait(DatasetsSnapshot, lambda page: len(page.rows) == 1 and until(page.rows[0]))
    return page.rows[0]


def test_a_registration_is_there_and_only_its_files_have_to_be_located(
    owner: App, restored: App, tmp_path: Path
) -> None:
    key = secrets.token_hex(16)
    dataset = owner.register(key, tmp_path, CONTENT)
    before = owner.draft(key)

    row = the_only_one(restored)
    assert (row.key, row.state, row.present) == (dataset, "final", False)
    assert (row.title, row.price and row.price.units) == (before.description.title, 5_000_000)

    other = tmp_path / "other.bin"
    other.write_bytes(CONTENT[:-1] + b"?")
    restored.refused(cmd.LocateContent(dataset, other), "datasets.other_content")
    assert not the_only_one(restored).present

    restored.ask(cmd.LocateContent(dataset, tmp_path / f"{key}.bin"))
    assert the_only_one(restored, lambda row: row.present).files == 1
    after = restored.draft(dataset[:32])
    for name in ("root", "content_id", "salt_nonce", "manifest", "records", "length"):
        assert getattr(after, name) == getattr(before, name)
    leaves = restored.profile / "datasets" / f"{dataset[:32]}.leaves"
    assert leaves.read_bytes() == (owner.profile / "datasets" / f"{key}.leaves").read_bytes()
    assert {*leaves.parent.iterdir()} == {leaves, marks.beside(leaves)}

    restored.restart()
    assert the_only_one(restored).present


@pytest.mark.parametrize("content", [CONTENT, CONTENT[:1000]], ids=["open", "confidential"])
def test_files_that_are_dropped_again_are_known_as_what_was_registered(
    owner: App, restored: App, tmp_path: Path, content: bytes
) -> None:
    key, chosen = secrets.token_hex(16), secrets.token_hex(16)
    dataset = owner.register(key, tmp_path, content + key.encode())
    before = owner.draft(key)
    restored.wait(DatasetsSnapshot, lambda page: dataset in [row.key for row in page.rows])

    file = tmp_path / "other" / f"{key}.bin"
    file.parent.mkdir()
    file.write_bytes(content + key[::-1].encode())
    assert restored.choose(chosen, file).state == "draft"  # as large, and not the same
    restored.ask(cmd.DiscardDraft(chosen))

    restored.ask(cmd.ChooseContent(chosen, tmp_path / f"{key}.bin"))
    page = restored.wait(RegisterSnapshot, lambda page: page.draft == dataset[:32])
    assert (page.state, page.dataset, page.fingerprint) == ("final", dataset, before.root.hex())
    assert page.opened == 1  # as if asked for: the page may have left it before
    assert restored.notice("done.recognised").values == {"title": before.description.title}
    again = restored.draft(dataset[:32])
    assert (again.content_id, again.manifest) == (before.content_id, before.manifest)
    rows = restored.wait(
        DatasetsSnapshot, lambda page: any(row.key == dataset and row.present for row in page.rows)
    ).rows
    assert "draft" not in [row.state for row in rows]

    # what the owner's app streams from
    assert again.manifest is not None
    words = Fingerprint(again.content_id, again.root, again.records, again.length)
    wallet = vault.open(restored.profile / "identity.vault", PASSWORD)
    salt_key, manifest = wallet.salt_key(again.salt_nonce), Manifest.decode(again.manifest)
    leaves = restored.profile / "datasets" / f"{again.key}.leaves"
    Content(Path(again.path), manifest, salt_key, words).checked_chunk(0, leaves)

    # and once they are there, the same files again are an ordinary draft
    assert restored.choose(chosen, tmp_path / f"{key}.bin").state == "draft"


@pytest.fixture
def identity(world: World) -> Identity:
    return Identity(Wallet.from_words(new_words()), world.network)


def paid(identity: Identity, owner: str, counter: int) -> Funded:
    mask = identity.wallet.buyer_secret(owner, counter)
    offer = replace(
        OFFER, owner=owner, buyer=identity.address, mask_commit=agreement.mask_commit(mask)
    )
    facts: dict[str, Any] = about(secrets.token_bytes(32))
    return Funded(
        **facts | {"owner": owner, "buyer": identity.address}, offer=offer, deadline=5_000
    )


def test_the_buyers_counter_goes_on_beyond_every_payment_on_record(
    tmp_path: Path, identity: Identity
) -> None:
    database = Database.open(tmp_path / "lading.sqlite")
    far = 7 + AHEAD + 3  # paid after an earlier restore
    payments = [paid(identity, OWNER, 7), paid(identity, OWNER, far), paid(identity, THIRD, 0)]
    foreign = replace(paid(identity, OWNER, 1), buyer=THIRD)
    block = mined(1, *payments, foreign)
    Index(database).apply(block.events, [block.block], block.cursor)
    restoring = Restoring(database, identity, lambda: None)
    restoring.look()
    with database.begin() as session:
        assert orders.next_buyer_nonce(session, OWNER) == far + AHEAD
        assert orders.next_buyer_nonce(session, THIRD) == AHEAD
    restoring.look()
    Restoring(database, identity, lambda: None).look()  # the next start
    with database.begin() as session:
        assert orders.next_buyer_nonce(session, OWNER) == far + AHEAD + 1
    database.close()


def test_a_payment_with_a_mask_of_other_words_moves_nothing(
    tmp_path: Path, identity: Identity
) -> None:
    database = Database.open(tmp_path / "lading.sqlite")
    strange = paid(identity, OWNER, 7)
    strange = replace(strange, offer=replace(strange.offer, mask_commit=b"m" * 32))
    block = mined(1, strange)
    Index(database).apply(block.events, [block.block], block.cursor)
    Restoring(database, identity, lambda: None).look()
    with database.begin() as session:
        assert orders.next_buyer_nonce(session, OWNER) == 0
    database.close()
