"""In which encoding a text is, told from looks at its bytes."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence

NAMES = ("utf-8", "utf-16", "gb18030", "big5", "latin-1")
"""Those that are read; a listing's claim of accessibility names one of them."""

_FREQUENT_BIG5 = range(0xA1, 0xC7)
"""First bytes of signs and of the 5,401 characters of Big5's first level."""
_LEAST_CHARACTERS = 20
_LONG_RUN = 2.5
_RUNS = re.compile(rb"[\x80-\xff]+")


def detected(looks: Sequence[bytes]) -> str:
    """Of bytes that are text and not UTF-16; "unknown" for what is none of them, such as Cyrillic
    or Greek in single bytes. Looks begin and end with lines, as far as there are any."""
    if all(_decodes(look, "utf-8") for look in looks):
        return "utf-8"
    if _is_big5(looks):
        return "big5"
    runs = [run for look in looks for run in _RUNS.findall(look)]
    single = sum(len(run) == 1 for run in runs)
    # In Chinese text bytes above 127 stand in pairs, in Western text mostly alone.
    if 2 * single < len(runs) and all(_decodes(look, "gb18030") for look in looks):
        return "gb18030"
    # One look that is broken makes a file of UTF-8 no other: its rows count as broken.
    utf8 = sum(_decodes(look, "utf-8") for look in looks if not look.isascii())
    if 2 * utf8 > sum(not look.isascii() for look in looks):
        return "utf-8"
    return "unknown" if sum(map(len, runs)) > _LONG_RUN * len(runs) else "latin-1"


def _is_big5(looks: Sequence[bytes]) -> bool:
    """Text in GB18030 is often Big5, too, but then half of its characters are rare ones; Western
    text that is has only a few of them."""
    if not all(_decodes(look, "big5") for look in looks):
        return False
    text = "".join(look.decode("big5", "ignore") for look in looks)
    found = {c: count for c, count in Counter(text).items() if c > "\x7f"}
    frequent = sum(n for c, n in found.items() if c.encode("big5")[0] in _FREQUENT_BIG5)
    return len(found) >= _LEAST_CHARACTERS and frequent >= 0.95 * sum(found.values())


def whole_lines(look: bytes, *, begins: bool = False) -> bytes:
    """From the first line that begins in it to the last that ends; all of it if none does. On old
    Macs a line ends with CR alone."""
    mark = b"\n" if b"\n" in look else b"\r"
    start = 0 if begins else look.find(mark) + 1
    end = look.rfind(mark) + 1
    return look[start:end] if end > start else look[start:]


def _decodes(look: bytes, encoding: str) -> bool:
    """The last character may be cut in two by the end of what was read."""
    try:
        look.decode(encoding)
    except UnicodeDecodeError as error:
        return error.start >= len(look) - 4 and not look.endswith(b"\n")
    return True
