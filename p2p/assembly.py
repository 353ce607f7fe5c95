"""Files put together from content that arrives in pieces, each checked against the manifest."""

from bisect import bisect_right
from collections.abc import Callable
from contextlib import suppress
from itertools import accumulate
from pathlib import Path

from blake3 import blake3

from p2p import files, openings, uncached
from p2p.buffers import Buffer
from p2p.errors import Cancelled, ContentError, PeerError
from p2p.manifest import FileEntry, Manifest, shown
from p2p.records import Fingerprint
from p2p.uncached import Growing


class Assembly:
    """Writes the files of a dataset below ``folder``, which must be empty, or what an earlier one
    left (`go_on`).

    expected: the manifest known before, or None.
    strict: whether a file must have the BLAKE3 that the manifest states.
    Raises PeerError where content and statements differ, ContentError where the disk refuses.
    """

    __slots__ = (
        "_begins",
        "_expected",
        "_file",
        "_fingerprint",
        "_folder",
        "_hasher",
        "_left",
        "_manifest",
        "_memory",
        "_number",
        "_opening",
        "_strict",
        "_written",
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
        self._begins: list[int] = []
        self._memory = files.room(2 * uncached.PIECE)
        # The file being written: its number in the manifest, what is missing of it.
        self._number = 0
        self._file: Growing | None = None
        self._left = 0
        self._hasher = blake3()
        self._written: list[Path] = []

    @property
    def manifest(self) -> Manifest | None:
        """As soon as it is known."""
        return self._manifest

    def lies(self, start: int, stop: int) -> int:
        """How far behind the beginning of a page the content from ``start`` up to ``stop`` had best
        lie: what there is of the file in the middle of it then goes to the disk from there."""
        manifest = self._manifest or self._expected
        if manifest is None:
            return 0
        if not self._begins:
            sizes = (file.size for file in manifest.files)
            self._begins = list(accumulate(sizes, initial=openings.preamble_bytes(manifest)))
        begins = self._begins[max(0, bisect_right(self._begins, (start + stop) // 2) - 1)]
        return (start - begins) % uncached.BLOCK

    def started(self) -> str:
        """The BLAKE3 (hex) of what there is of the file that is being written; empty for none."""
        return self._hasher.hexdigest() if self._file is not None else ""

    def go_on(
        self, manifest: Manifest, done: int, started: str, cancelled: Callable[[], bool]
    ) -> None:
        """Take up what lies in the folder: the files of the first ``done`` bytes of the content,
        all of it checked before, and what may lie behind that, which is written again. ContentError
        if less lies there, or it is not what it was (``started``: as that said when it was noted).
        """
        self._know(manifest)
        left = done - openings.preamble_bytes(manifest)
        with files.writing(self._folder):
            while self._number < len(manifest.files):
                entry = manifest.files[self._number]
                if left < entry.size:
                    break
                left -= entry.size
                self._number += 1
            for entry in manifest.files[self._number + (left > 0) :]:
                (self._folder / entry.path).unlink(missing_ok=True)
        for number, entry in enumerate(manifest.files[: self._number + (left > 0)]):
            place = self._folder / entry.path
            size = place.stat().st_size if place.is_file() else -1
            if size < left if number == self._number else size != entry.size:
                raise gone(self._folder)
            if self._strict and number < self._number:
                self._hash_again(entry, entry.size, cancelled)
                if self._hasher.digest() != entry.blake3:
                    raise gone(self._folder)
        if left > 0:
            self._begin(manifest.files[self._number], left)
            self._hash_again(manifest.files[self._number], left, cancelled)
            if started != self._hasher.hexdigest():
                raise gone(self._folder)

    def add(self, content: Buffer) -> None:
        """The next bytes of the content, whole payloads; they stay as they are until the next call
        of this or of `hand_over` returns, or `close`."""
        if self._manifest is not None:
            self._write(self._manifest, memoryview(content))
            return
        self._opening += content
        size = openings.preamble_size(self._opening)
        if len(self._opening) >= size:
            manifest = openings.read_preamble(bytes(self._opening[:size]))
            self._know(manifest)
            self._write(manifest, memoryview(bytes(self._opening[size:])))
            self._opening.clear()

    def hand_over(self) -> list[Path]:
        """Have the system hold all that was added; the files that were written since the last
        time, for whoever forces them to the disk."""
        if self._file is not None:
            with files.writing(self._folder):
                self._file.hand_over()
        written, self._written = self._written, []
        if self._file is not None:
            self._written.append(self._file.path)
        return written

    def close(self) -> None:
        """Nothing is being written any more, when this returns."""
        if self._file is not None:
            with suppress(OSError):
                self._file.settle()

    def finish(self) -> Manifest:
        """The manifest, once all content was added and every file turned out right."""
        if self._manifest is None or self._number < len(self._manifest.files):
            raise PeerError("The content ends before its last file does.")
        return self._manifest

    def _know(self, manifest: Manifest) -> None:
        openings.check_statements(manifest, self._fingerprint)
        if self._expected not in (None, manifest):
            raise PeerError("The manifest is not the one that was shown before funding.")
        self._manifest = manifest

    def _write(self, manifest: Manifest, content: memoryview) -> None:
        """Spread ``content`` over the files; returns in the middle of a file or at the end."""
        while self._number < len(manifest.files):
            entry = manifest.files[self._number]
            file = self._file or self._begin(entry)
            piece, content = content[: self._left], content[self._left :]
            self._hasher.update(piece)
            self._left -= len(piece)
            with files.writing(self._folder):
                file.write(piece)
                if self._left:
                    return
                file.hand_over()
            self._file = None
            if self._strict and self._hasher.digest() != entry.blake3:
                raise PeerError(
                    f"“{shown(entry.path)}” is what was registered, but not what the owner said "
                    "it is: its BLAKE3 differs from the manifest."
                )
            self._number += 1
        if self._strict and any(content):
            raise PeerError("The padding after the last file is not zero.")

    def _begin(self, entry: FileEntry, start: int = 0) -> Growing:
        place = self._folder / entry.path
        with files.writing(self._folder):
            place.parent.mkdir(parents=True, exist_ok=True)
            self._file = Growing(place, start, self._memory)
        self._written.append(place)
        self._left = entry.size - start
        self._hasher = blake3()
        return self._file

    def _hash_again(self, entry: FileEntry, start: int, cancelled: Callable[[], bool]) -> None:
        place, room = self._folder / entry.path, files.room(uncached.PIECE)
        self._hasher = blake3()
        with files.reading(place):
            for at in range(0, start, len(room)):
                if cancelled():
                    raise Cancelled
                uncached.read_at(place, at, room)
                self._hasher.update(room[: start - at])


def gone(folder: Path) -> ContentError:
    return ContentError(
        f"What was opened of this delivery lay in “{shown(str(folder))}” and is not there any "
        "more, or not whole. Put the folder back, or connect the disk it is on."
    )
