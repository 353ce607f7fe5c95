"""What a mutant is, and the operators that make them, for Python and for Vyper.

Vyper's syntax is Python's but for a few words, which are swapped for Python's with the same number
of bytes; so one parser finds the places in both, and every edit is made in the original text.

| operator | edit |
|---|---|
| drop | a statement goes: assert, raise, write, call, log, `break`; `x: T = …` gets T's empty |
| true, false | a condition or one operand of `and`/`or` is always so; a boolean function's answer |
| empty | a function's answer is the empty value of its type |
| compare | < ≤ > ≥ == != (also `in`, `is`) for one another |
| constant | a number ± 1; True ↔ False |
| prefix | the first byte of a byte string or a hashed text is another (hash prefixes, type texts) |
| logic | `and` ↔ `or`; `not` goes |
| arithmetic | + ↔ -, * ↔ //, << ↔ >>, & ↔ `|`, ^ → `|`, % → // |
| swap | neighbouring arguments (not of sums, min), or a log's neighbouring members, change places |
| name | owner ↔ buyer, price ↔ bond, key ↔ mask, one state for the next, `any` ↔ `all` … |
| keyword | a keyword argument of a call goes |
| pragma | `nonreentrancy on` → off |
"""

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise

COMPARE = {
    "<": ("<=", ">="),
    "<=": ("<", ">"),
    ">": (">=", "<="),
    ">=": (">", "<"),
    "==": ("!=",),
    "!=": ("==",),
    "in": ("not in",),
    "not in": ("in",),
    "is": ("is not",),
    "is not": ("is",),
}
ARITHMETIC = {
    "+": "-", "-": "+", "*": "//", "//": "*", "%": "//",
    "<<": ">>", ">>": "<<", "&": "|", "|": "&", "^": "|",
}  # fmt: skip
NAMES = {
    "owner": "buyer",
    "buyer": "owner",
    "price": "bond",
    "bond": "price",
    "key_commit": "mask_commit",
    "mask_commit": "key_commit",
    "secret": "mask",
    "mask": "secret",
    "FUNDED": "ACKED",
    "ACKED": "REVEALED",
    "REVEALED": "FUNDED",
    "PAID": "PAID_RATED",
    "PAID_RATED": "PAID",
    "REFUNDED": "PAID",
    "any": "all",
    "all": "any",
    "min": "max",
    "max": "min",
    "unsafe_add": "unsafe_sub",
    "unsafe_sub": "unsafe_add",
    "sha256": "keccak256",
    "keccak256": "sha256",
}
SYMMETRIC = ("unsafe_add", "unsafe_mul", "min", "max")
NONE = "none"
EMPTY = {"bytes": 'b""', "int": "0", "str": '""'}


@dataclass(frozen=True, slots=True)
class Mutant:
    """One edit: bytes `start` to `end` of the file become `new`. `before` and `after` are the
    lines it touches, with single spaces: with file and scope they name it across other edits."""

    file: str
    scope: str
    operator: str
    line: int
    start: int
    end: int
    new: bytes
    before: str
    after: str

    def __str__(self) -> str:
        change = f"{self.before}  ->  {self.after}"
        return f"{self.file}:{self.line} {self.scope} [{self.operator}] {change}"

    @property
    def name(self) -> tuple[str, str, str, str]:
        return (self.file, self.scope, self.before, self.after)

    def apply(self, source: bytes) -> bytes:
        return source[: self.start] + self.new + source[self.end :]


# Words of Vyper, for which Python words (or names) of as many bytes stand while it is parsed.
_VYPER_WORDS = (
    (rb"(?m)^(struct) (?=\w+:)", b"class "),
    (rb"(?m)^(event) (?=\w+:)", b"class"),
    (rb"(?m)^(interface) (?=\w+:)", b"class    "),
    (rb"(?m)^ +log( )(?=\w)", b"_"),
    (rb"\bextcall( )(?=\w)", b"_"),
    (rb"\bstaticcall( )(?=\w)", b"_"),
    (rb"\bfor \w+(:[^:\n]+?) in ", b""),
    (rb"\b(x)\"[0-9a-f]*\"", b"b"),
)


def as_python(source: bytes) -> bytes:
    """Vyper as Python of the same length, byte for byte in the same places."""
    for pattern, word in _VYPER_WORDS:
        text = bytearray(source)
        for found in re.finditer(pattern, source):
            start, end = found.span(1)
            text[start:end] = word.ljust(end - start)
        source = bytes(text)
    return source


def unchanged(file: str) -> Mutant:
    """The original as a mutant of itself: it must survive, or the killing proves nothing."""
    return Mutant(file, "", NONE, 0, 0, 0, b"", "", "")


def mutants(file: str, source: bytes) -> Iterator[Mutant]:
    """All mutants of a file, in the order of their places."""
    found = {m for m in _Finder(file, source).all() if source[m.start : m.end] != m.new}
    yield from sorted(found, key=lambda m: (m.start, m.end, m.new))


