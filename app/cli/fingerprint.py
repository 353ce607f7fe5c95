"""``lading fingerprint``: what a file or folder is called on the record."""

from __future__ import annotations

import argparse
import json
import secrets
import sys
import tempfile
from pathlib import Path
from typing import Any

from app.cli import typed


def add(commands: argparse._SubParsersAction[Any]) -> None:
    command = commands.add_parser(
        "fingerprint",
        help="content id and root of a file or folder",
        description="Read a file or folder once and print its content id (BLAKE3, what b3sum "
        "prints for one file) and its root. The root depends on the salt key: two registrations "
        "of the same data have the same content id and different roots.",
    )
    command.add_argument("path", type=typed.path, metavar="PATH")
    command.add_argument(
        "--salt-key", metavar="HEX", help="32 bytes in hex; without it a random key is used"
    )
    command.add_argument("--json", action="store_true", help="one JSON object on standard output")
    command.set_defaults(run=_run)


def _run(options: argparse.Namespace) -> int:
    from p2p.errors import ContentError
    from p2p.fingerprint import fingerprint

    try:
        given = options.salt_key
        key = secrets.token_bytes(32) if given is None else bytes.fromhex(given)
        if len(key) != 32:
            raise ValueError
    except ValueError:
        print("The salt key must be 32 bytes: 64 hexadecimal digits.", file=sys.stderr)
        return 2
    with tempfile.TemporaryDirectory() as folder:
        try:
            found = fingerprint(
                options.path,
                key,
                Path(folder) / "leaves",
                progress=lambda done, total: None,
                cancelled=lambda: False,
            ).fingerprint
        except ContentError as error:
            print(error, file=sys.stderr)
            return 1
    values = {
        "content_id": found.content_id.hex(),
        "root": found.root.hex(),
        "records": found.records,
        "length": found.length,
    }
    if options.json:
        print(json.dumps(values))
    else:
        for name, value in values.items():
            print(f"{name:<10}  {value}")
    return 0
