"""`python -m chain.contracts --write | --check`: compile the contracts, or prove the artifacts.

Needs the pinned Vyper compiler, which only developers install. The compiler's own metadata is
left out of the bytecode, so that a comment does not change an address (CREATE2 hashes the code).
"""

import argparse
import importlib.util
import json
import subprocess
import sys
from typing import Any

from chain.contracts import ARTIFACTS, DEPLOYABLES, SOURCES

COMPILER = "0.4.3"


class CompilationError(Exception):
    """The contracts cannot be compiled here; the text says why and what to do."""


def _vyper(*arguments: str) -> str:
    """Run the compiler beside this interpreter on `arguments`; its standard output."""
    if importlib.util.find_spec("vyper") is None:
        raise CompilationError(
            f"Vyper {COMPILER} is not installed here. Install the development dependencies."
        )
    run = subprocess.run(
        [sys.executable, "-m", "vyper", *arguments],
        cwd=SOURCES,
        capture_output=True,
        text=True,
        check=False,
    )
    if run.returncode != 0:
        raise CompilationError(run.stderr.strip())
    return run.stdout


def compile_all() -> dict[str, str]:
    """The text of every artifact by contract name: JSON with sorted keys and a final newline.

    Raises CompilationError; a warning of the compiler counts as an error.
    """
    version = _vyper("--version").strip()
    if version.split("+")[0] != COMPILER:
        raise CompilationError(f"Vyper {version} is installed; the contracts need {COMPILER}.")
    sources = [f"{name}.vy" for name in DEPLOYABLES]
    strict = ["-W", "error", "--no-bytecode-metadata", "--disable-sys-path", "-p", "."]
    lines = _vyper("-f", "abi,bytecode,settings", *strict, *sources).splitlines()
    if len(lines) != 3 * len(DEPLOYABLES):
        raise CompilationError(f"Vyper wrote {len(lines)} lines for {len(DEPLOYABLES)} contracts.")
    artifacts = {}
    outputs = zip(DEPLOYABLES, lines[::3], lines[1::3], lines[2::3], strict=True)
    for name, abi, bytecode, settings in outputs:
        document: dict[str, Any] = {
            "abi": json.loads(abi),
            "bytecode": bytecode,
            "compiler": f"vyper {version}",
            "contract": name,
            "settings": json.loads(settings) | {"bytecode_metadata": False},
        }
        artifacts[name] = json.dumps(document, indent=1, sort_keys=True) + "\n"
    return artifacts


def main(arguments: list[str] | None = None) -> int:
    """Exit status: 0 written or equal, 1 different or not compiled."""
    parser = argparse.ArgumentParser(prog="python -m chain.contracts", description=__doc__)
    mode = parser.add_mutually_exclusive_group(required=True)
    mode.add_argument("--write", action="store_true", help="compile and write chain/artifacts")
    mode.add_argument("--check", action="store_true", help="compile and compare with them")
    chosen = parser.parse_args(arguments)
    try:
        compiled = compile_all()
    except CompilationError as error:
        print(error, file=sys.stderr)
        return 1
    different = []
    for name, text in compiled.items():
        path = ARTIFACTS / f"{name}.json"
        if chosen.write:
            path.parent.mkdir(exist_ok=True)
            path.write_text(text, encoding="utf-8")
        elif not path.exists() or path.read_text(encoding="utf-8") != text:
            different.append(name)
    if different:
        print(
            f"chain/artifacts differ from the sources: {', '.join(different)}. "
            "Run `python -m chain.contracts --write` and commit the result.",
            file=sys.stderr,
        )
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
