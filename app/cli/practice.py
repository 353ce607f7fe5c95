"""``lading practice``: the practice network of this computer."""

from __future__ import annotations

import argparse
import json
import sys
from typing import Any

from app.cli.interrupted import Interrupted
from app.config import practice_folder


def add(commands: argparse._SubParsersAction[Any]) -> None:
    command = commands.add_parser(
        "practice",
        help="run or look at the practice network",
        description="The practice network is a real chain on this computer where nothing costs "
        "money. Every window that needs it starts it; this command keeps it running until it is "
        "interrupted, or shows its state.",
    )
    command.add_argument("--status", action="store_true", help="only show whether it runs")
    command.add_argument("--json", action="store_true", help="one JSON object on standard output")
    command.set_defaults(run=_run)


def _run(options: argparse.Namespace) -> int:
    from chain.errors import ChainError
    from chain.practice import Practice

    practice = Practice(practice_folder())
    if options.status:
        _show(practice.status(), options.json)
        return 0
    over = Interrupted()
    try:
        network = practice.join()
    except ChainError as error:
        print(error, file=sys.stderr)
        return 1
    try:
        _show(practice.status() | network.to_json(), options.json)
        while not over.wait(2.0):
            practice.ensure()
    finally:
        practice.leave()
    return 0


def _show(values: dict[str, Any], as_json: bool) -> None:
    if as_json:
        print(json.dumps(values), flush=True)
        return
    for name, value in values.items():
        print(f"{name:<18}  {value}", flush=True)
