"""Whole engines in threads of the test, and a network whose line a test can cut or falsify.

An `App` is what a window is to its engine: it can ask what a page can ask and see what a page is
shown. A `Line` stands between an app and the practice network's node and passes on every question,
unless the test says otherwise. Nothing else is replaced.
"""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, TypeVar, cast
from urllib.request import ProxyHandler, Request, build_opener

import trio
from sqlalchemy.orm import Session

from app.domain import commands as cmd
from app.domain.commands import Description
from app.domain.snapshots.datasets import RegisterSnapshot
from app.domain.snapshots.shell import (
    FirstRunSnapshot,
    Notice,
    SettingsSnapshot,
    ShellSnapshot,
)
from app.domain.terms import TermsChoice
from app.engine.engine import Engine
from app.store import datasets, entries
from app.store.database import Database
from app.store.datasets import OwnDataset
from app.store.entries import Entry
from chain.gateway import Gateway
from chain.network import Network
from chain.practice import Practice
from chain.vault import Argon2

S = TypeVar("S")

PASSWORD = "correct horse battery"
CHEAP = Argon2(1, 1024)
WAIT_SECONDS = 25.0


class App:
    """An engine in a thread. ``notices`` are all it ever told, ``seen`` the newest snapshots."""

    def __init__(self, profile: Path, practice_folder: Path) -> None:
        self.profile = profile
        self._practice_folder = practice_folder
        self._news = threading.Condition()
        self.seen: dict[type, object] = {}
        self.notices: list[Notice] = []
        self._engine: Engine | None = None
        self._thread: threading.Thread | None = None
        self._ended: BaseException | None = None
        self.closing = False

    def start(self) -> App:
        """Open the profile; raises what `Engine` raises if it cannot be."""
        self.seen, self._ended, self.closing = {}, None, False
        engine = Engine(
            self.profile, self._told, practice_folder=self._practice_folder, vault_cost=CHEAP
        )
        self._engine = engine
        self._thread = threading.Thread(target=self._run, args=(engine,))
        self._thread.start()
        return self

    def stop(self) -> None:
        """Close the app, whatever it is doing; what went wrong in it is raised."""
        if self._engine is None or self._thread is None:
            return
        engine, self._engine = self._engine, None
        self.closing = True
        while self._thread.is_alive():
            engine.stop()
            self._thread.join(0.2)
        if self._ended is not None:
            raise self._ended

    def restart(self) -> None:
        """Close the app, open it again and unlock it."""
        self.stop()
        self.start()
        self.unlock()

    def unlock(self) -> None:
        self.wait(FirstRunSnapshot, lambda run: run.step == "locked")
        self.ask(cmd.Unlock(PASSWORD))
        self.wait(ShellSnapshot, lambda shell: shell.code and shell.chain == "ok")

    def _run(self, engine: Engine) -> None:
        try:
            trio.run(engine.run)
        except BaseException as error:
            self._ended = error
        with self._news:
            self._news.notify_all()

    def _told(self, news: object) -> None:
        with self._news:
            if isinstance(news, Notice):
                self.notices.append(news)
            else:
                self.seen[type(news)] = news
            self._news.notify_all()

    # what a person does

    def ask(self, command: object) -> None:
        assert self._engine is not None
        self._engine.ask(command)

    def wait(self, kind: type[S], until: Callable[[S], Any], seconds: float = WAIT_SECONDS) -> S:
        """The newest snapshot of this kind, once ``until`` holds for it."""

        def found() -> bool:
            newest = self.seen.get(kind)
            return newest is not None and bool(until(cast("S", newest)))

        self._until(found, seconds, lambda: f"{kind.__name__}: {self.seen.get(kind)}")
        return cast("S", self.seen[kind])

    def notice(self, code: str, since: int = 0, seconds: float = WAIT_SECONDS) -> Notice:
        """The first notice with this code after the ``since``-th."""

        def found() -> list[Notice]:
            return [notice for notice in self.notices[since:] if notice.code == code]

        self._until(lambda: bool(found()), seconds, lambda: f"{code}: {self.notices[since:]}")
        return found()[0]

    def refused(self, command: object, code: str) -> Notice:
        """Ask for what must be refused with this code; the notice. No bug is ever one."""
        since = len(self.notices)
        self.ask(command)
        notice = self.notice(code, since)
        assert notice.kind != "bug"
        assert notice.cause.strip().endswith(".") or "\n" not in notice.cause
        return notice

    def _until(self, found: Callable[[], bool], seconds: float, what: Callable[[], str]) -> None:
        deadline = time.monotonic() + seconds
        with self._news:
            while not found():
                left = deadline - time.monotonic()
                if left <= 0 or self._ended is not None:
                    raise AssertionError(
                        f"did not come: {what()}; ended: {self._ended!r}; notices: {self.notices}"
                    )
                self._news.wait(min(left, 0.5))

    # the first run, and what is on disk

    def create(self, name: str) -> None:
        self.ask(cmd.CreateIdentity(name, PASSWORD))
        self.wait(FirstRunSnapshot, lambda run: run.step == "recovery")
        self.ask(cmd.ProveWords({}))
        self.wait(FirstRunSnapshot, lambda run: run.step == "network")

    def join(self, network_file: Path) -> None:
        self.ask(cmd.JoinNetwork(network_file))
        self.wait(ShellSnapshot, lambda shell: shell.chain == "ok")

    def choose(self, key: str, path: Path) -> RegisterSnapshot:
        """Have these files read for a draft."""
        self.ask(cmd.ChooseContent(key, path))
        return self.wait(
            RegisterSnapshot,
            lambda page: page.draft == key and page.fingerprint and page.reading is None,
        )

    def complete_draft(
        self, key: str, place: Path, content: bytes = b"", price_units: int = 5_000_000
    ) -> None:
        """Everything but the last click of registering."""
        data = place / f"{key}.bin"
        data.write_bytes(content or key.encode() * 100)
        page = self.choose(key, data)
        said = Description(title=f"Wind {key[:6]}", what="Hourly speeds.")
        self.ask(cmd.DescribeDraft(key, said, TermsChoice()))
        self.ask(cmd.PriceDraft(key, page.currencies[0].token, price_units))
        self.eventually(lambda: self.draft(key).price_units)
        self.eventually(lambda: self.draft(key).profile)  # registering waits for the look at it

    def register(self, key: str, place: Path, content: bytes = b"") -> str:
        """A dataset on the record; its id."""
        self.complete_draft(key, place, content)
        self.ask(cmd.RegisterDraft(key))
        self.wait(RegisterSnapshot, lambda page: page.draft == key and page.state == "final")
        dataset = self.draft(key).dataset_id
        assert dataset is not None
        return dataset.hex()

    @property
    def address(self) -> str:
        return self.wait(SettingsSnapshot, lambda shown: shown.address).address

    def read(self, question: Callable[[Session], S]) -> S:
        """What the profile's database says now, beside the engine."""
        database = Database.open(self.profile / "lading.sqlite")
        try:
            with database.read() as session:
                return question(session)
        finally:
            database.close()

    def draft(self, key: str) -> OwnDataset:
        own = self.read(lambda session: datasets.load(session, key))
        assert own is not None
        return own

    def entries(self, what: str) -> list[Entry]:
        """The record entries of this kind, oldest first."""
        every = self.read(lambda session: entries.newest(session, 1000))
        return [entry for entry in reversed(every) if entry.what == what]

    def eventually(self, holds: Callable[[], Any], seconds: float = WAIT_SECONDS) -> None:
        """Look until it is so."""
        deadline = time.monotonic() + seconds
        while not holds():
            bugs = [notice.details for notice in self.notices if notice.kind == "bug"]
            assert time.monotonic() < deadline, f"did not come; bugs: {bugs}"
            with self._news:
                self._news.wait(0.05)


