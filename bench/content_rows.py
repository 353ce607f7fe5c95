"""Fingerprinting a file against `openssl dgst -sha256` of the same file, in turn.

The fingerprint does more with every byte: SHA-256 of each record, BLAKE3 of the file, the tree
over the records, the salts. OpenSSL's plain SHA-256 is what people know as "hashing a file".
"""

import os
import secrets
import statistics
import subprocess
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from bench.rows import row
from p2p.fingerprint import fingerprint

FILE_BYTES = 4 << 30
ROUNDS = 3
TARGET = 1.0
"""The most of OpenSSL's time."""


def rows() -> list[dict[str, Any]]:
    """One row; medians in seconds, the file read from the system's cache."""
    with tempfile.TemporaryDirectory(prefix="lading-bench-") as folder:
        data, leaves = Path(folder, "data"), Path(folder, "leaves")
        with data.open("wb") as file:
            for _ in range(FILE_BYTES >> 20):
                file.write(secrets.token_bytes(1 << 20))
        os.sync()

        def ours() -> None:
            fingerprint(
                data, bytes(32), leaves, progress=lambda done, total: None, cancelled=lambda: False
            )

        def theirs() -> None:
            command = ["openssl", "dgst", "-sha256", str(data)]
            subprocess.run(command, check=True, capture_output=True)

        theirs()  # the cache is warm
        taken = [(_seconds(ours), _seconds(theirs)) for _ in range(ROUNDS)]
    value = statistics.median(mine for mine, _ in taken)
    peer = statistics.median(other for _, other in taken)
    named = f"fingerprint of {FILE_BYTES / 2**30:g} GiB"
    return [row(named, value, "s", "openssl dgst -sha256, s", peer, most=TARGET)]


def _seconds(action: Callable[[], None]) -> float:
    start = time.perf_counter()
    action()
    return time.perf_counter() - start
