"""The entries as a CSV table that opens in any spreadsheet and runs nothing there."""

from __future__ import annotations

import csv
import io
from datetime import UTC, datetime

from app.domain.snapshots.records import RecordEntry, RecordsSnapshot
from app.ui.phrases import records as phrases
from app.ui.phrases import words

# A cell that begins with one of these is a formula to some spreadsheet (OWASP, CSV Injection).
_RUNS = ("=", "+", "-", "@", "\t", "\r", "\n", "=", "+", "-", "@", "−", "|", "%")
_COLUMNS = (
    "what",
    "about",
    "by",
    "time",
    "state",
    "entry",
    "block",
    "gas",
    "fee",
    "problem",
    "network",
)


def harmless(text: str) -> str:
    """``text`` as it is, behind an apostrophe if a spreadsheet could take it for a formula."""
    return f"'{text}" if text.lstrip(" \u00a0\u200b\ufeff").startswith(_RUNS) else text


def table(snapshot: RecordsSnapshot) -> bytes:
    """RFC 4180 with a byte order mark, so that spreadsheets read it as UTF-8.

    Times are UTC (ISO 8601), the fee is in the network's fee currency with all its decimals.
    """
    text = io.StringIO(newline="")
    writer = csv.writer(text, quoting=csv.QUOTE_ALL)
    heads = [phrases.text(column) for column in _COLUMNS]
    if snapshot.fee_symbol:
        at = _COLUMNS.index("fee")
        heads[at] = f"{heads[at]} ({snapshot.fee_symbol})"
    writer.writerow([harmless(head) for head in heads])
    for entry in snapshot.entries:
        writer.writerow([harmless(cell) for cell in _cells(entry, snapshot)])
    return b"\xef\xbb\xbf" + text.getvalue().encode()


def _cells(entry: RecordEntry, snapshot: RecordsSnapshot) -> tuple[str, ...]:
    at = "" if entry.at is None else datetime.fromtimestamp(entry.at, UTC).isoformat()
    return (
        words.record_entry(entry.what),
        entry.title,
        entry.by,
        at,
        words.record_state(entry.state),
        f"0x{entry.entry}" if entry.entry else "",
        "" if entry.block is None else str(entry.block),
        "" if entry.gas is None else str(entry.gas),
        "" if entry.fee_wei is None else _decimal(entry.fee_wei, snapshot.fee_decimals),
        entry.problem,
        entry.network,
    )


def _decimal(units: int, decimals: int) -> str:
    whole, part = divmod(units, 10**decimals)
    digits = f"{part:0{decimals}d}".rstrip("0") if decimals else ""
    return f"{whole}.{digits}" if digits else str(whole)
