"""``lading deploy``: put the contracts on a chain and write the network file others import."""

from __future__ import annotations

import argparse
import json
import os
import sys
from typing import Any

from app.cli import typed


def add(commands: argparse._SubParsersAction[Any]) -> None:
    command = commands.add_parser(
        "deploy",
        help="deploy both contracts to a chain, write its network file",
        description="Deploy Registry and Exchange at the addresses they have on every chain and "
        "write a network file. Anybody may do it; doing it again changes and costs nothing. "
        "The key of the account that pays the fees is read from a file descriptor or the "
        "environment, never from the command line.",
    )
    command.add_argument("--rpc", required=True, metavar="URL", help="the chain's RPC address")
    command.add_argument("--name", required=True, help="what people call the network")
    command.add_argument(
        "--out", type=typed.path, required=True, metavar="FILE", help="network file"
    )
    command.add_argument(
        "--key-fd",
        type=int,
        metavar="N",
        help="read the paying account's key (hex) from this file descriptor; "
        "default: the environment variable LADING_DEPLOY_KEY",
    )
    command.add_argument(
        "--confirmations",
        type=int,
        metavar="N",
        help="blocks until an entry is final (default: 12, on a training network 2)",
    )
    command.add_argument(
        "--token",
        action="append",
        default=[],
        metavar="ADDRESS",
        help="an ERC-20 currency prices can be in; may be repeated",
    )
    command.add_argument(
        "--coin",
        default="ETH",
        metavar="SYMBOL",
        help="what the chain's own coin is called (default: %(default)s)",
    )
    command.add_argument(
        "--free-gas",
        action="store_true",
        help="a consortium chain that takes transactions without a fee",
    )
    command.add_argument(
        "--practice",
        action="store_true",
        help="a training network: a practice dollar is deployed too, waiting "
        "times may be short, nothing on it is worth money",
    )
    command.add_argument("--json", action="store_true", help="one JSON object on standard output")
    command.set_defaults(run=_run)


def _run(options: argparse.Namespace) -> int:
    from chain.address import parse_address
    from chain.deploy import deploy
    from chain.errors import ChainError

    try:
        network = deploy(
            _endpoint(options.rpc),
            _key(options.key_fd),
            options.name,
            practice=options.practice,
            tokens=tuple(parse_address(token) for token in options.token),
            confirmations=options.confirmations,
            fee_symbol=options.coin,
            free_gas=options.free_gas,
        )
    except (ChainError, ValueError) as error:
        print(error, file=sys.stderr)
        return 1
    try:
        network.save(options.out)
    except OSError as error:
        print(
            f"The contracts are in place, but {options.out} cannot be written: {error.strerror}. "
            "Name another file with --out.",
            file=sys.stderr,
        )
        return 1
    if options.json:
        print(json.dumps({"network_file": str(options.out), **network.to_json()}))
    else:
        print(
            f"registry  {network.registry}\nexchange  {network.exchange}\nfile      {options.out}"
        )
    return 0


def _endpoint(url: str) -> str:
    from chain.network import check_url

    try:
        check_url(url)
    except ValueError as error:
        raise ValueError(
            f"What --rpc names is no endpoint of a chain: {error}. Nothing was deployed; ask "
            "whoever runs the chain for its RPC address."
        ) from None
    return url


def _key(fd: int | None) -> bytes | None:
    """The paying account's key; None if nobody named one, which is enough for what is there."""
    if fd is None:
        text = os.environ.get("LADING_DEPLOY_KEY")
        if text is None:
            return None
    else:
        try:
            with os.fdopen(fd, errors="replace") as file:
                text = file.read(200)
        except OSError as error:
            raise ValueError(
                f"The key cannot be read from file descriptor {fd}: {error.strerror}."
            ) from None
    try:
        key = bytes.fromhex(text.strip().removeprefix("0x"))
    except ValueError:
        key = b""
    if len(key) != 32:
        raise ValueError("The paying account's key must be 32 bytes: 64 hexadecimal digits.")
    return key
