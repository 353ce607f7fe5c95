"""The manifest: one canonical byte string, and paths that every system can store."""

import json
import unicodedata

import pytest
import rfc8785
from blake3 import blake3
from hypothesis import given
from hypothesis import strategies as st

from p2p import manifest
from p2p.errors import ContentError, PeerError
from p2p.manifest import FileEntry, Manifest, check_path, encoded_length
from tests.p2p.seeds import seeds

HASH = bytes(range(32))


def of(*paths: str) -> Manifest:
    return Manifest(tuple(FileEntry(path, 5, HASH) for path in sorted(paths)))


def as_json(made: Manifest) -> dict[str, object]:
    files = [{"blake3": f.blake3.hex(), "path": f.path, "size": f.size} for f in made.files]
    return {"files": files, "lading": 1}


def allowed(path: str) -> bool:
    try:
        check_path(path)
    except ContentError:
        return False
    return True


PARTS = st.text(st.characters(exclude_categories=("Cs", "Cc")), min_size=1, max_size=12).map(
    lambda text: unicodedata.normalize("NFC", text)
)
PATHS = st.lists(PARTS, min_size=1, max_size=4).map("/".join).filter(allowed)
ENTRIES = st.lists(
    st.builds(
        FileEntry,
        PATHS,
        st.integers(0, manifest.MAX_SIZE),
        st.binary(min_size=32, max_size=32),
    ),
    min_size=1,
    max_size=8,
)


@seeds(
    ([FileEntry("a", 0, HASH)],),
    ([FileEntry("a/b", manifest.MAX_SIZE, HASH), FileEntry("a.b", 0, HASH)],),
    ([FileEntry("ü/你好", 1, HASH), FileEntry("\U0001f600", 1, HASH)],),
    ([FileEntry("a\u00ad'b", 1, HASH)],),
    ([FileEntry("a", 1, HASH), FileEntry("a/b", 1, HASH)],),
)
@given(ENTRIES)
def test_bytes_are_rfc_8785_and_read_back_equal(entries: list[FileEntry]) -> None:
    try:
        made = Manifest(tuple(sorted(entries, key=lambda entry: entry.path.encode())))
    except ContentError:
        return
    data = made.encode()
    assert data == rfc8785.dumps(as_json(made))
    assert Manifest.decode(data) == made
    assert encoded_length((f.path, f.size) for f in made.files) == len(data)


@seeds(
    (b"",),
    (of("a.csv").encode()[:-1],),
    (of("a.csv").encode() + b" ",),
    (of("a.csv").encode()[1:],),
    (of("a.csv").encode() * 2,),
    (b"{}",),
    (b'{"files":[],"lading":1}',),
    (b"[" * 400,),
    (b"\xff\xfe{\0}\0",),
)
@given(st.binary(max_size=400))
def test_any_bytes_are_refused_as_a_peers_fault(data: bytes) -> None:
    for attempt in (data, b'{"files":[' + data + b'],"lading":1}'):
        with pytest.raises(PeerError):
            Manifest.decode(attempt)


@seeds((0, ord("{")), (0, ord("[")), (-1, ord("]")), (12, ord("B")), (-3, ord("2")), (100, 0))
@given(st.integers(0, 10_000), st.integers(0, 255))
def test_a_changed_byte_is_another_manifest_or_none(place: int, byte: int) -> None:
    made = of("a/b.csv", "ü.txt")
    data = bytearray(made.encode())
    place %= len(data)
    changed = data[place] != byte
    data[place] = byte
    try:
        assert (Manifest.decode(bytes(data)) != made) is changed
    except PeerError:
        assert changed


GOOD = of("a.csv", "b.csv").encode().decode()


