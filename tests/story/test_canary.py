"""Secrets stay where they belong: after a whole trade none is found where it must not be.

Looked for: password, 24 words, account keys, vault, the owner's s, the buyer's m, the delivery key,
and the other derived secrets; as bytes, hex, base64, number and text. Looked in: what the engines
log at DEBUG and print, every file of both profiles and of the practice network (the chain's state
among them), every value of both databases, every event, what people were told, reports of bugs, and
arguments and environment of all processes while it happens. The clipboard belongs to the windows.
"""

from __future__ import annotations

import base64
import os
import pickle
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

import pytest

from app.cli.person import Gone
from app.domain import commands as cmd
from app.domain import events as ev
from app.domain.snapshots.shell import Notice, ShellSnapshot
from chain import vault
from chain.agreement import Domain, Offer, delivery_key, key_commit, mask_commit, order_id
from chain.wallet import Wallet
from tests.story.people import PASSWORD, Human, World
from tests.story.trading import register, trade


def listen(log: Path) -> None:
    """In an engine's process: keep every line that is logged or printed; break one thing."""
    import logging

    from chain import vault

    file = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    for stream in (1, 2):
        os.dup2(file, stream)
    logging.basicConfig(level=logging.DEBUG, force=True)
    opened = vault.words

    def words(path: Path, password: str) -> str:
        shown = opened(path, password)
        wallet = vault.open(path, password)
        raise RuntimeError(f"a bug with secrets at hand, {len(shown)} and {len(wallet.vault)}")

    vault.words = words


class Overheard(Human):
    """A person whose app is listened to from its first moment."""

    def __init__(self, name: str, world: World) -> None:
        quiet = world.human(name)
        super().__init__(name, quiet.profile, quiet._practice_folder)
        self.log = self.profile.with_suffix(".log")
        self._first = partial(listen, self.log)

    def break_something(self) -> Notice:
        """A bug while secrets lie on the stack: the report that "copy details" would copy."""
        self.person.ask(cmd.ShowRecoverySheet(PASSWORD))
        with pytest.raises(Gone):
            self.person.wait(ShellSnapshot, lambda _: False)
        (report,) = [notice for notice in self.person.notices if notice.kind == "bug"]
        return report


@contextmanager
def watched_processes() -> Iterator[set[bytes]]:
    """Arguments and environment of every process there is, from now on."""
    seen: set[bytes] = set()
    done = threading.Event()

    def look() -> None:
        while not done.wait(0.05):
            for place in Path("/proc").glob("[0-9]*"):
                for name in ("cmdline", "environ"):
                    try:
                        seen.add((place / name).read_bytes())
                    except OSError:
                        continue  # it has ended, or is not ours

    watcher = threading.Thread(target=look)
    watcher.start()
    try:
        yield seen
    finally:
        done.set()
        watcher.join()


def forms(secret: bytes) -> set[bytes]:
    """How a secret may be written."""
    spelled = {base64.b64encode(secret), base64.urlsafe_b64encode(secret)}
    return {
        secret,
        secret[::-1],
        secret.hex().encode(),
        secret.hex().upper().encode(),
        repr(secret)[2:-1].encode(),
        str(int.from_bytes(secret, "big")).encode(),
        *(text.rstrip(b"=") for text in spelled),
    }


def texts(secret: str) -> set[bytes]:
    return {secret.encode(), secret.encode("utf-16-le"), base64.b64encode(secret.encode())[:-4]}


def of_wallet(name: str, wallet: Wallet) -> dict[str, set[bytes]]:
    secrets = {
        "account key": wallet.account_key,
        "vault": wallet.vault,
        "peer seed": wallet.peer_seed,
        "seal key": wallet.seal_private,
        "running key": wallet.running_key,
    }
    return {f"{name}'s {what}": forms(secret) for what, secret in secrets.items()}


def of_words(name: str, words: str) -> dict[str, set[bytes]]:
    """The sheet as one text, and any three of its words in a row."""
    listed = words.split()
    rows = {" ".join(listed[at : at + 3]) for at in range(len(listed) - 2)}
    quoted = {"', '".join(listed[at : at + 3]) for at in range(len(listed) - 2)}
    return {f"{name}'s words": {row.encode() for row in rows | quoted}}


