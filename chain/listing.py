"""A dataset's listing as the registry carries it: canonical JSON (RFC 8785), zlib (RFC 1950)."""

import json
import zlib
from typing import Any

from chain.agreement import canonical
from chain.registry_events import MAX_LISTING_BYTES

MAX_LISTING_JSON_BYTES = 64 * 1024


def encode_listing(document: dict[str, Any]) -> bytes:
    """At most 8 KiB; ValueError says that it is too long, or what JSON cannot hold."""
    plain = canonical(document)
    if len(plain) > MAX_LISTING_JSON_BYTES:
        raise ValueError(f"the listing is longer than {MAX_LISTING_JSON_BYTES} bytes; shorten it")
    packed = zlib.compress(plain, 9)
    if len(packed) > MAX_LISTING_BYTES:
        raise ValueError(
            f"the listing takes {len(packed)} bytes and may take {MAX_LISTING_BYTES}; shorten it"
        )
    return packed


def decode_listing(packed: bytes) -> dict[str, Any]:
    """The document in any bytes that anyone registered. Only ValueError is raised.

    What is read is bounded (64 KiB inflated) and can be written again: exactly one canonical JSON
    object, nothing after it.
    """
    inflater = zlib.decompressobj()
    try:
        plain = inflater.decompress(packed, MAX_LISTING_JSON_BYTES + 1)
    except zlib.error:
        raise ValueError("the listing is not compressed text") from None
    if len(plain) > MAX_LISTING_JSON_BYTES:
        raise ValueError(f"the listing is longer than {MAX_LISTING_JSON_BYTES} bytes")
    if not inflater.eof or inflater.unused_data:
        raise ValueError("the listing is cut short or has something behind it")
    try:
        document = json.loads(plain)
    except RecursionError:
        raise ValueError("the listing is nested too deeply") from None
    if not isinstance(document, dict) or canonical(document) != plain:
        raise ValueError("the listing is not one canonical JSON object")
    return document
