"""python -m tests.mutation: mutate the contracts and the verifiers, and see that tests notice.

    python -m tests.mutation                          everything
    python -m tests.mutation merkle.vy complain       files and functions whose name says so
    python -m tests.mutation --every 20               each twentieth mutant, for a quick look
    python -m tests.mutation --list complain          what would be done, without doing it

Ends with 1 if a share is missed; survivors that are not in `equivalents.json` are printed.
"""

import argparse
import importlib
import os
import sys
import time
from collections import Counter, defaultdict

from tests.mutation.equivalents import equivalents
from tests.mutation.operators import Mutant, unchanged
from tests.mutation.running import Fate, run_all
from tests.mutation.targets import PYTHON, TARGETS, VYPER, judge, originals


def chosen(words: list[str], every: int, offset: int = 0) -> list[Mutant]:
    """Mutants of files or scopes that one of the words names (all without words)."""
    found = [
        mutant
        for target in (*VYPER, *PYTHON)
        for mutant in target.mutants()
        if not words or any(word in mutant.file or word == mutant.scope for word in words)
    ]
    return found[offset % every :: every]


def prepare() -> None:
    """Import and compile, once, what every child would otherwise do for itself."""
    for name in ("pytest", "hypothesis", "chain.deploy", "chain.gateway", "p2p.unsealing"):
        importlib.import_module(name)
    originals()


def run(found: list[Mutant], jobs: int, say: bool = True) -> tuple[list[Mutant], Counter[str]]:
    """(survivors without an excuse, how many of each fate) after judging them all."""
    for ended in run_all([unchanged(file) for file in {m.file for m in found}], judge, jobs):
        if ended.fate != Fate.SURVIVED:
            raise SystemExit(f"{ended.mutant.file} fails its tests as it is: nothing to learn")
    excused = {entry.name for entry in equivalents()}
    survivors: list[Mutant] = []
    counts: Counter[str] = Counter()
    for number, ended in enumerate(run_all(found, judge, jobs), start=1):
        if say and number % 25 == 0:
            print(f"{number} of {len(found)}: {dict(counts)}", flush=True)
        known = ended.mutant.name in excused
        counts["equivalent" if known and ended.fate == Fate.SURVIVED else ended.fate.name] += 1
        if ended.fate == Fate.SURVIVED and not known:
            survivors.append(ended.mutant)
            if say:
                print(f"survived after {ended.seconds:.0f} s: {ended.mutant}", flush=True)
    return survivors, counts


def missed(found: list[Mutant], survivors: list[Mutant]) -> list[str]:
    """Which shares are missed: those of whole files, and of functions that must be exact."""
    problems = []
    left = Counter(mutant.file for mutant in survivors)
    made = Counter(mutant.file for mutant in found)
    for file, count in left.items():
        if 1 - count / made[file] < TARGETS[file].share:
            problems.append(f"{file}: {count} of {made[file]} survived")
    exact = defaultdict(int)
    for mutant in survivors:
        if mutant.scope in TARGETS[mutant.file].exact:
            exact[mutant.file, mutant.scope] += 1
    problems += [f"{file} {scope}: {count} survived" for (file, scope), count in exact.items()]
    return problems


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.mutation")
    parser.add_argument("words", nargs="*")
    parser.add_argument("--every", type=int, default=1)
    parser.add_argument("--offset", type=int, default=0)
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--list", action="store_true")
    asked = parser.parse_args()
    found = chosen(asked.words, asked.every, asked.offset)
    if asked.list:
        print(*found, sep="\n")
        return 0
    begun = time.monotonic()
    prepare()
    survivors, counts = run(found, asked.jobs)
    parts = ", ".join(f"{count} {name.lower()}" for name, count in sorted(counts.items()))
    print(f"{len(found)} mutants in {time.monotonic() - begun:.0f} s: {parts}")
    problems = missed(found, survivors)
    print(*problems, sep="\n", end="\n" if problems else "")
    return bool(problems)


if __name__ == "__main__":
    sys.exit(main())
