"""Indexing events from getLogs to SQLite, against web3's own decoding of the same logs, in turn.

A real node holds the events; both sides ask it over HTTP and write the same rows to a file. The
app's own database does more with each: it keeps the log, folds the row that is asked for, and reads
the listing; that is a row of its own, beside the plain table.
"""

import secrets
import sqlite3
import statistics
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from web3 import HTTPProvider, Web3

from app.store.database import Database
from app.store.index import Index
from chain import anvil
from chain.address import ZERO_ADDRESS
from chain.answers import Block, hex_text
from chain.contracts import artifact
from chain.deploy import deploy
from chain.endpoint import Endpoint
from chain.gateway import Call, Gateway
from chain.indexer import ChainEvent, Cursor, Indexer, Sink
from chain.listing import encode_listing
from chain.network import Network
from chain.registry import (
    NO_DATASET,
    Registered,
    Registration,
    batch_hash,
    commit_call,
    commitment,
    register_many_call,
)
from chain.transactions import account_of

BATCHES = 640
BATCH = 32
ROUNDS = 3
TARGET = 20_000
"""The least events per second, whatever the peer does."""
STORE_TARGET = 0.25
"""The least ratio of the app's database to a plain table."""
STEP_BLOCKS = 2000

_TABLE = """CREATE TABLE event (block INTEGER, place INTEGER, tx BLOB, dataset BLOB,
registrant TEXT, committed_at INTEGER, content_id BLOB, root BLOB, records INTEGER,
length INTEGER, salt_nonce BLOB, parent BLOB, listing BLOB, PRIMARY KEY (block, place))"""
_PRICE = {"token": ZERO_ADDRESS, "units": "1200000000"}
_INSERT = f"INSERT INTO event VALUES ({','.join('?' * 13)})"


class _FileSink:
    """As plain as a sink can be; the events of a step in one transaction."""

    def __init__(self, path: Path) -> None:
        self._database = _database(path)
        self._cursor: Cursor | None = None

    def cursor(self) -> Cursor | None:
        return self._cursor

    def hashes(self) -> Mapping[int, bytes]:
        return {}

    def apply(self, events: Sequence[ChainEvent], blocks: Sequence[Block], cursor: Cursor) -> None:
        with self._database:
            self._database.executemany(
                _INSERT,
                [
                    (
                        event.block_number, event.log_index, event.tx_hash, body.dataset,
                        body.registrant, body.committed_at, body.content_id, body.root,
                        body.records, body.length, body.salt_nonce, body.parent, body.listing,
                    )
                    for event in events
                    if isinstance(body := event.body, Registered)
                ],
            )  # fmt: skip
        self._cursor = cursor

    def rewind(self, to_block: int) -> None:
        raise AssertionError("nothing reorganises this chain")

    def close(self) -> int:
        return _counted(self._database)


def rows() -> list[dict[str, str | float | bool]]:
    """One row; speeds are medians in events per second."""
    value, peer = _in_turn(_ours, _theirs)
    row = _row("index events", value, "web3 contract.events.get_logs", peer)
    return [row | {"target": TARGET, "ok": value >= TARGET}]


def store_rows() -> list[dict[str, str | float | bool]]:
    """One row; speeds are medians in events per second."""
    value, peer = _in_turn(_app, _ours)
    row = _row("index events, the app's database", value, "a plain table", peer)
    return [row | {"target": STORE_TARGET, "ok": value / peer >= STORE_TARGET}]


def _in_turn(
    ours: Callable[[Network, Path], int], theirs: Callable[[Network, Path], int]
) -> tuple[float, float]:
    """Medians in events per second, both reading the same node."""
    with tempfile.TemporaryDirectory(prefix="lading-bench-") as folder:
        node = anvil.start(anvil.node_path(), Path(folder), None)
        try:
            network = _filled(node.url)
            speeds = [
                (
                    _speed(lambda path: ours(network, path)),
                    _speed(lambda path: theirs(network, path)),
                )
                for _ in range(ROUNDS)
            ]
        finally:
            anvil.stop(node)
    return (
        statistics.median(mine for mine, _ in speeds),
        statistics.median(other for _, other in speeds),
    )


