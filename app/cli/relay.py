"""``lading relay``: let people meet whom nobody can dial, on a computer that anybody can dial."""

from __future__ import annotations

import argparse
import ipaddress
import json
import shutil
import signal
import sys
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Any

from app.cli import typed
from app.config import relay_folder

if TYPE_CHECKING:
    from p2p.kept_store import Keeping, KeptStore
    from p2p.relay import Relay

PORT = 4001
SHOWN_AGAIN_SECONDS = 1.0
LEAST_BANDWIDTH = 10**5
LEAST_OF_CIRCUIT = 5_000  # a second: its turn comes in 13 s, and its ends believe 25 s of silence
LEAST_KEPT = 2 * 10**6
KEPT_SIZES = (
    ("quota", 20 * 10**9, "20GB", "all of them together take of the disk"),
    ("per-peer", 5 * 10**9, "5GB", "what one peer has left here"),
    ("per-address", 10 * 10**9, "10GB", "what has been left from one IP address"),
    ("largest", 5 * 10**9, "5GB, or the least of the others", "one of them"),
)
KEPT_COUNTS = (
    ("days", 7, "then they are deleted"),
    ("unfinished-hours", 24, "then a beginning is deleted of which nothing more has come"),
    ("parcels", 4096, "parcels it has, beginnings among them"),
    ("parcels-per-peer", 64, "of them, left by one peer"),
    ("parcels-per-address", 256, "of them, left from one IP address"),
    ("at-once", 32, "that come or go at the same time; each takes some MiB of memory"),
    ("at-once-per-peer", 2, "of them, with one peer"),
)


def add(commands: argparse._SubParsersAction[Any]) -> None:
    command = commands.add_parser(
        "relay",
        help="pass deliveries on between people whose routers let nobody in",
        description="Run a relay on a computer that others can reach: no identity, no chain, "
        "nothing to unlock. It passes sealed bytes on and can read none of them. Its address is "
        "printed; whoever puts it into Settings can be reached through it. It stays the same as "
        "long as the folder, the port and this computer's address do.",
    )
    command.add_argument(
        "--folder",
        type=typed.path,
        default=relay_folder(),
        metavar="DIR",
        help="where its key is kept (default: %(default)s)",
    )
    command.add_argument(
        "--port", type=typed.port, default=PORT, metavar="N", help="TCP port (default: %(default)s)"
    )
    command.add_argument(
        "--host",
        metavar="IP",
        help="the address of this computer to listen on (default: all of them)",
    )
    command.add_argument(
        "--announce",
        action="append",
        default=[],
        metavar="NAME",
        help="a host name or IP address at which others reach this computer, where it is not one "
        "of its own: behind a router that passes the port on, say. Can be repeated",
    )
    command.add_argument(
        "--json",
        action="store_true",
        help="one JSON object a line: first its addresses, then each change of what it does",
    )
    limits = command.add_argument_group("limits", "What it gives at most. 0 is no limit where †.")
    counts = (
        ("connections", 256, "peers connected at the same time"),
        ("per-address", 8, "of them, from one IP address"),
        ("reservations", 128, "peers that can be called through it"),
        ("circuits", 64, "pairs of peers it connects at the same time"),
        ("circuits-per-peer", 8, "of them, with the same peer at one end; at most 14"),
        ("records", 1024, "peers of which it tells others where they are, if they told it"),
        ("records-per-address", 64, "of them, told from one IP address"),
        ("circuit-hours", 24, "one pair stays connected, then it has to ask anew †"),
    )
    for name, default, what in counts:
        limits.add_argument(
            f"--{name}",
            type=typed.count,
            default=default,
            metavar="N",
            help=f"{what} (default: %(default)s)",
        )
    limits.add_argument(
        "--circuit-bytes",
        type=typed.size,
        default=256 * 10**9,
        metavar="SIZE",
        help="one pair exchanges, each way, before it has to ask anew † (default: 256GB)",
    )
    limits.add_argument(
        "--bandwidth",
        type=typed.size,
        default=10**7,
        metavar="SIZE",
        help="it passes on in a second, all together † (default: 10MB)",
    )
    kept = command.add_argument_group(
        "keeping",
        "With --keep it also keeps deliveries for buyers who are off line: sealed, nobody but the "
        "buyer can fetch or open them. Without it nothing is kept.",
    )
    kept.add_argument(
        "--keep",
        type=typed.path,
        default=None,
        metavar="DIR",
        help="where they lie; an empty folder, or one of an earlier run",
    )
    for name, _, written, what in KEPT_SIZES:
        kept.add_argument(
            f"--keep-{name}",
            type=typed.size,
            metavar="SIZE",
            help=f"{what}, at most (default: {written})",
        )
    for name, default, what in KEPT_COUNTS:
        kept.add_argument(
            f"--keep-{name}",
            type=typed.count,
            metavar="N",
            help=f"{what} (default: {default})",
        )
    command.set_defaults(run=_run, refuse=command.error)


