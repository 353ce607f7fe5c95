"""A second device that watches: it complains and refunds while the buyer's own computer is off.

It has parcels (`app.engine.parcel`) and nothing else: no vault, no key that could confirm, sign a
receipt or pay. What it does for each order is in `app.engine.watched`.
"""

from __future__ import annotations

import contextlib
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from filelock import FileLock, Timeout
from nacl.public import PrivateKey

from app.domain.watch_code import watch_code
from app.engine import parcel
from app.engine.parcel import Mandate, ParcelError
from app.engine.watched import Watched, What
from chain.errors import ChainError
from chain.gateway import Gateway
from chain.private_file import write_private
from p2p import files
from p2p.errors import ContentError

SUFFIX = ".parcel"
REFUSED_SUFFIX = ".refused"
PRACTICE_SECONDS = 1.0
LOOK_SECONDS = 15.0


@dataclass(frozen=True, slots=True)
class Happening:
    """What the watcher did or saw: about which order (hex; a file's name before that is known),
    and in a sentence."""

    order: str
    what: What
    sentence: str


class WatcherBusy(Exception):
    """Another watcher uses the folder."""


class Watcher:
    """``folder`` is the device's own: its key, ``inbox`` for parcels, ``orders``. Use as a context
    manager; `look` is called again and again from one thread."""

    def __init__(self, folder: Path, told: Callable[[Happening], None]) -> None:
        """OSError if the folder cannot be used, WatcherBusy if another watcher does, ParcelError
        if its key is damaged."""
        self.inbox = folder / "inbox"
        self._places = folder / "orders"
        for path in (folder, self.inbox, self._places):
            path.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._lock = FileLock(folder / "in-use.lock", timeout=0, thread_local=False)
        try:
            self._lock.acquire()
        except Timeout:
            raise WatcherBusy(f"Another watcher uses the folder {folder}.") from None
        self._told = told
        self._said: dict[str, str] = {}
        self._orders: dict[str, Watched] = {}
        self._gateways: dict[tuple[object, ...], Gateway] = {}
        try:
            self._private = watch_key(folder)
            self._take_up()
        except BaseException:
            self._lock.release()
            raise

    def __enter__(self) -> Watcher:
        return self

    def __exit__(self, *_: object) -> None:
        for gateway in self._gateways.values():
            gateway.close()
        self._lock.release()

    @property
    def watched(self) -> tuple[str, ...]:
        """The orders (hex) that are looked after."""
        return tuple(self._orders)

    @property
    def pause_seconds(self) -> float:
        """How long to wait before the next look."""
        real = any(not order.mandate.network.practice for order in self._orders.values())
        return LOOK_SECONDS if real else PRACTICE_SECONDS

    def look(self) -> None:
        """One pass: take in what lies in the inbox, look after every order."""
        for path in sorted(self.inbox.glob(f"*{SUFFIX}")):
            self._take_in(path)
        for name, order in list(self._orders.items()):
            try:
                if not order.look():
                    del self._orders[name]
                    shutil.rmtree(order.folder, ignore_errors=True)
            except ChainError as error:
                self._say(name, "waiting", str(error))
            except ContentError as error:
                self._say(name, "failed", error.reason)

    def _take_up(self) -> None:
        for folder in sorted(self._places.iterdir()):
            if folder.suffix == ".part":  # it ended while a parcel was taken in, which still lies
                shutil.rmtree(folder, ignore_errors=True)
                continue
            try:
                self._watch(folder, parcel.read_unpacked(folder, self._private))
            except (ParcelError, ContentError) as error:
                self._say(folder.name, "refused", str(error))

    def _take_in(self, path: Path) -> None:
        part = self._places / f"{path.stem}.part"
        try:
            mandate = self._unpack(path, part)
        except ParcelError as error:
            self._say(path.name, "refused", str(error))
            with contextlib.suppress(OSError):
                path.rename(path.with_name(path.name + REFUSED_SUFFIX))
        except ContentError as error:
            self._say(path.name, "waiting", error.reason)
        else:
            with contextlib.suppress(OSError):
                path.unlink()
            name = mandate.order_id.hex()
            if name not in self._orders:
                self._watch(self._places / name, mandate)
            self._say(name, "taken", "This order is watched from now on.")
        finally:
            shutil.rmtree(part, ignore_errors=True)

    def _unpack(self, path: Path, part: Path) -> Mandate:
        mandate = parcel.read_mandate(path, self._private)
        place = self._places / mandate.order_id.hex()
        if place.exists():
            return mandate  # the same order again
        needed, free = parcel.needed_bytes(mandate), shutil.disk_usage(self._places).free
        if free < needed:
            raise ContentError(
                f"The parcel needs {needed:,} bytes, the disk has {free:,} free. Free some space; "
                "it is taken in then."
            )
        parcel.unpack(path, self._private, part)
        part.rename(place)
        with files.writing(place):
            files.force_folder(self._places)  # before the parcel goes
        return mandate

    def _watch(self, folder: Path, mandate: Mandate) -> None:
        network = mandate.network
        key = (network.chain_id, network.exchange, network.rpc_urls)
        gateway = self._gateways.get(key) or self._gateways.setdefault(key, Gateway(network))
        say = partial(self._say, folder.name)
        self._orders[folder.name] = Watched(folder, mandate, gateway, say)

    def _say(self, order: str, what: What, sentence: str) -> None:
        """Tell it once, until something else is to be said."""
        if self._said.get(order) != sentence:
            self._said[order] = sentence
            self._told(Happening(order, what, sentence))


def watch_key(folder: Path) -> bytes:
    """The device's X25519 key, drawn on first use and kept for its user's eyes only (mode 0600).

    OSError if it cannot be read or written, ParcelError if the file is damaged.
    """
    path = folder / "watch.key"
    if not path.exists():
        write_private(path, bytes(PrivateKey.generate()).hex().encode() + b"\n")
    try:
        key = bytes.fromhex(path.read_bytes()[:200].decode("ascii").strip())
    except ValueError:
        key = b""
    if len(key) != 32:
        raise ParcelError(f"The watch key in {path} is damaged: remove it to begin with a new one.")
    return key


def own_code(folder: Path) -> str:
    """What the buyer's app is told, so that its parcels can be opened here only. The folder is made
    if it is missing; errors as `watch_key`."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    return watch_code(bytes(PrivateKey(watch_key(folder)).public_key))
