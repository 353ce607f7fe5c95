"""Reviews by their hash: the documents behind ratings, ours and what others wrote."""

from __future__ import annotations

import re
from typing import Any, Final

from sqlalchemy.orm import Session

from app.domain import claims
from app.store import settings

WORDS_BYTES: Final = 4096
WORDS_LINES: Final = 60
_UNSEEN: Final = re.compile(r"[\x00-\x08\x0e-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")
"""Control characters, and those that turn the direction of what stands around them."""


def keep(session: Session, digest: bytes, document: dict[str, Any]) -> None:
    """``digest`` is the document's `chain.agreement.review_hash`."""
    settings.put(session, _key(digest), document)


def load(session: Session, digest: bytes) -> dict[str, Any] | None:
    """The whole document, as it was signed; None where only its hash is known."""
    said = settings.get(session, _key(digest), None)
    return said if isinstance(said, dict) else None


def read(session: Session, digest: bytes) -> tuple[str | None, tuple[str, ...]]:
    """Of the review with that hash its words and what it says differed; no words where only the
    hash is here. It is somebody else's document: whatever it holds, this is what it may say."""
    said = load(session, digest)
    if said is None:
        return None, ()
    words, differs = said.get("words"), said.get("differs")
    named = differs if isinstance(differs, list) else []
    return (
        _plain(words) if isinstance(words, str) else "",
        tuple(what for what in ("rows", *claims.DIMENSIONS) if what in named),
    )


def _plain(words: str) -> str:
    """As long as a review's words may be, and nothing in them that moves what stands around."""
    short = words.encode(errors="ignore")[:WORDS_BYTES].decode(errors="ignore")
    return "\n".join(_UNSEEN.sub(" ", line) for line in short.splitlines()[:WORDS_LINES])


def _key(digest: bytes) -> str:
    return f"review:{digest.hex()}"
