"""The manifest: which files a dataset consists of, in one canonical byte string.

RFC 8785 JSON with exactly the keys ``{"files":[{"blake3":hex,"path":text,"size":number},…],
"lading":1}``, files sorted by the UTF-8 bytes of their paths. Allowed paths need no JSON escapes,
so the form is regular: it is written and read here by hand, fast and without room for variants.

Path rules, so that a delivery can be stored on every system and never outside its folder:
relative, ``/``-separated, NFC, valid UTF-8; no empty, ``.`` or ``..`` part; no character that
Windows forbids (``< > : " \\ | ? *``), no control, line-separator or text-direction character;
no part that ends in a dot or a space or is a reserved Windows name; parts ≤ 255 bytes, paths
≤ 1,024 bytes; unique also without regard to case; none is a directory of another.
"""

import itertools
import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Self

from blake3 import blake3

from p2p.errors import ContentError, PeerError

MAX_FILES = 100_000
MAX_BYTES = 16 << 20
MAX_SIZE = (1 << 53) - 1
MAX_PATH_BYTES = 1024
MAX_PART_BYTES = 255

_HEAD = b'{"files":['
_TAIL = b'],"lading":1}'
_ENTRY = re.compile(
    rb'\{"blake3":"([0-9a-f]{64})","path":"([^"\\\x00-\x1f]{1,%d})","size":(0|[1-9][0-9]{0,15})\}'
    % MAX_PATH_BYTES
)
_ENTRY_LENGTH = len('{"blake3":"","path":"","size":}') + 64

