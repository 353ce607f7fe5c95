"""The contracts as compiled: what the rest of the product needs to call and to deploy them.

The sources beside this file are Vyper; `python -m chain.contracts --write` compiles them into
`chain/artifacts`, which is committed, so that running Lading needs no compiler.
"""

import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

SOURCES = Path(__file__).resolve().parent
ARTIFACTS = SOURCES.parent / "artifacts"
DEPLOYABLES = ("Registry", "Exchange", "PracticeDollar")


@dataclass(frozen=True, slots=True)
class Artifact:
    """One deployable contract: its name, its JSON ABI and its creation code without arguments."""

    name: str
    abi: tuple[dict[str, Any], ...]
    bytecode: bytes


@cache
def artifact(name: str) -> Artifact:
    """Read the committed artifact of one of `DEPLOYABLES`; KeyError for any other name."""
    if name not in DEPLOYABLES:
        raise KeyError(name)
    document = json.loads((ARTIFACTS / f"{name}.json").read_text(encoding="utf-8"))
    bytecode = bytes.fromhex(document["bytecode"].removeprefix("0x"))
    return Artifact(name=name, abi=tuple(document["abi"]), bytecode=bytecode)