class _Finder:
    def __init__(self, file: str, source: bytes) -> None:
        self.file = file
        self.vyper = file.endswith(".vy")
        self.source = source
        self.scope = "module"
        self._answer = ""

    @cached_property
    def _lines(self) -> list[int]:
        return [0, *(found.end() for found in re.finditer(b"\n", self.source))]

    def all(self) -> Iterator[Mutant]:
        tree = ast.parse(as_python(self.source) if self.vyper else self.source)
        for found in re.finditer(rb"(?m)^# pragma nonreentrancy (on)$", self.source):
            yield self._edit("pragma", *found.span(1), "off")
        for node in tree.body:
            yield from self._top(node, "")

    # --- statements ---

    def _top(self, node: ast.stmt, prefix: str) -> Iterator[Mutant]:
        if isinstance(node, ast.FunctionDef):
            outer, self.scope = self.scope, prefix + node.name
            self._answer = self._text(node.returns) if node.returns else ""
            for statement in node.body:
                yield from self._statement(statement)
            self.scope = outer
        elif isinstance(node, ast.ClassDef):
            # In Vyper these are structs, events and interfaces: types, not deeds.
            for inner in () if self.vyper else node.body:
                yield from self._top(inner, f"{node.name}.")
        elif isinstance(node, ast.AnnAssign | ast.Assign) and node.value is not None:
            yield from self._expression(node.value)

    def _statement(self, node: ast.stmt) -> Iterator[Mutant]:
        match node:
            case ast.Expr(value=ast.Constant()):  # a docstring
                return
            case ast.Assign() | ast.AugAssign() | ast.Expr() | ast.Assert() | ast.Raise():
                yield self._replace("drop", node, "pass")
            case ast.Break() | ast.Continue():
                yield self._replace("drop", node, "pass")
            case ast.AnnAssign(value=ast.expr() as value) if self.vyper:
                yield self._replace("drop", value, f"empty({self._text(node.annotation)})")
            case ast.Return(value=ast.expr() as value):
                yield from self._returned(value)
            case ast.If():
                yield from self._always(node.test)
            case ast.While():
                yield self._replace("false", node.test, "False")
            case _:
                pass
        if isinstance(node, ast.Raise):
            return
        if isinstance(node, ast.Assert):
            yield from self._expression(node.test)
            return
        if isinstance(node, ast.AnnAssign):
            if node.value is not None:
                yield from self._expression(node.value)
            return
        for child in ast.iter_child_nodes(node):
            yield from self._any(child)

    def _any(self, node: ast.AST) -> Iterator[Mutant]:
        if isinstance(node, ast.stmt):
            yield from self._statement(node)
        elif isinstance(node, ast.expr):
            yield from self._expression(node)
        else:
            for child in ast.iter_child_nodes(node):
                yield from self._any(child)

    def _returned(self, value: ast.expr) -> Iterator[Mutant]:
        if self._answer == "bool":
            yield from self._always(value)
        elif self.vyper:
            yield self._replace("empty", value, f"empty({self._answer})")
        else:
            yield self._replace("empty", value, EMPTY.get(self._answer, "None"))

    def _always(self, node: ast.expr) -> Iterator[Mutant]:
        yield self._replace("true", node, "True")
        yield self._replace("false", node, "False")

    # --- expressions ---

    def _expression(self, node: ast.expr) -> Iterator[Mutant]:
        match node:
            case ast.JoinedStr() | ast.Lambda():
                return
            case ast.Constant():
                yield from self._constant(node)
            case ast.BoolOp():
                yield from self._logic(node)
            case ast.UnaryOp(op=ast.Not()):
                yield self._replace("logic", node, self._text(node.operand))
            case ast.Compare():
                operands = [node.left, *node.comparators]
                for left, right in pairwise(operands):
                    yield from self._between("compare", left, right, COMPARE)
            case ast.BinOp() if not isinstance(node.op, ast.Pow):
                table = {old: (new,) for old, new in ARITHMETIC.items()}
                yield from self._between("arithmetic", node.left, node.right, table)
            case ast.IfExp():
                yield from self._always(node.test)
            case ast.Call():
                yield from self._call(node)
            case ast.Name() if new := self._renamed(node.id):
                yield self._replace("name", node, new)
            case ast.Attribute() if new := self._renamed(node.attr):
                end = self._at(node.end_lineno, node.end_col_offset)
                yield self._edit("name", end - len(node.attr), end, new)
            case _:
                pass
        for child in ast.iter_child_nodes(node):
            yield from self._any(child)

    def _renamed(self, name: str) -> str:
        # Python's any, all, min, max; the rest are the contracts' words.
        builtin = name in ("any", "all", "min", "max")
        return NAMES.get(name, "") if builtin != self.vyper else ""

    def _constant(self, node: ast.Constant) -> Iterator[Mutant]:
        value = node.value
        if isinstance(value, bool):
            yield self._replace("constant", node, str(not value))
        elif isinstance(value, int):
            yield self._replace("constant", node, str(value + 1))
            yield self._replace("constant", node, str(value - 1))
        elif isinstance(value, bytes | str) and value:
            text = self.source[slice(*self._span(node))]
            at = re.match(rb"[a-zA-Z]*(\"\"\"|\"|')", text)
            if at is None:
                return
            first = text[at.end() : at.end() + 1]
            if text.startswith(b"x"):
                new = b"%x" % (int(first, 16) ^ 1)
            elif first == b"\\":  # \x00
                return (yield self._replace_bytes("prefix", node, _escape_changed(text)))
            else:
                new = b"Y" if first == b"X" else b"X"
            yield self._replace_bytes("prefix", node, text[: at.end()] + new + text[at.end() + 1 :])

    def _logic(self, node: ast.BoolOp) -> Iterator[Mutant]:
        is_and = isinstance(node.op, ast.And)
        table = {"and": ("or",), "or": ("and",)}
        for left, right in pairwise(node.values):
            yield from self._between("logic", left, right, table)
        for operand in node.values:
            # `True` in an `and`, `False` in an `or`: this operand does not count.
            yield self._replace(
                "true" if is_and else "false", operand, "True" if is_and else "False"
            )

    def _call(self, node: ast.Call) -> Iterator[Mutant]:
        if isinstance(node.func, ast.Name) and node.func.id in ("convert", "abi_decode", "slice"):
            return  # a type among the arguments: no program
        if isinstance(node.func, ast.Name) and node.func.id in SYMMETRIC:
            return  # the same the other way round
        values = [keyword.value for keyword in node.keywords]
        for group in (node.args, values):
            for left, right in pairwise(group):
                if self._text(left) != self._text(right):
                    yield self._swapped(left, right)
        if isinstance(node.func, ast.Name) and node.func.id in ("raw_call", "extract32"):
            for keyword in node.keywords:
                start, end = self._span(keyword)
                start = self.source.rindex(b",", 0, start)
                yield self._edit("keyword", start, end, "")

    def _swapped(self, left: ast.expr, right: ast.expr) -> Mutant:
        first, second = self._span(left), self._span(right)
        between = self.source[first[1] : second[0]]
        new = self.source[slice(*second)] + between + self.source[slice(*first)]
        return self._edit_bytes("swap", first[0], second[1], new)

    def _between(
        self, operator: str, left: ast.expr, right: ast.expr, table: dict[str, tuple[str, ...]]
    ) -> Iterator[Mutant]:
        start, end = self._span(left)[1], self._span(right)[0]
        words = "|".join(re.escape(word) for word in sorted(table, key=len, reverse=True))
        found = re.search(rb"(?<![\w])(%b)(?![\w])" % words.encode(), self.source[start:end])
        if found is None:
            return
        for new in table[found[1].decode()]:
            yield self._edit(operator, start + found.start(1), start + found.end(1), new)

    # --- places ---

    def _at(self, line: int | None, column: int | None) -> int:
        assert line is not None
        assert column is not None
        return self._lines[line - 1] + column

    def _span(self, node: ast.stmt | ast.expr | ast.keyword) -> tuple[int, int]:
        return (
            self._at(node.lineno, node.col_offset),
            self._at(node.end_lineno, node.end_col_offset),
        )

    def _text(self, node: ast.expr) -> str:
        return self.source[slice(*self._span(node))].decode()

    def _replace(self, operator: str, node: ast.stmt | ast.expr, new: str) -> Mutant:
        return self._edit(operator, *self._span(node), new)

    def _replace_bytes(self, operator: str, node: ast.expr, new: bytes) -> Mutant:
        return self._edit_bytes(operator, *self._span(node), new)

    def _edit(self, operator: str, start: int, end: int, new: str) -> Mutant:
        return self._edit_bytes(operator, start, end, new.encode())

    def _edit_bytes(self, operator: str, start: int, end: int, new: bytes) -> Mutant:
        first = self.source.rfind(b"\n", 0, start) + 1
        last = self.source.find(b"\n", end)
        last = len(self.source) if last < 0 else last
        before = self.source[first:last]
        after = self.source[first:start] + new + self.source[end:last]
        line = self.source.count(b"\n", 0, start) + 1
        return Mutant(
            self.file, self.scope, operator, line, start, end, new, _flat(before), _flat(after)
        )


def _escape_changed(text: bytes) -> bytes:
    """A byte string that begins with an escape begins with another byte."""
    quote = re.match(rb"[a-zA-Z]*[\"']", text)
    assert quote is not None
    rest = re.sub(rb"^\\(x[0-9a-f]{2}|.)", b"", text[quote.end() :])
    return text[: quote.end()] + b"X" + rest


def _flat(text: bytes) -> str:
    return " ".join(text.decode().split())
