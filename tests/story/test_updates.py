"""Both apps are updated in the middle of a delivery: what an older version left is gone on with."""

from __future__ import annotations

import json
import os
import random
import sqlite3
from functools import partial
from pathlib import Path

from alembic import command
from alembic.config import Config
from sqlalchemy import create_engine

from tests.story.dying import died_at, hold_at, note_frames
from tests.story.people import Human, World
from tests.story.trading import assert_traded_once, at_once, buy, paid, register, shows

OLDER = "6"
"""Of the database's versions: before starts of hashes had tables of their own."""
NEW_IN_STATE = ("format", "opened", "place", "started", "target", "untrue")
CHUNKS = 12
HELD_AT = 3


def older_database(path: Path) -> None:
    """The same rows in the tables that version had. Words that are searched are made anew."""
    old = path.with_suffix(".older")
    engine = create_engine(f"sqlite:///{old}")
    config = Config()
    config.set_main_option("script_location", "app.store:migrations")
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, OLDER)
    engine.dispose()
    with sqlite3.connect(old) as database:
        database.execute("ATTACH ? AS newer", (str(path),))
        tables = database.execute(
            "SELECT name FROM main.sqlite_master WHERE type = 'table' AND sql NOT LIKE '%VIRTUAL%'"
        ).fetchall()
        for (table,) in tables:
            if table == "alembic_version" or "words" in table or table.startswith("sqlite_"):
                continue
            columns = ", ".join(
                f'"{row[1]}"' for row in database.execute(f'PRAGMA main.table_info("{table}")')
            )
            database.execute(
                f'INSERT OR REPLACE INTO main."{table}" ({columns}) '
                f'SELECT {columns} FROM newer."{table}"'
            )
    database.close()
    for companion in ("-wal", "-shm"):
        path.with_name(path.name + companion).unlink(missing_ok=True)
    old.replace(path)


def older_spool(folder: Path) -> int:
    """One file of sealed data, and a state that knows of nothing that came later; its chunks."""
    (folder / "ciphertext.0").rename(folder / "ciphertext")
    state = json.loads((folder / "state").read_text())
    for name in NEW_IN_STATE:
        del state[name]
    (folder / "state").write_text(json.dumps(state))
    return int((folder / "ciphertext").stat().st_size // 2**20)


def test_a_delivery_that_older_versions_began_goes_on_where_it_was(
    world: World, pair: tuple[Human, Human], tmp_path: Path
) -> None:
    owner, buyer = pair
    data = tmp_path / "tracks.bin"
    data.write_bytes(random.Random(12).randbytes(CHUNKS * 256 * 4064 - 8000))
    dataset = register(owner, data, "Tracks")
    gate, stored, frames = tmp_path / "gate", tmp_path / "stored", tmp_path / "frames"
    os.mkfifo(gate)
    buyer.starts_with(partial(hold_at, {HELD_AT: gate}, stored))
    thread = paid(owner, buyer, dataset)
    held = gate.open("wb")  # returns when the buyer's disk has come to the gate
    buyer.kill()
    owner.kill()
    held.close()
    for human in pair:
        older_database(human.profile / "lading.sqlite")
    assert (owner.profile / "deliveries" / thread / "delivery-leaves").stat().st_size
    kept = older_spool(buyer.profile / "deliveries" / thread)
    assert kept == HELD_AT + 1 == len(died_at(stored))

    at_once(
        partial(owner.starts_with, partial(note_frames, frames)), partial(buyer.starts_with, None)
    )
    _, folder = at_once(
        lambda: shows(owner, thread, "done", seconds=120), lambda: buy(buyer, thread)
    )
    assert died_at(frames) == ["chunk"] * (CHUNKS - kept)  # neither leaves nor what was stored
    assert_traded_once(world, owner, buyer, thread, data, folder)
