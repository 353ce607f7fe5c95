"""``lading demo``: an owner and a buyer trade a real dataset on this computer."""

from __future__ import annotations

import argparse
import json
import os
import signal
import sys
import tempfile
import time
from pathlib import Path
from typing import Any, NoReturn

from app.cli import screen, typed
from app.config import practice_folder

SAMPLE = ("samples", "nyc-hourly-weather-2013.csv")


def add(commands: argparse._SubParsersAction[Any]) -> None:
    command = commands.add_parser(
        "demo",
        help="watch an owner and a buyer trade a real dataset",
        description="Two people, two profiles, one practice network. With windows you play both "
        "and a line in each says what to do next; with --headless the same trade runs by itself, "
        "in two processes that talk over loopback.",
    )
    command.add_argument("--headless", action="store_true", help="without windows, by itself")
    command.add_argument(
        "--data",
        type=typed.path,
        metavar="PATH",
        help="the file or folder to trade (default: a dataset that comes along)",
    )
    command.add_argument(
        "--out",
        type=typed.path,
        metavar="DIR",
        help="where the two profiles go (default: a new temporary folder)",
    )
    command.add_argument(
        "--json",
        action="store_true",
        help="with --headless: one JSON object a line on standard output",
    )
    command.set_defaults(run=_run)


def _run(options: argparse.Namespace) -> int:
    if options.json and not options.headless:
        print("--json goes with --headless: windows print nothing.", file=sys.stderr)
        return 2
    if not options.headless and not screen.is_there():
        print("There is no screen here. Add --headless.", file=sys.stderr)
        return 1
    if problem := options.data and _unusable(options.data):
        print(problem, file=sys.stderr)
        return 2
    folder = options.out or Path(tempfile.mkdtemp(prefix="lading-demo-"))
    try:
        if options.headless and any((folder / name).exists() for name in ("owner", "buyer")):
            print(
                f"An earlier demo's profiles are in {folder}. Name another folder with --out.",
                file=sys.stderr,
            )
            return 2
        folder.mkdir(parents=True, exist_ok=True)
        data = options.data or _sample(folder)
    except OSError as error:
        print(f"The demo cannot use the folder {folder}: {error.strerror}.", file=sys.stderr)
        return 2
    if options.headless:
        return _headless(folder, data, options)
    from app.cli.windows import two_windows

    return two_windows(folder, data)


def _unusable(data: Path) -> str:
    """Why this cannot be traded, before anybody is made to wait for it; empty if it can."""
    from p2p.errors import ContentError
    from p2p.fingerprint import scan

    try:
        scan(data)
    except ContentError as error:
        return str(error)
    return ""


def _sample(folder: Path) -> Path:
    """The shipped dataset as a file that can be dropped on a window."""
    from resources import resource

    path = folder / SAMPLE[-1]
    if not path.exists():
        path.write_bytes(resource(*SAMPLE).read_bytes())
    return path


def _headless(folder: Path, data: Path, options: argparse.Namespace) -> int:
    from app.cli import story
    from app.cli.person import Gone
    from chain.errors import ChainError

    def report(step: dict[str, Any]) -> None:
        if options.json:
            print(json.dumps(step), flush=True)
        else:
            _tell(step)

    own_network = os.environ.get("LADING_PRACTICE")
    place = Path(own_network) if own_network else practice_folder()
    started = time.monotonic()
    signal.signal(signal.SIGTERM, _leave)
    try:
        with story.two_people(folder, place, options.log) as (owner, buyer):
            story.enter_together({owner: "Nordhaven Energy", buyer: "Baltic Grid Analytics"})
            outcome = story.trade(owner, buyer, data, report)
            # Two apps say so; what counts is what the contract keeps.
            confirmed = story.is_confirmed(place, outcome.order_id)
    except (Gone, ChainError) as error:
        print(error, file=sys.stderr)
        return 1
    same = story.same_files(data, outcome.delivered)
    report(
        {
            "step": "done",
            "delivered": str(outcome.delivered),
            "content_id": outcome.content_id,
            "order_id": outcome.order_id,
            "gas": outcome.gas,
            "seconds": round(time.monotonic() - started, 2),
            "same": same,
            "confirmed": confirmed,
        }
    )
    return 0 if same and confirmed else 1


def _leave(number: int, frame: object) -> NoReturn:
    """Let what is open be closed: two people, and with the last of them the practice network."""
    sys.exit(128 + number)


WORDS = {
    "commit": "The owner commits to a registration",
    "register": "The owner's right to the data is on record",
    "request": "The buyer asks for an offer",
    "offer": "The owner signs the offer",
    "fund": "The buyer signs by paying into holding",
    "deliver": "Every sealed part is on the buyer's disk",
    "receipt": "The buyer signs for what it holds",
    "key": "The owner gives the key",
    "confirm": "The buyer checked every record, releases the payment and rates",
}


def _tell(step: dict[str, Any]) -> None:
    if step["step"] == "done":
        print(f"\nDelivered to   {step['delivered']}")
        print(f"Content id     {step['content_id']}")
        print(f"Order id       {step['order_id']}")
        print(f"Gas            {', '.join(f'{k} {v:,}' for k, v in step['gas'].items())}")
        print(f"Time           {step['seconds']} s")
        print("The files are the same." if step["same"] else "THE FILES DIFFER.")
        on_record = "says" if step["confirmed"] else "DOES NOT SAY"
        print(f"The contract {on_record} confirmed and rated.", flush=True)
        return
    entry = f"{step['tx']}  {step['gas']:,} gas" if step["tx"] else "between the two computers"
    print(f"{WORDS[step['step']]:<66} {entry}", flush=True)