_FORBIDDEN = re.compile('[<>:"|?*\\\\\x00-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069\ud800-\udfff]')
_RESERVED = re.compile(
    r"(?:con|prn|aux|nul|conin\$|conout\$|(?:com|lpt)[0-9¹²³]) *(?:\..*)?", re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class FileEntry:
    """A file of a dataset. size: bytes, 0 … 2^53 − 1; blake3: 32 bytes. ContentError if not so."""

    path: str
    size: int
    blake3: bytes

    def __post_init__(self) -> None:
        check_path(self.path)
        if not 0 <= self.size <= MAX_SIZE:
            raise ContentError(f"“{shown(self.path)}” has an impossible size.")
        if len(self.blake3) != 32:
            raise ContentError(f"“{shown(self.path)}” has a BLAKE3 hash that is not 32 bytes.")


@dataclass(frozen=True, slots=True)
class Manifest:
    """The files of a dataset, sorted by path. ContentError if a rule of the module is broken."""

    files: tuple[FileEntry, ...]

    def __post_init__(self) -> None:
        check_layout([(entry.path, entry.size) for entry in self.files])

    def encode(self) -> bytes:
        """The canonical bytes."""
        entries = (
            f'{{"blake3":"{file.blake3.hex()}","path":"{file.path}","size":{file.size}}}'
            for file in self.files
        )
        return _HEAD + ",".join(entries).encode() + _TAIL

    @classmethod
    def decode(cls, data: bytes) -> Self:
        """Read bytes from a peer; PeerError unless they are the canonical bytes of a manifest."""
        if len(data) > MAX_BYTES:
            raise PeerError("The manifest is larger than 16 MiB.")
        files: list[FileEntry] = []
        at = len(_HEAD)
        try:
            while entry := _ENTRY.match(data, at):
                digest, path, size = entry.groups()
                files.append(FileEntry(path.decode(), int(size), bytes.fromhex(digest.decode())))
                at = entry.end() + 1
            manifest = cls(tuple(files))
        except (ContentError, UnicodeDecodeError) as error:
            raise PeerError(f"The manifest breaks a rule: {error}") from error
        if manifest.encode() != data:  # whatever stands before, between and behind the entries
            raise PeerError("The manifest is not in its canonical form.")
        return manifest

    @property
    def total_size(self) -> int:
        """Bytes of all files together."""
        return sum(file.size for file in self.files)

    @property
    def content_id(self) -> bytes:
        """B: BLAKE3-256 of the file where there is one, of the manifest where there are several."""
        if len(self.files) == 1:
            return self.files[0].blake3
        return blake3(self.encode()).digest()


def encoded_length(paths_and_sizes: Iterable[tuple[str, int]]) -> int:
    """Bytes the manifest of these files will have: known before a single file is read."""
    entries = [
        _ENTRY_LENGTH + len(path.encode()) + len(str(size)) for path, size in paths_and_sizes
    ]
    return len(_HEAD) + len(_TAIL) + sum(entries) + max(0, len(entries) - 1)


def check_path(path: str) -> None:
    """Raise ContentError, saying what to mend, unless ``path`` keeps every rule by itself."""
    if problem := _path_problem(path):
        raise ContentError(f"“{shown(path)}”: {problem}")


def check_layout(paths_and_sizes: Sequence[tuple[str, int]]) -> None:
    """Raise ContentError unless these files may stand together in this order in a manifest."""
    if not paths_and_sizes:
        raise ContentError("There is no file in it.")
    if len(paths_and_sizes) > MAX_FILES:
        raise ContentError(f"There are more than {MAX_FILES:,} files: pack them into fewer.")
    if encoded_length(paths_and_sizes) > MAX_BYTES:
        raise ContentError("The list of file names exceeds 16 MiB: pack the files into fewer.")
    paths = [path for path, _ in paths_and_sizes]
    if any(left >= right for left, right in itertools.pairwise(paths)):
        raise ContentError("The files are not in order, or one is listed twice.")
    _check_distinct(paths)


def shown(path: str) -> str:
    """``path`` for a person: bytes that are not UTF-8 (PEP 383) and invisible characters as
    escapes."""
    return "".join(c if c.isprintable() else _escaped(c) for c in path)


def _escaped(character: str) -> str:
    if "\udc80" <= character <= "\udcff":
        return f"\\x{ord(character) - 0xDC00:02x}"
    return character.encode("unicode_escape").decode()


def _path_problem(path: str) -> str | None:
    if found := _FORBIDDEN.search(path):
        if "\ud800" <= found[0] <= "\udfff":
            return "the name is not valid UTF-8. Rename it."
        return f"the name contains “{shown(found[0])}”, which not every system allows. Rename it."
    if path.startswith("/"):
        return "the path is absolute."
    if not unicodedata.is_normalized("NFC", path):
        return "the name is not in Unicode form NFC. Rename it."
    if len(path.encode()) > MAX_PATH_BYTES:
        return f"the path is longer than {MAX_PATH_BYTES:,} bytes. Shorten it."
    for part in path.split("/"):
        if part in ("", ".", ".."):
            return "the path has an empty part, “.” or “..”."
        if part[-1] in ". ":
            return "a name ends in a dot or a space, which Windows does not allow. Rename it."
        if len(part.encode()) > MAX_PART_BYTES:
            return f"a name is longer than {MAX_PART_BYTES} bytes. Shorten it."
        if _RESERVED.fullmatch(part):
            return "the name is reserved on Windows. Rename it."
    return None


def _folded(path: str) -> str:
    """Canonical caseless form (Unicode §3.13, D145): equal where some file system sees one name."""
    if path.isascii():
        return path.lower()
    return unicodedata.normalize("NFD", unicodedata.normalize("NFD", path).casefold())


def _check_distinct(paths: Sequence[str]) -> None:
    seen: dict[str, str] = {}
    for path in paths:
        twin = seen.setdefault(_folded(path), path)
        if twin is not path:
            raise ContentError(
                f"“{shown(twin)}” and “{shown(path)}” differ only in capital letters, which many "
                "systems see as one name. Rename one."
            )
    for folded, path in seen.items():
        cut = folded.rfind("/")
        while cut > 0:
            if (twin_path := seen.get(folded[:cut])) is not None:
                raise ContentError(
                    f"“{shown(twin_path)}” is a file and a folder of “{shown(path)}” at once."
                )
            cut = folded.rfind("/", 0, cut)
