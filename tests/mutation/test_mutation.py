"""The mutator itself; the list of equivalent mutants; and a sample of mutants, which must die.

All of them: `python -m tests.mutation` (see the README of tests).
"""

import ast
import subprocess
import sys
from collections import Counter

import pytest

from tests.counts import JUDGED, PROVE
from tests.mutation.equivalents import equivalents
from tests.mutation.operators import Mutant, as_python, mutants
from tests.mutation.running import ROOT
from tests.mutation.targets import TARGETS

VYPER = b"""
# pragma nonreentrancy on
struct Offer:
    owner: address

event Paid:
    owner: address

LIMIT: constant(uint256) = 5

@internal
def pay(offer: Offer, a: uint256, b: uint256) -> bool:
    \"\"\"Says 7 and 8.\"\"\"
    assert a < LIMIT and b != 0, "why 9"
    done: bool = extcall Token(offer.owner).move(a, b)
    log Paid(owner=offer.owner)
    for i: uint256 in range(3):
        self.kept = a + b
    self.sum = unsafe_add(a, b)
    self.kept = unsafe_sub(a, b)
    h: bytes32 = sha256(concat(x"01", b"lading/s"))
    return done
"""


def after(source: bytes, file: str, operator: str) -> set[str]:
    return {m.after for m in mutants(file, source) if m.operator == operator}


def test_vyper_is_read_as_python_of_the_same_length() -> None:
    text = as_python(VYPER)
    assert len(text) == len(VYPER)
    assert [i for i, byte in enumerate(VYPER) if byte == 10] == [
        i for i, byte in enumerate(text) if byte == 10
    ]
    ast.parse(text)


def test_operators_on_vyper() -> None:
    assert after(VYPER, "a.vy", "pragma") == {"# pragma nonreentrancy off"}
    assert after(VYPER, "a.vy", "drop") == {
        "pass",
        "done: bool = empty(bool)",
        "h: bytes32 = empty(bytes32)",
    }
    assert after(VYPER, "a.vy", "true") == {
        'assert True and b != 0, "why 9"',
        'assert a < LIMIT and True, "why 9"',
        "return True",
    }
    assert after(VYPER, "a.vy", "false") == {"return False"}
    assert after(VYPER, "a.vy", "compare") == {
        'assert a <= LIMIT and b != 0, "why 9"',
        'assert a >= LIMIT and b != 0, "why 9"',
        'assert a < LIMIT and b == 0, "why 9"',
    }
    assert after(VYPER, "a.vy", "logic") == {'assert a < LIMIT or b != 0, "why 9"'}
    assert after(VYPER, "a.vy", "constant") == {
        "LIMIT: constant(uint256) = 6",
        "LIMIT: constant(uint256) = 4",
        'assert a < LIMIT and b != 1, "why 9"',
        'assert a < LIMIT and b != -1, "why 9"',
        "for i: uint256 in range(4):",
        "for i: uint256 in range(2):",
    }
    assert after(VYPER, "a.vy", "prefix") == {
        'h: bytes32 = sha256(concat(x"11", b"lading/s"))',
        'h: bytes32 = sha256(concat(x"01", b"Xading/s"))',
    }
    assert after(VYPER, "a.vy", "swap") == {
        "done: bool = extcall Token(offer.owner).move(b, a)",
        "self.kept = unsafe_sub(b, a)",
        'h: bytes32 = sha256(concat(b"lading/s", x"01"))',
    }
    assert "log Paid(owner=offer.buyer)" in after(VYPER, "a.vy", "name")
    assert after(VYPER, "a.vy", "arithmetic") == {"self.kept = a - b"}


PYTHON = b'''
def verify(a: bytes, path: list[bytes]) -> bool:
    """Says 7."""
    if len(a) != 32 or not all(path):
        raise ValueError("a hash has 32 bytes")
    try:
        return check(a, path, b"\\x00") == 1 << 2
    except ValueError:
        return False
'''


def test_operators_on_python() -> None:
    assert after(PYTHON, "a.py", "drop") == {"pass"}
    assert "if True:" in after(PYTHON, "a.py", "true")
    assert "if False or not all(path):" in after(PYTHON, "a.py", "false")
    assert "if len(a) != 32 or False:" in after(PYTHON, "a.py", "false")
    assert "return True" in after(PYTHON, "a.py", "true")
    assert "if len(a) == 32 or not all(path):" in after(PYTHON, "a.py", "compare")
    assert "if len(a) != 32 or all(path):" in after(PYTHON, "a.py", "logic")
    assert "if len(a) != 32 or not any(path):" in after(PYTHON, "a.py", "name")
    assert after(PYTHON, "a.py", "prefix") == {'return check(a, path, b"X") == 1 << 2'}
    assert 'return check(path, a, b"\\x00") == 1 << 2' in after(PYTHON, "a.py", "swap")
    assert after(PYTHON, "a.py", "arithmetic") == {
        'return check(a, path, b"\\x00") == 1 >> 2',
    }


@pytest.mark.parametrize("file", TARGETS)
def test_every_mutant_is_one_edit_of_the_file_as_it_is(file: str) -> None:
    source = (ROOT / file).read_bytes()
    found = list(mutants(file, source))
    assert len(found) > 20
    for mutant in found:
        changed = mutant.apply(source)
        assert changed != source
        assert changed[: mutant.start] == source[: mutant.start]
        assert changed.endswith(source[mutant.end :])


def test_every_scope_that_is_named_exists() -> None:
    for target in TARGETS.values():
        scopes = {m.scope for m in mutants(target.file, (ROOT / target.file).read_bytes())}
        assert target.exact <= scopes
        assert {m.scope for m in target.mutants()} >= target.scopes & scopes


def test_every_equivalent_still_applies_and_says_why() -> None:
    made: Counter[tuple[str, str, str, str]] = Counter()
    for file in {entry.file for entry in equivalents()}:
        found: list[Mutant] = list(mutants(file, (ROOT / file).read_bytes()))
        made.update(mutant.name for mutant in found)
    for entry in equivalents():
        assert made[entry.name], f"no such mutant any more: {entry}"
        assert len(entry.reason) > 20, entry
    names = [entry.name for entry in equivalents()]
    assert len(names) == len(set(names))


# Words and every how many of their mutants. A run has to compile all contracts first: few samples
# share one. Each word has its own where there are many.
FEWER = 1 if JUDGED else 2
SAMPLES = {
    "complain reveal": 50 * FEWER,
    "merkle.vy p2p/merkle.py chain/eip712.py p2p/openings.py": 24 * FEWER,
}
if PROVE:
    SAMPLES = {
        "complain": 6,
        "reveal": 6,
        "merkle.vy": 1,
        "p2p/merkle.py": 1,
        "chain/eip712.py": 2,
        "p2p/openings.py": 1,
    }


@pytest.mark.timeout(3600 if PROVE else 900)
@pytest.mark.parametrize("words", SAMPLES)
def test_a_sample_of_mutants_is_noticed(words: str) -> None:
    every = ["--every", str(SAMPLES[words]), "--jobs", "1"]
    command = [sys.executable, "-m", "tests.mutation", *words.split(), *every]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "survived" not in done.stdout
    assert "killed" in done.stdout
