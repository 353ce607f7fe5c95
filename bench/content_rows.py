"""Fingerprinting a file against `openssl dgst -sha256` of the same file, in turn.

The fingerprint does more with every byte: SHA-256 of each record, BLAKE3 of the file, the tree
over the records, the salts. OpenSSL's plain SHA-256 is what people know as "hashing a file".
"""

import secrets
import statistics
import subprocess
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from p2p.fingerprint import fingerprint

FILE_BYTES = 256 << 20
ROUNDS = 5
TARGET = 0.5
"""The least ratio."""


def rows() -> list[dict[str, str | float | bool]]:
    """One row; speeds are medians in MB/s (10^6 bytes), the file read from the system's cache."""
    with tempfile.TemporaryDirectory(prefix="lading-bench-") as folder:
        data, leaves = Path(folder, "data"), Path(folder, "leaves")
        with data.open("wb") as file:
            for _ in range(FILE_BYTES >> 20):
                file.write(secrets.token_bytes(1 << 20))

        def ours() -> None:
            fingerprint(
                data, bytes(32), leaves, progress=lambda done, total: None, cancelled=lambda: False
            )

        def theirs() -> None:
            command = ["openssl", "dgst", "-sha256", str(data)]
            subprocess.run(command, check=True, capture_output=True)

        speeds = [(_speed(ours), _speed(theirs)) for _ in range(ROUNDS)]
    value = statistics.median(mine for mine, _ in speeds)
    peer = statistics.median(other for _, other in speeds)
    return [
        {
            "name": "fingerprint",
            "value": round(value),
            "unit": "MB/s",
            "against": "openssl dgst -sha256",
            "peer_value": round(peer),
            "ratio": round(value / peer, 3),
            "target": TARGET,
            "ok": value / peer >= TARGET,
        }
    ]


def _speed(action: Callable[[], None]) -> float:
    start = time.perf_counter()
    action()
    return FILE_BYTES / (time.perf_counter() - start) / 1e6
