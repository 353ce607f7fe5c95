"""What looks like personal data in a piece of text: e-mail addresses, phone and identity numbers.

A hint, on the careful side: what is found is kept back until the owner says otherwise. It cannot
see names, what is written in words, and what lies in compressed or binary files.
"""

from __future__ import annotations

import re

_FOUND = re.compile(
    r"[\w.+-]{1,64}@[\w-]{1,63}(\.[\w-]{1,63})*\.[a-zA-Z]{2,24}"
    r"|(?<![\w.,:/-])(\+\d{1,3}[ -]?)(\(?\d{1,4}\)?[ -]?){2,5}\d{2,4}(?![\w])"
    r"|(?<![\w.,:/-])\(?\d{2,4}\)?[ -]\d{3,4}[ -]\d{3,4}(?![\w.,:/-])"
    r"|(?<![\w.-])(\+?86)?1[3-9]\d{9}(?![\w.])"
    r"|(?<![\w.-])(\d{17}[\dXx]|\d{3}-\d{2}-\d{4})(?![\w.-])"
)
LONGEST_BYTES = 320
"""Of what is looked for: text that is cut needs as much of its surroundings."""


def looks_personal(raw: bytes) -> bool:
    """Whether some of it looks like personal data. UTF-8, UTF-16 and the like are read as far as
    their characters are ASCII."""
    text = raw.replace(b"\0", b"").decode("utf-8", errors="replace")
    return _FOUND.search(text) is not None