def _run(options: argparse.Namespace) -> int:
    from p2p.carriers import Address, read_address
    from p2p.limits import CIRCUIT_LEAST_BYTES
    from p2p.neighbours import everywhere
    from p2p.relay import MOST_PER_PEER, Bounds, Relay

    if not 1 <= options.circuits_per_peer <= MOST_PER_PEER:
        options.refuse(f"--circuits-per-peer is a number from 1 to {MOST_PER_PEER}")
    if 0 < options.circuit_bytes < CIRCUIT_LEAST_BYTES:
        options.refuse("--circuit-bytes is at least 4MB: with less no delivery goes on")
    if 0 < options.bandwidth < LEAST_BANDWIDTH:
        options.refuse("--bandwidth is at least 100kB: with less every circuit looks dead")
    least = options.circuits * LEAST_OF_CIRCUIT
    if 0 < options.bandwidth < least:
        options.refuse(
            f"--bandwidth is at least 5kB for each of --circuits, {least // 1000}kB for "
            f"{options.circuits}: with less they look dead while all are at work"
        )
    for name in ("connections", "per_address", "reservations", "circuits"):
        if not getattr(options, name):
            options.refuse(f"--{name.replace('_', '-')} is at least 1")
    listen = everywhere(options.port)
    try:
        if options.host is not None:
            listen = (Address(str(ipaddress.ip_address(options.host)), options.port).multiaddr(),)
    except ValueError:
        options.refuse(f"--host has to be an IP address of this computer, not “{options.host}”")
    announced = [Address(name, options.port).multiaddr() for name in options.announce]
    for name, address in zip(options.announce, announced, strict=True):
        if read_address(address) is None or not options.port:
            options.refuse(f"--announce needs a host name and a --port: “{name}” is not enough")
    bounds = Bounds(
        connections=options.connections,
        per_address=options.per_address,
        reservations=options.reservations,
        circuits=options.circuits,
        circuits_per_peer=options.circuits_per_peer,
        circuit_seconds=options.circuit_hours * 3600,
        circuit_bytes=options.circuit_bytes,
        bytes_per_second=options.bandwidth,
        records=options.records,
        records_per_address=options.records_per_address,
    )
    keeping = _keeping(options)
    with ExitStack() as locks:
        try:
            folder = options.folder
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            _take(locks, folder / "in-use.lock", "--folder")
            seed = _key(folder)
            kept = None
            if keeping is not None:
                folder = keeping.folder
                kept = _kept(keeping, locks)
        except OSError as error:
            print(f"The folder {folder} cannot be used: {error.strerror}.", file=sys.stderr)
            return 1
        except ValueError as error:
            print(error, file=sys.stderr)
            return 1

        import trio

        relay = Relay(seed, bounds, listen=listen, announce=announced, kept=kept)
        return trio.run(_serve, relay, kept, options.json)


def _keeping(options: argparse.Namespace) -> Keeping | None:
    """What it may keep, and where; None if nothing."""
    from p2p.kept_store import Keeping

    defaults = {name: default for name, default, *_ in (*KEPT_SIZES, *KEPT_COUNTS)}
    given = {name: getattr(options, f"keep_{name.replace('-', '_')}") for name in defaults}
    if options.keep is None:
        for name, value in given.items():
            if value is not None:
                options.refuse(f"--keep-{name} needs --keep DIR: without it nothing is kept")
        return None
    chosen = {name: defaults[name] if value is None else value for name, value in given.items()}
    sizes = {name: chosen[name] for name, *_ in KEPT_SIZES}
    counts = {name: chosen[name] for name, *_ in KEPT_COUNTS}
    for name, count in counts.items():
        if not count:
            options.refuse(f"--keep-{name} is at least 1")
    for name, size in sizes.items():
        if size < LEAST_KEPT:
            options.refuse(f"--keep-{name} is at least 2MB: a part is 1 MiB")
    least = min((name for name in sizes if name != "largest"), key=sizes.__getitem__)
    if sizes["largest"] > sizes[least]:
        if given["largest"] is not None:
            options.refuse(
                f"--keep-largest is more than --keep-{least} ({_size(sizes[least])}): no parcel of "
                "that size would be taken. Give less, or raise the other"
            )
        sizes["largest"] = sizes[least]
    return Keeping(
        options.keep,
        quota_bytes=sizes["quota"],
        per_peer_bytes=sizes["per-peer"],
        per_address_bytes=sizes["per-address"],
        parcel_bytes=sizes["largest"],
        seconds=counts["days"] * 86_400,
        parcels=counts["parcels"],
        parcels_per_peer=counts["parcels-per-peer"],
        parcels_per_address=counts["parcels-per-address"],
        at_once=counts["at-once"],
        at_once_per_peer=counts["at-once-per-peer"],
        unfinished_seconds=counts["unfinished-hours"] * 3600,
    )


