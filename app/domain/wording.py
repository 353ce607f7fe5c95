"""Text as it is searched: the words of any language that ``unicode61`` and people both know.

Languages written with spaces give words, in small letters. Chinese and Japanese have no spaces:
each character counts, and each two that stand together, so that one character, a word of two and
any longer one are found without a dictionary. The same text always gives the same words: what was
put into an index is taken out again by them.
"""

from __future__ import annotations

import re
import unicodedata

LONGEST_WORD = 40
MOST_WORDS = 8

_WORD = re.compile(r"[^\W_]+")
_HAN = re.compile("[\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003134f]+")


def words(text: str) -> set[str]:
    """Every word of ``text`` under which it is found."""
    found: set[str] = set()
    for word in _plain(text):
        for run, han in _runs(word):
            if han:
                found.update(run)
                found.update(_pairs(run))
            else:
                found.add(run[:LONGEST_WORD])
    return found


def asked(text: str) -> list[tuple[str, bool]]:
    """The words that something must have to be found by ``text``, at most `MOST_WORDS`, and whether
    only the beginning of one is meant: the last one may still be in the typing."""
    found: dict[str, bool] = {}
    plain = _plain(text)
    for at, word in enumerate(plain):
        runs = list(_runs(word))
        for place, (run, han) in enumerate(runs):
            typing = at == len(plain) - 1 and place == len(runs) - 1 and text[-1:].isalnum()
            if han:
                found.update((pair, False) for pair in _pairs(run) or [run])
            else:
                found[run[:LONGEST_WORD]] = typing and len(run) >= LEAST_BEGINNING
    return list(found.items())[:MOST_WORDS]


LEAST_BEGINNING = 3
"""Letters that are enough to look for what begins with them."""


def _plain(text: str) -> list[str]:
    return _WORD.findall(unicodedata.normalize("NFKC", text).casefold())


def _runs(word: str) -> list[tuple[str, bool]]:
    """The word cut where characters without spaces begin and end, and whether a part is of such."""
    found, last = [], 0
    for run in _HAN.finditer(word):
        if run.start() > last:
            found.append((word[last : run.start()], False))
        found.append((run.group(), True))
        last = run.end()
    if last < len(word):
        found.append((word[last:], False))
    return found


def _pairs(run: str) -> list[str]:
    return [run[at : at + 2] for at in range(len(run) - 1)]