Answer = Callable[[list[Any]], Any]


@dataclass
class Line:
    """A JSON-RPC endpoint that passes questions on to the real node.

    ``cut``: nobody answers. ``instead``: by method, an answer of the test's own to the question's
    parameters; a `Refusal` it raises becomes the node's error.
    """

    node_url: str
    cut: bool = False
    instead: dict[str, Answer] = field(default_factory=dict)

    def __post_init__(self) -> None:
        line = self

        class Desk(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                if line.cut:
                    self.close_connection = True
                    return
                answer = line.answer(body)
                self.send_response(200)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(answer)))
                self.end_headers()
                self.wfile.write(answer)

            def log_message(self, *_: object) -> None:
                """Quiet."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Desk)
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,))
        self._thread.start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    def answer(self, body: bytes) -> bytes:
        asked = json.loads(body)
        own = self.instead.get(asked["method"])
        if own is None:
            return self.node(body)
        try:
            said: dict[str, Any] = {"result": own(asked["params"])}
        except Refusal as error:
            said = {"error": {"code": error.code, "message": str(error), "data": error.data}}
        return json.dumps({"jsonrpc": "2.0", "id": asked["id"], **said}).encode()

    def node(self, body: bytes) -> bytes:
        request = Request(self.node_url, body, {"Content-Type": "application/json"})
        with build_opener(ProxyHandler({})).open(request, timeout=10) as response:
            return bytes(response.read())

    def ask(self, method: str, *params: Any) -> Any:
        """A question of the test's own to the node."""
        body = {"jsonrpc": "2.0", "id": 1, "method": method, "params": params}
        return json.loads(self.node(json.dumps(body).encode()))["result"]

    def close(self) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()


class Refusal(Exception):
    """The node's own error."""

    def __init__(self, message: str, code: int = -32000, data: str | None = None) -> None:
        super().__init__(message)
        self.code = code
        self.data = data


@dataclass(frozen=True)
class World:
    """The practice network of the test session."""

    practice: Practice
    network: Network
    gateway: Gateway
    folder: Path

    def through(self, line: Line, place: Path, **changes: Any) -> Path:
        """A network file for this network as seen through ``line``."""
        file = place / f"{line.url.rsplit(':', 1)[1]}-{len(list(place.iterdir()))}.json"
        replace(self.network, rpc_urls=(line.url,), **changes).save(file)
        return file

    def pass_time(self, seconds: int) -> None:
        """The chain's clock moves on at once."""
        line = self.network.rpc_urls[0]
        request = {"jsonrpc": "2.0", "id": 1, "method": "evm_increaseTime", "params": [seconds]}
        body = json.dumps(request).encode()
        question = Request(line, body, {"Content-Type": "application/json"})
        with build_opener(ProxyHandler({})).open(question, timeout=10) as response:
            response.read()