def _kept(keeping: Keeping, locks: ExitStack) -> KeptStore:
    """What is kept for others, with what earlier runs have. OSError: not in that folder;
    ValueError: it is not one of ours, or another relay has it."""
    from p2p.kept_store import LOCK, KeptStore, stranger
    from p2p.manifest import shown

    folder = keeping.folder
    strange = stranger(folder)
    if strange is not None:
        raise ValueError(
            f"The folder {folder} has something else in it ({shown(strange)}): name an empty one "
            "with --keep, or one of an earlier run."
        )
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    _take(locks, folder / LOCK, "--keep")
    store = KeptStore(keeping)
    free = shutil.disk_usage(folder).free + store.used_bytes
    if free < keeping.quota_bytes:
        print(
            f"The disk of {folder} has room for {_size(free)} of the {_size(keeping.quota_bytes)} "
            "of --keep-quota: when it is full, no parcel is taken.",
            file=sys.stderr,
            flush=True,
        )
    return store


def _take(locks: ExitStack, path: Path, option: str) -> None:
    """Lock a folder for this relay until ``locks`` end. ValueError: another one has it."""
    from filelock import FileLock, Timeout

    try:
        locks.enter_context(FileLock(path, timeout=0))
    except Timeout:
        raise ValueError(
            f"Another relay uses the folder {path.parent}: end that one, or name another folder "
            f"with {option}."
        ) from None


def _key(folder: Path) -> bytes:
    """The relay's ed25519 seed of 32 bytes, drawn on first use and kept for its user only (mode
    0600). OSError if it cannot be read or written, ValueError if the file is damaged."""
    import secrets

    from chain.private_file import write_private

    path = folder / "relay.key"
    if not path.exists():
        write_private(path, secrets.token_bytes(32).hex().encode() + b"\n")
    try:
        key = bytes.fromhex(path.read_bytes()[:200].decode("ascii").strip())
    except ValueError:
        key = b""
    if len(key) != 32:
        raise ValueError(
            f"The relay's key in {path} is damaged: remove it to begin with a new one. Its address "
            "is another one then."
        )
    return key


async def _serve(relay: Relay, kept: KeptStore | None, as_json: bool) -> int:
    """Until interrupted; the exit code."""
    import trio

    from p2p.errors import Unreachable

    with trio.open_signal_receiver(signal.SIGINT, signal.SIGTERM) as signals:
        async with trio.open_nursery() as nursery:
            try:
                await nursery.start(relay.run)
            except Unreachable as error:
                print(error.reason.replace(" in Settings", " with --port"), file=sys.stderr)
                return 1
            nursery.start_soon(relay.tidy)
            _show_addresses(relay, as_json)
            if kept is not None and not as_json:
                _show_keeping(kept)
            nursery.start_soon(_show_doing, relay, as_json)
            await anext(aiter(signals))
            nursery.cancel_scope.cancel()
    return 0


def _show_addresses(relay: Relay, as_json: bool) -> None:
    if as_json:
        print(json.dumps({"peer_id": relay.peer_id, "addresses": relay.addresses}), flush=True)
        return
    for address in relay.addresses:
        print(f"Address     {address}", flush=True)
    private = [_is_private(address) for address in relay.addresses]
    if all(private):
        print(
            "            Only computers on the same network reach it there. If a router passes the "
            "port on, name this computer as others see it: --announce NAME",
            flush=True,
        )


def _show_keeping(kept: KeptStore) -> None:
    keeping = kept.keeping
    print(
        f"Keeps       up to {_size(keeping.quota_bytes)} in {keeping.folder}, "
        f"{_size(keeping.per_peer_bytes)} of one peer, "
        f"{_size(keeping.per_address_bytes)} of one IP address, "
        f"{_size(keeping.parcel_bytes)} a parcel, for "
        f"{keeping.seconds // 86_400} days",
        flush=True,
    )


def _size(count: int) -> str:
    return f"{count / 10**9:,.1f} GB" if count >= 10**9 else f"{count / 10**6:,.0f} MB"


def _is_private(address: str) -> bool:
    try:
        return ipaddress.ip_address(address.split("/")[2].partition("%")[0]).is_private
    except ValueError:  # a name: somebody announced it
        return False


async def _show_doing(relay: Relay, as_json: bool) -> None:
    """What it does, whenever that changed; bytes of a circuit that goes on are no news."""
    import trio

    shown = None
    while True:
        doing = relay.doing
        passed = 0 if doing.circuits else doing.passed_bytes
        news = (
            doing.connections,
            doing.reservations,
            doing.circuits,
            doing.records,
            passed,
            doing.kept_bytes,
        )
        if news != shown:
            shown = news
            values = {
                "connections": doing.connections,
                "reservations": doing.reservations,
                "circuits": doing.circuits,
                "records": doing.records,
                "passed_bytes": doing.passed_bytes,
                "parcels": doing.parcels,
                "kept_bytes": doing.kept_bytes,
            }
            if as_json:
                print(json.dumps(values), flush=True)
            else:
                print("  ".join(f"{name}={n}" for name, n in values.items()), flush=True)
        await trio.sleep(SHOWN_AGAIN_SECONDS)
