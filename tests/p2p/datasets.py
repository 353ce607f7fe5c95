"""A dataset made, registered and delivered in one line each: for the tests of what p2p proves."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from p2p import chacha20, sealing
from p2p.content import Content
from p2p.fingerprint import Fingerprinted, fingerprint
from p2p.records import CHUNK_RECORDS, RECORD, Fingerprint
from p2p.spool import Spool
from p2p.unsealing import Unsealed, unseal

SALT_KEY = bytes(range(32, 64))
DK = bytes(range(32))


def quiet(done: int, total: int) -> None:
    """Progress nobody looks at."""


def never() -> bool:
    """Nobody cancels."""
    return False


def noise(size: int, seed: int = 1) -> bytes:
    """Bytes that do not repeat and are the same each time."""
    return chacha20.keystream(seed.to_bytes(32, "big"), bytes(12), 0, size)


@dataclass(frozen=True, slots=True)
class Dataset:
    """A fingerprinted file or folder with its kept leaf hashes."""

    base: Path
    made: Fingerprinted
    leaves_path: Path

    @property
    def fingerprint(self) -> Fingerprint:
        return self.made.fingerprint

    @property
    def content(self) -> Content:
        return Content(self.made.source, self.made.manifest, SALT_KEY, self.fingerprint)

    def sealed(self, bad_record: int | None = None) -> list[bytes]:
        """All chunks under DK; ``bad_record`` has one bit flipped before it is sealed."""
        content, chunks = self.content, []
        for k in range(content.chunks):
            plain = bytearray(content.chunk(k))
            if bad_record is not None and bad_record // CHUNK_RECORDS == k:
                plain[bad_record % CHUNK_RECORDS * RECORD + 1000] ^= 1
            chunks.append(sealing.seal_chunk(DK, k, plain))
        return chunks

    def spool(self, name: str = "spool") -> Spool:
        return Spool(self.base / name, self.fingerprint.records, self.fingerprint.root)

    def deliver(self, name: str = "spool", bad_record: int | None = None) -> Spool:
        """A complete spool."""
        spool = self.spool(name)
        spool.put_leaves(self.leaves_path.read_bytes())
        for k, chunk in enumerate(self.sealed(bad_record)):
            spool.put_chunk(k, chunk)
        return spool

    def unseal(self, name: str = "spool", target: str = "out") -> Unsealed:
        return unseal(
            self.base / name,
            DK,
            self.made.manifest,
            self.fingerprint,
            self.base / target,
            progress=quiet,
            cancelled=never,
        )


def make_dataset(base: Path, files: Mapping[str, bytes] | bytes) -> Dataset:
    """``{path: bytes, …}`` makes a folder, ``bytes`` a single file, in the existing ``base``."""
    source = base / "source"
    if isinstance(files, bytes):
        source.write_bytes(files)
    else:
        for path, data in files.items():
            place = source / path
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_bytes(data)
    leaves_path = base / "leaves"
    made = fingerprint(source, SALT_KEY, leaves_path, progress=quiet, cancelled=never)
    return Dataset(base, made, leaves_path)