def _row(name: str, value: float, against: str, peer: float) -> dict[str, str | float | bool]:
    return {
        "name": name,
        "value": round(value),
        "unit": "events/s",
        "against": against,
        "peer_value": round(peer),
        "ratio": round(value / peer, 2),
    }


def _ours(network: Network, path: Path) -> int:
    sink = _FileSink(path)
    _read(network, sink)
    return sink.close()


def _app(network: Network, path: Path) -> int:
    database = Database.open(path)
    try:
        _read(network, Index(database))
    finally:
        database.close()
    return _counted(sqlite3.connect(path), "registrations")


def _read(network: Network, sink: Sink) -> None:
    gateway = Gateway(network)
    try:
        indexer = Indexer(gateway, network, sink, STEP_BLOCKS)
        while not indexer.advance().done:
            pass
    finally:
        gateway.close()


def _theirs(network: Network, path: Path) -> int:
    database = _database(path)
    web3 = Web3(HTTPProvider(network.rpc_urls[0]))
    contract: Any = web3.eth.contract(
        address=Web3.to_checksum_address(network.registry), abi=artifact("Registry").abi
    )
    head = web3.eth.block_number
    for first in range(0, head + 1, STEP_BLOCKS):
        found = contract.events.Registered.get_logs(
            from_block=first, to_block=min(head, first + STEP_BLOCKS - 1)
        )
        with database:
            database.executemany(
                _INSERT,
                [
                    (
                        log.blockNumber, log.logIndex, bytes(log.transactionHash), args.dataset,
                        args.registrant, args.committed_at, args.content_id, args.root,
                        args.records, args.length, args.salt_nonce, args.parent, args.listing,
                    )
                    for log in found
                    if (args := log.args)
                ],
            )  # fmt: skip
    return _counted(database)


def _speed(action: Callable[[Path], int]) -> float:
    with tempfile.TemporaryDirectory(prefix="lading-bench-") as folder:
        start = time.perf_counter()
        count = action(Path(folder, "events.sqlite"))
        seconds = time.perf_counter() - start
    if count != BATCHES * BATCH:
        raise AssertionError(f"{count} events were indexed instead of {BATCHES * BATCH}")
    return count / seconds


def _filled(url: str) -> Network:
    """A chain with both contracts and all the events, in some tens of blocks."""
    endpoint = Endpoint(url, timeout=60)
    key = secrets.token_bytes(32)
    sender = account_of(key)
    endpoint.ask("anvil_setBalance", sender, hex(10**24))
    network = deploy(url, key, "Bench", practice=True)
    endpoint.ask("evm_setIntervalMining", 0)
    endpoint.ask("evm_setBlockGasLimit", hex(10**9))
    endpoint.ask("anvil_impersonateAccount", sender)
    salt = bytes(32)
    batches = [[_registration() for _ in range(BATCH)] for _ in range(BATCHES)]
    commits = [
        commit_call(network, commitment(network, sender, batch_hash(batch), salt))
        for batch in batches
    ]
    registers = [register_many_call(network, batch, salt) for batch in batches]
    for calls in (commits, registers):
        for index, call in enumerate(calls, 1):
            _send(endpoint, sender, call)
            if index % BATCH == 0:
                endpoint.ask("evm_mine")
        endpoint.ask("evm_mine")
    endpoint.close()
    return network


def _send(endpoint: Endpoint, sender: str, call: Call) -> None:
    data = hex_text(call.data)
    endpoint.ask(
        "eth_sendTransaction", {"from": sender, "to": call.to, "data": data, "gas": hex(3_000_000)}
    )


def _registration() -> Registration:
    listing = encode_listing({"lading": 1, "title": secrets.token_hex(8), "price": _PRICE})
    return Registration(
        secrets.token_bytes(32),
        secrets.token_bytes(32),
        9,
        9 * 4064,
        bytes(32),
        NO_DATASET,
        listing,
    )


def _database(path: Path) -> sqlite3.Connection:
    database = sqlite3.connect(path)
    database.execute("PRAGMA journal_mode=WAL")
    database.execute(_TABLE)
    return database


def _counted(database: sqlite3.Connection, table: str = "event") -> int:
    (count,) = database.execute(f"SELECT count(*) FROM {table}").fetchone()
    database.close()
    return int(count)