def databases(profile: Path) -> Iterator[tuple[str, bytes]]:
    """Every value of every table, by itself: no page boundary hides one. A full-text index is in
    tables of its own, which are among them."""
    with sqlite3.connect(profile / "lading.sqlite") as database:
        tables = (
            "select name from sqlite_master where type = 'table' and sql not like '% VIRTUAL %'"
        )
        names = database.execute(tables).fetchall()
        assert ("listing_words_data",) in names
        for (name,) in names:
            for row in database.execute(f'select * from "{name}"'):
                for value in row:
                    data = value if isinstance(value, bytes) else str(value).encode()
                    yield f"{profile.name}: table {name}", data


def files(folder: Path) -> Iterator[tuple[str, bytes]]:
    for path in folder.rglob("*"):
        if path.is_file():
            yield str(path.relative_to(folder)), path.read_bytes()


def found(secrets: dict[str, set[bytes]], places: Iterator[tuple[str, bytes]]) -> set[str]:
    return {
        f"{what} in {where}"
        for where, data in places
        for what, spelled in secrets.items()
        if any(form in data for form in spelled)
    }


@pytest.mark.timeout(600)
def test_no_secret_is_where_it_must_not_be(world: World, tmp_path: Path) -> None:
    data = tmp_path / "levels.csv"
    data.write_text("hour,level\n" + "".join(f"{hour},{hour % 113}\n" for hour in range(9_000)))
    people = [Overheard(name, world) for name in ("Canary Mine", "Baltic Coal")]
    with people[0] as owner, people[1] as buyer, watched_processes() as processes:
        for person in (owner, buyer):
            person.enter()
        dataset = register(owner, data, "Levels")
        thread, _ = trade(owner, buyer, dataset)
        reports = [person.break_something() for person in (owner, buyer)]
        told = [notice for person in (owner, buyer) for notice in person.person.notices]
    assert all("a bug with secrets at hand" in report.details for report in reports)

    sold, bought = owner.events(thread), buyer.events(thread)
    signed = next(event for event in bought if isinstance(event, ev.OfferSigned))
    asked = next(event for event in bought if isinstance(event, ev.RequestMade))
    offer = Offer.from_json(signed.offer)
    wallets = [vault.open(person.profile / "identity.vault", PASSWORD) for person in people]
    s = wallets[0].owner_secret(offer.nonce)
    assert asked.buyer_nonce is not None
    m = wallets[1].buyer_secret(offer.owner, asked.buyer_nonce)
    assert (key_commit(s), mask_commit(m)) == (offer.key_commit, offer.mask_commit)
    domain = Domain(world.network.chain_id, world.network.exchange)
    secrets = {
        "password": texts(PASSWORD),
        "s": forms(s),
        "m": forms(m),
        "delivery key": forms(delivery_key(s, m, order_id(domain, offer))),
    }
    for person, wallet in zip(people, wallets, strict=True):
        secrets |= of_wallet(person.name, wallet)
        secrets |= of_words(person.name, vault.words(person.profile / "identity.vault", PASSWORD))

    def everywhere() -> Iterator[tuple[str, bytes]]:
        for person in people:
            yield f"{person.name}'s log", person.log.read_bytes()
            yield from databases(person.profile)
            yield from files(person.profile)
        yield from files(Path(world.practice.status()["folder"]))
        yield "events", pickle.dumps([sold, bought]) + repr([sold, bought]).encode()
        yield "what was told", repr(told).encode()
        yield "reports of bugs", "".join(report.details for report in reports).encode()
        yield "a process", b"\0".join(processes)

    looked_at = dict(everywhere())
    assert all(person.log.stat().st_size > 10_000 for person in people)
    assert any(b"multiprocessing" in arguments for arguments in processes)
    assert len(looked_at) > 20
    assert found(secrets, everywhere()) == set()
    # The search can find: what is no secret is found by it in the same places.
    public = {"nonce": forms(offer.nonce), "commitment": forms(offer.key_commit)}
    seen = found(public, everywhere())
    assert any("nonce" in line and "table" in line for line in seen), seen
    assert any("commitment in events" in line for line in seen), seen


def test_commands_and_wallets_do_not_show_secrets() -> None:
    """What would come into a log or a report by being written down as a whole."""
    words = vault.words  # the real one: here nobody has broken it
    assert words.__module__ == "chain.vault"
    canary = "a canary in the mine"
    shown = [
        cmd.CreateIdentity("Name", canary),
        cmd.RestoreIdentity("Name", canary, canary),
        cmd.Unlock(canary),
        cmd.ChangePassword(canary, canary),
        cmd.ShowRecoverySheet(canary),
        Wallet("0x" + "11" * 20, canary.encode(), canary.encode()),
    ]
    assert canary not in repr(shown)
    assert "Name" in repr(shown)
