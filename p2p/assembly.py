"""Files put together from content that arrives in pieces, each checked against the manifest."""

from io import FileIO
from pathlib import Path
from types import TracebackType
from typing import Self

from blake3 import blake3

from p2p import files, openings
from p2p.buffers import Buffer
from p2p.errors import PeerError
from p2p.manifest import FileEntry, Manifest, shown
from p2p.records import Fingerprint


class Assembly:
    """Writes the files of a dataset below ``folder``, which must be empty.

    expected: the manifest known before, or None. A context manager: leaving it closes what is open.
    strict: whether a file must have the BLAKE3 that the manifest states.
    Raises PeerError where content and statements differ, ContentError where the disk refuses.
    """

    __slots__ = (
        "_expected",
        "_file",
        "_fingerprint",
        "_folder",
        "_hasher",
        "_left",
        "_manifest",
        "_number",
        "_opening",
        "_strict",
    )

    def __init__(
        self,
        folder: Path,
        fingerprint: Fingerprint,
        expected: Manifest | None,
        *,
        strict: bool = True,
    ) -> None:
        self._folder = folder
        self._strict = strict
        self._fingerprint = fingerprint
        self._expected = expected
        self._opening = bytearray()
        self._manifest: Manifest | None = None
        # The file being written: its number in the manifest, what is missing of it.
        self._number = 0
        self._file: FileIO | None = None
        self._left = 0
        self._hasher = blake3()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._file is not None:
            self._file.close()

    def add(self, content: Buffer) -> None:
        """The next bytes of the content, whole payloads."""
        if self._manifest is not None:
            self._write(self._manifest, memoryview(content))
            return
        self._opening += content
        size = openings.preamble_size(self._opening)
        if len(self._opening) >= size:
            self._manifest = openings.read_preamble(bytes(self._opening[:size]))
            openings.check_statements(self._manifest, self._fingerprint)
            if self._expected not in (None, self._manifest):
                raise PeerError("The manifest is not the one that was shown before funding.")
            self._write(self._manifest, memoryview(bytes(self._opening[size:])))
            self._opening.clear()

    def finish(self) -> Manifest:
        """The manifest, once all content was added and every file turned out right."""
        if self._manifest is None or self._number < len(self._manifest.files):
            raise PeerError("The content ends before its last file does.")
        return self._manifest

    def _write(self, manifest: Manifest, content: memoryview) -> None:
        """Spread ``content`` over the files; returns in the middle of a file or at the end."""
        while self._number < len(manifest.files):
            entry = manifest.files[self._number]
            if self._file is None:
                self._file = self._create(entry)
                self._left = entry.size
                self._hasher = blake3()
            piece, content = content[: self._left], content[self._left :]
            self._hasher.update(piece)
            self._left -= len(piece)
            with files.writing(self._folder):
                while piece:
                    piece = piece[self._file.write(piece) :]
            if self._left:
                return
            self._file.close()
            self._file = None
            if self._strict and self._hasher.digest() != entry.blake3:
                raise PeerError(
                    f"“{shown(entry.path)}” is what was registered, but not what the owner said "
                    "it is: its BLAKE3 differs from the manifest."
                )
            self._number += 1
        if self._strict and any(content):
            raise PeerError("The padding after the last file is not zero.")

    def _create(self, entry: FileEntry) -> FileIO:
        place = self._folder / entry.path
        with files.writing(self._folder):
            place.parent.mkdir(parents=True, exist_ok=True)
            return FileIO(place, "xb")
