"""``lading node``: the engine without a window, for a computer that is always on."""

from __future__ import annotations

import argparse
import json
import os
import signal
import sys
from typing import Any

from app.cli import typed
from app.config import default_profile, practice_folder, watch_folder


def add(commands: argparse._SubParsersAction[Any]) -> None:
    command = commands.add_parser(
        "node",
        help="run a profile without a window",
        description="Open a profile, unlock it and do by itself what needs no decision: "
        "deliveries, keys, receipts, deadlines. Notices go to standard error. With --watch no "
        "profile is opened: this computer looks after orders that a buyer's app on another one "
        "hands over, and can do nothing for it but complain and refund.",
    )
    command.add_argument(
        "--password-fd",
        type=int,
        metavar="N",
        help="read the password from this file descriptor (one line); needed without --watch",
    )
    command.add_argument(
        "--profile",
        type=typed.path,
        default=argparse.SUPPRESS,  # what was said before the command's name stays
        metavar="DIR",
        help="the folder of the identity to open; with --watch, that of the parcels",
    )
    command.add_argument(
        "--watch", action="store_true", help="watch over the orders of another computer"
    )
    command.add_argument(
        "--code",
        action="store_true",
        help="with --watch: only print the code that the buyer's app asks for",
    )
    command.add_argument(
        "--json", action="store_true", help="one JSON object a line for each change of state"
    )
    command.set_defaults(run=_run, refuse=command.error)


def _run(options: argparse.Namespace) -> int:
    if options.watch:
        from app.cli.watch import show_code, watch

        named = options.profile != default_profile()
        folder = options.profile if named else watch_folder()
        return show_code(folder) if options.code else watch(folder, options.json)
    if options.password_fd is None or options.code:
        options.refuse("name the password's file descriptor with --password-fd, or use --watch")
    try:
        with os.fdopen(options.password_fd) as file:
            password = file.readline(1024).rstrip("\r\n")
    except (OSError, ValueError):
        print(
            f"The password cannot be read from file descriptor {options.password_fd}: nothing is "
            "open there, or it is not text.",
            file=sys.stderr,
        )
        return 2

    import trio

    from app.domain.commands import Unlock
    from app.domain.errors import RuleError
    from app.domain.snapshots.shell import FirstRunSnapshot, Notice, ShellSnapshot
    from app.engine.engine import Engine
    from app.store.database import StoreError

    refused: list[Notice] = []

    def told(message: object) -> None:
        if isinstance(message, Notice):
            print(f"{message.kind}: {message.cause}", file=sys.stderr, flush=True)
            if message.code in ("wrong_password", "identity.damaged"):
                refused.append(message)
                engine.stop()
        elif isinstance(message, FirstRunSnapshot) and message.step == "welcome":
            refused.append(Notice("rule", "identity.none", ""))
            print("There is no identity in this profile.", file=sys.stderr, flush=True)
            engine.stop()
        elif isinstance(message, ShellSnapshot):
            _show(message, options.json)

    try:
        engine = Engine(options.profile, told, practice_folder=practice_folder())
    except (RuleError, StoreError) as error:
        print(error, file=sys.stderr)
        return 1
    engine.ask(Unlock(password))

    async def main() -> None:
        async with trio.open_nursery() as nursery:
            nursery.start_soon(_stop_on_signal, engine)
            await engine.run()
            nursery.cancel_scope.cancel()

    trio.run(main)
    return 1 if refused else 0


async def _stop_on_signal(engine: Any) -> None:
    import trio

    with trio.open_signal_receiver(signal.SIGINT, signal.SIGTERM) as signals:
        async for _ in signals:
            engine.stop()
            return


def _show(shell: Any, as_json: bool) -> None:
    state = {
        "name": shell.name,
        "identity": shell.code,
        "connection": shell.connection,
        "chain": shell.chain,
        "network": shell.network,
        "needs_you": shell.needs_you,
        "locked": shell.locked,
    }
    if as_json:
        print(json.dumps(state), flush=True)
    else:
        print("  ".join(f"{name}={value}" for name, value in state.items()), flush=True)
