"""Mutants that no test can kill, each with the reason: `equivalents.json`."""

import json
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Equivalent:
    """A mutant, named as in `Mutant.name`, and why the program still does the same."""

    file: str
    scope: str
    before: str
    after: str
    reason: str

    @property
    def name(self) -> tuple[str, str, str, str]:
        return (self.file, self.scope, self.before, self.after)


def equivalents() -> list[Equivalent]:
    entries = json.loads(Path(__file__).with_name("equivalents.json").read_text(encoding="utf-8"))
    return [Equivalent(**entry) for entry in entries]
