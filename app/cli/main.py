"""The command line: which part of Lading to start. Each command is a module with its own help."""

from __future__ import annotations

import argparse
import errno
import logging
import os
import sys
from collections.abc import Sequence

from app.cli import typed
from app.config import default_profile


def parser() -> argparse.ArgumentParser:
    """All commands; each sets ``run``, a function of the parsed arguments to an exit code."""
    from app.cli import demo, deploy, fingerprint, node, practice, relay

    top = argparse.ArgumentParser(
        prog="lading",
        description="Sell data from your desktop: no server, nobody to trust. Without a command "
        "the window opens.",
    )
    top.add_argument(
        "--profile",
        type=typed.path,
        default=default_profile(),
        metavar="DIR",
        help="the folder of the identity to open (default: %(default)s)",
    )
    top.add_argument(
        "--log",
        choices=("debug", "info", "warning", "error"),
        default="warning",
        help="how much goes to standard error (default: %(default)s)",
    )
    top.set_defaults(run=_window)
    commands = top.add_subparsers(title="commands", metavar="COMMAND")
    for module in (demo, practice, node, relay, fingerprint, deploy):
        module.add(commands)
    return top


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command in ``arguments`` (default: the process's own); the exit code."""
    options = parser().parse_args(arguments)
    logging.basicConfig(
        level=options.log.upper(),
        stream=sys.stderr,
        format="%(asctime)s %(levelname)s %(name)s: %(message)s",
    )
    # Libraries write bytes of peers and chains at this level; ours is enough.
    for noisy in ("libp2p", "web3", "urllib3", "asyncio", "multiaddr", "alembic"):
        logging.getLogger(noisy).setLevel(logging.ERROR)
    try:
        code: int = options.run(options)
        if sys.stdout is not None:  # None: it was closed before we began
            sys.stdout.flush()
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:
        # Whoever read our output has gone; nothing more can be said, not even at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    except OSError as error:
        if error.errno != errno.ENOSPC:
            raise
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        print("The disk is full. Free some space and try again.", file=sys.stderr)
        return 1
    return code


def _window(options: argparse.Namespace) -> int:
    from app.cli import screen

    if not screen.is_there():
        print(
            "There is no screen here. `lading node` runs a profile without a window, "
            "`lading demo --headless` shows a trade.",
            file=sys.stderr,
        )
        return 1
    from app.cli.window import open_window

    return open_window(options.profile)