@pytest.mark.parametrize(
    ("sin", "data"),
    {
        "space": GOOD.replace(":", ": ", 1),
        "newline at the end": GOOD + "\n",
        "keys in another order": GOOD.replace('"lading":1', "").replace(
            '{"files"', '{"lading":1,"files"'
        ),
        "another version": GOOD.replace('"lading":1', '"lading":2'),
        "extra key": GOOD.replace('"lading":1', '"lading":1,"more":1'),
        "no files": '{"files":[],"lading":1}',
        "extra comma": GOOD.replace('],"lading"', ',],"lading"'),
        "no comma": GOOD.replace("},{", "}{"),
        "upper-case hash": GOOD.replace("0a0b", "0A0B", 1),
        "short hash": GOOD.replace("0a0b", "0a", 1),
        "size with a zero in front": GOOD.replace('"size":5', '"size":05', 1),
        "size as a fraction": GOOD.replace('"size":5', '"size":5.0', 1),
        "negative size": GOOD.replace('"size":5', '"size":-5', 1),
        "size of 2^53": GOOD.replace('"size":5', '"size":9007199254740992', 1),
        "size as text": GOOD.replace('"size":5', '"size":"5"', 1),
        "escaped path": GOOD.replace("a.csv", "\\u0061.csv"),
        "same path twice": GOOD.replace("b.csv", "a.csv"),
        "not sorted": GOOD.replace("a.csv", "c.csv"),
        "path of its own parent": GOOD.replace("a.csv", "../a.csv"),
        "absolute path": GOOD.replace("a.csv", "/a.csv"),
        "not NFC": GOOD.replace("b.csv", "u\u0308.csv"),
    }.items(),
    ids=lambda value: value if len(value) < 30 else "",
)
def test_anything_but_the_canonical_form_is_refused(sin: str, data: str) -> None:
    assert Manifest.decode(GOOD.encode()).encode() == GOOD.encode()
    assert data != GOOD, sin
    with pytest.raises(PeerError):
        Manifest.decode(data.encode())


def test_bytes_that_are_not_utf_8_are_refused() -> None:
    with pytest.raises(PeerError):
        Manifest.decode(GOOD.encode().replace(b"a.csv", b"\xff.csv"))


def test_deep_nesting_does_not_reach_a_parser() -> None:
    with pytest.raises(PeerError):
        Manifest.decode(b'{"files":[' + b"[" * 1_000_000 + b'],"lading":1}')


def test_largest_size_is_kept_exactly() -> None:
    made = Manifest((FileEntry("big", 2**53 - 1, HASH),))
    assert Manifest.decode(made.encode()).total_size == 2**53 - 1
    for size in (2**53, -1):
        with pytest.raises(ContentError, match="size"):
            FileEntry("big", size, HASH)
    with pytest.raises(ContentError, match="32 bytes"):
        FileEntry("big", 1, HASH[:31])


@pytest.mark.parametrize(
    "path",
    ["a", "a/b/c.csv", ".hidden", "a b", " a", "ünï/日本.txt", "🎉", "con1", "console.log", "com",
     "lpt10", "a.con", "x" * 255, "/".join(["x" * 127] * 8) + "y", "a'b(1),[2];$&#%!@~`^{}=+"],
)  # fmt: skip
def test_ordinary_paths_are_fine(path: str) -> None:
    check_path(path)


@pytest.mark.parametrize(
    ("path", "words"),
    [
        ("", "the path has an empty part"), ("/etc/passwd", "the path is absolute"),
        ("a//b", "empty part"),
        ("a/", "empty part"), (".", "empty part"), ("a/./b", "empty part"),
        ("..", "empty part"), ("a/../../b", "empty part"), ("C:/a", "“:”"), ("C:a", "“:”"),
        ("a.txt:stream", "“:”"), ("a\\b", "contains"), ("..\\a", "contains"), ('a"b', "contains"),
        ("a?", "contains"), ("a*", "contains"), ("a|b", "contains"), ("<a>", "contains"),
        ("a\0b", r"\\x00"), ("a\nb", r"\\n"), ("a\x7f", r"\\x7f"), ("a\x85", r"\\x85"),
        ("a\u2028b", r"\\u2028"), ("\u202etxt.exe", r"\\u202e"),
        ("a\udcff", "the name is not valid UTF-8"), ("\ud800", "UTF-8"), ("a\udfffb", "UTF-8"),
        ("u\u0308", "the name is not in Unicode form NFC"),
        ("a.", "a name ends in a dot or a space"), ("a /b", "dot or a space"),
        ("a./b", "dot or a space"), ("...", "dot or a space"), ("x" * 256, "255"),
        ("ü" * 128, "255"), ("/".join(["abcdefg"] * 129), "1,024"),
        ("/".join(["x" * 127] * 8) + "yy", "1,024"),
        ("con", "the name is reserved"), ("CON", "reserved"), ("a/NUL", "reserved"),
        ("Aux.txt", "reserved"),
        ("prn.tar.gz", "reserved"), ("com1", "reserved"), ("LPT9.x", "reserved"),
        ("COM¹", "reserved"), ("con .txt", "reserved"), ("conin$", "reserved"),
    ],
)  # fmt: skip
def test_paths_that_some_system_cannot_store_are_refused(path: str, words: str) -> None:
    with pytest.raises(ContentError, match=words) as caught:
        check_path(path)
    assert str(caught.value).isprintable()


@pytest.mark.parametrize(
    "paths",
    [("A.csv", "a.csv"), ("Data/x", "data/x"), ("straße", "STRASSE"), ("ſ", "s"), ("Σ", "ς")],
)
def test_names_that_differ_only_in_case_collide(paths: tuple[str, str]) -> None:
    with pytest.raises(ContentError, match="capital"):
        of(*paths)
    assert of(paths[0], paths[1] + "2")


@pytest.mark.parametrize(
    "paths", [("a", "a/b"), ("a", "A/b"), ("a/b", "a/b/c/d"), ("a", "a!", "a/b")]
)
def test_no_file_is_a_folder_of_another(paths: tuple[str, ...]) -> None:
    with pytest.raises(ContentError, match="at once"):
        of(*paths)
    assert of("a/b", "a.b", "ab")


def test_order_is_that_of_the_utf_8_bytes() -> None:
    """Beyond the basic plane UTF-16 sorts differently: the encoder of RFC 8785 keys is no help."""
    first, second = "\uff5e", "\U0001f389"
    assert first.encode() < second.encode()
    assert first.encode("utf-16be") > second.encode("utf-16be")
    assert Manifest((FileEntry(first, 1, HASH), FileEntry(second, 1, HASH)))
    with pytest.raises(ContentError, match="order"):
        Manifest((FileEntry(second, 1, HASH), FileEntry(first, 1, HASH)))


def test_limits_of_number_and_bytes() -> None:
    manifest.check_layout([(f"{i:06}", 1) for i in range(100_000)])
    with pytest.raises(ContentError, match="100,000"):
        manifest.check_layout([(f"{i:06}", 1) for i in range(100_001)])
    with pytest.raises(ContentError, match="no file"):
        manifest.check_layout([])
    long = [(f"{i:06}" + "x" * 240, 1) for i in range(48_000)]
    rest = "z" * (manifest.MAX_BYTES - encoded_length([*long, ("", 1)]))
    manifest.check_layout([*long, (rest, 1)])
    with pytest.raises(ContentError, match="16 MiB"):
        manifest.check_layout([*long, (rest + "z", 1)])
    for length, words in ((manifest.MAX_BYTES, "no file"), (manifest.MAX_BYTES + 1, "16 MiB")):
        with pytest.raises(PeerError, match=words):
            Manifest.decode(bytes(length))


def test_content_id_is_the_files_or_the_manifests() -> None:
    one, two = of("a"), of("a", "b")
    assert one.content_id == HASH
    assert two.content_id == blake3(two.encode()).digest()
    assert json.loads(two.encode())["lading"] == 1
