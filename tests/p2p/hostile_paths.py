"""More than 300 manifests whose paths mean harm, in families named after what they try.

A case is the paths of one manifest as raw bytes, in the order they stand in it. ``REFUSED`` must
never reach the disk. ``HARMLESS`` look frightening and are ordinary names: they may be stored, and
then exactly below the folder chosen.
"""

import itertools
import unicodedata
from collections.abc import Iterable

Case = tuple[bytes, ...]


def _alone(*paths: str) -> list[Case]:
    return [(path.encode("utf-8", "surrogatepass"),) for path in paths]


def _together(*groups: Iterable[str]) -> list[Case]:
    return [tuple(sorted(path.encode() for path in group)) for group in groups]


def _devices() -> list[str]:
    names = ["CON", "PRN", "AUX", "NUL", "CONIN$", "CONOUT$"]
    names += [f"{kind}{digit}" for kind in ("COM", "LPT") for digit in "0123456789¹²³"]
    spoilt = [name.lower() for name in names]
    spoilt += [f"{name}.txt" for name in names]
    spoilt += [f"folder/{name}" for name in names[:6]]
    spoilt += [f"{name.title()}/inside.csv" for name in names[:6]]
    spoilt += ["nul .txt", "con  .a.b", "aux.tar.gz", "Com1.", "prn "]
    return names + spoilt


_CONTROLS = [chr(code) for code in (*range(1, 32), *range(127, 160))]
_TURNERS = [chr(code) for code in (*range(0x2028, 0x202F), *range(0x2066, 0x206A))]

REFUSED: dict[str, list[Case]] = {
    "traversal": _alone(
        "..", "../a", "../../a", "../" * 30 + "etc/passwd", "a/..", "a/../b", "a/../../b",
        "a/b/../../../c", ".", "./a", "a/.", "a/./b", "./../a", ".../a", "a/...", "..../b",
        "../.ssh/authorized_keys", "../../../../../../tmp/lading-was-here", "a/.. /b", ".. /a",
        "a/..\\b", "..\\a", "..\\..\\windows\\win.ini", "a\\..\\..\\b", "\\..\\a", "..x/../..",
        "a/../a", "../spool/state", "../spool/ciphertext", "../neighbour/keep.txt",
        "../out (2)/a",
    ),
    "absolute": _alone(
        "/", "//", "/a", "//a", "///a", "/etc/passwd", "/tmp/lading-was-here", "/dev/null",
        "/proc/self/mem", "/a/../b", "a//b", "a/", "a//", "/.", "/..", "\\a", "\\\\a", "\\",
    ),
    "drive letters": _alone(
        "C:", "C:a", "C:/a", "C:\\a", "c:/windows/system32/a.dll", "z:..", "a/C:/b", "C:/../a",
        "1:/a", "é:/a",
    ),
    "UNC and device namespaces": _alone(
        "\\\\server\\share\\a", "//server/share/a", "\\\\?\\C:\\a", "\\\\.\\PhysicalDrive0",
        "//?/C:/a", "//./COM1", "\\??\\C:\\a", "\\\\?\\UNC\\server\\a", "\\Device\\Null",
        "\\\\localhost\\c$\\a",
    ),
    "reserved device names": _alone(*_devices()),
    "NUL and control characters": [
        *_alone("\0", "a\0b", "a\0/../b", "a.txt\0.exe"),
        *_alone(*(f"a{mark}b" for mark in _CONTROLS)),
        *_alone("a\n", "\ra", "a\r\nb", "\x1b[2Ja", "a\b\b\bb"),
    ],
    "escapes of JSON": [
        (rb"a\u0000b",), (rb"\u002e\u002e/a",), (rb"..\/a",), (rb"a\nb",), (rb"a\u002fb",),
        (b'a","size":1},{"blake3":"' + b"0" * 64 + b'","path":"../b',), (b'a"b',),
    ],
    "trailing dots and spaces": _alone(
        "a.", "a..", "a ", "a  ", "a. ", "a .", " ", ". ", "a/b.", "a./b", "a /b", "a/b /c",
        "a/ ", " /a", "a/ /b", "a.txt.", "a.txt ",
    ),
    "alternate streams": _alone(
        "a:b", "a.txt:hidden", "a.txt::$DATA", "a::$INDEX_ALLOCATION", "a:$I30:$INDEX_ALLOCATION",
        "a/b:c", ":a", "a:", "a.txt:Zone.Identifier",
    ),
    "wild cards and pipes": _alone("a*", "*", "a?b", "a<b", "a>b", "a|b", '"a"', "a\\b"),
    "case collisions": _together(
        ("a", "A"), ("a.csv", "A.CSV"), ("x/a", "X/a"), ("x/a", "x/A"), ("x/a", "X"),
        ("straße", "STRASSE"), ("ſ", "s"), ("Σ", "ς"), ("σ", "ς"), ("K", "k"), ("Å", "å"),
        ("ﬁ", "fi"), ("İ", "i̇"), ("Ａ", "ａ"), ("Ω", "ω"), ("README", "readme", "ReadMe"),
        ("é", "É"), ("я", "Я"), ("ᏸ", "Ᏸ"), ("ǰ", "J̌"), ("ΐ", "Ϊ́"), ("ß", "ẞ"), ("ß", "ss"),
    ),
    "Unicode normalisation": [
        *_alone(*(unicodedata.normalize("NFD", name) for name in (
            "é", "ü.txt", "Å", "한글", "が", "ế", "ñ/a", "a/ñ", "й",
        ))),
        *_alone("\u0340", "\u0341", "\u0343", "\u0374", "\u037e", "\u0387", "\u2000", "\u2001",
                "\u2126", "\u212a", "\u212b", "\uf900", "\U0002f800", "a\u0344", "\u0958"),
        *_together(("é", "e\u0301"), ("가", "\u1100\u1161"), ("Å", "\u212b")),
    ],
    "text direction": _alone(
        *(f"a{mark}b" for mark in _TURNERS), "invoice\u202efdp.exe", "\u202e", "\u2066a\u2069",
        "a/\u202db",
    ),
    "overlong": _alone(
        "x" * 256, "x" * 1025, "ü" * 128, "日" * 86, "🎉" * 64, "a/" + "x" * 256, "x" * 256 + "/a",
        "/".join(["abcdefg"] * 129), "a/" * 512 + "a", "x" * 4096, "a/" * 5000 + "a", "a/" * 600,
        "x" * 65_536,
    ),
    "not UTF-8": [
        (b"\xff",), (b"a\x80b",), (b"\xc0\xaf",), (b"..\xc0\xaf..\xc0\xafetc",), (b"\xe0\x80\xaf",),
        (b"\xc1\x9c",), (b"\xed\xa0\x80",), (b"\xed\xbf\xbf",), (b"\xf4\x90\x80\x80",), (b"\xc3",),
        (b"\xf0\x80\x80\xaf",), (b"a\xfe",), (b"\xe2\x80",), (b"\xc0\xae\xc0\xae/a",), (b"\xf8a",),
        ("a".encode("utf-16"),), (b"\xa4.txt",),
    ],
    "one path twice or out of order": [
        (b"a", b"a"), (b"b", b"a"), (b"a", b"b", b"a"), (b"a/b", b"a/b"), (b"a", b"", b"b"),
        (b"", b"a"), (b"",),
    ],
    "a file that is a folder": _together(
        ("a", "a/b"), ("a", "A/b"), ("a/b", "a/b/c/d"), ("a", "a!", "a/b"), ("é", "É/a"),
        ("x/y", "X/Y/z"), ("a/b/c", "a/b"),
    ),
}  # fmt: skip

HARMLESS: dict[str, list[Case]] = {
    "encoded dots and slashes": _alone(
        "%2e%2e%2fa", "..%2fa", "%00", "..%c0%af", "&#46;&#46;", "..;a", "..x", "...x", "..a/..b",
        "..;/a",
    ),
    "look-alike dots and slashes": _alone(
        "‥", "．．", "․․", "。。", "..∕a", "..⁄a", "a∕b", "a／b", "＼a", "Ｃ：a", "a꞉b", "：",
    ),
    "words of shells and programs": _alone(
        "~", "~root", "~/.bashrc", "$HOME", "$(reboot)", "`reboot`", "%APPDATA%", "-rf", "--help",
        "a;b", "a&b", "a'b", "!a", "#a", "=cmd()", "@a", "{a,b}", "[a]", "a,b",
    ),
    "hidden and dear names": _alone(
        ".bashrc", ".ssh/authorized_keys", ".git/config", ".lading-0123456789abcdef", "desktop.ini",
        "autorun.inf", "Thumbs.db", ".DS_Store", "__MACOSX/a", "state", "spool/state", "etc/passwd",
        ".lading-0123456789abcdef/a", "out", "out/out/out", "lost+found/a",
    ),
    "nearly reserved": _alone(
        "con1", "console.log", "com", "com10", "lpt10", "a.con", "xnul", "nul_", "auxiliary",
        "COM⁴", "prn-1", "conin", "PROGRA~1", "LONGNA~1.TXT", "CLOCK$", "$MFT", "$Extend/a",
    ),
    "invisible": _alone(
        "a\u200bb", "\u200b", "a\u200cb", "\u200da", "\ufeffa", "a\u00adb", "a\u2060b", "\u3164",
        "a\u00a0b", "\u00a0", "\u2003a", "\u115fa", "\ue000", "a\ufffdb", "\U000e0041", "\ufdd0",
    ),
    "long and deep": _alone(
        "x" * 255, "ü" * 127, "a/" * 511 + "a", "/".join(["abcdefg"] * 128), "x" * 255 + "/a",
    ),
    "close neighbours": _together(
        ("a", "b"), ("a", "a.b", "ab"), ("a b", "ab"), ("a.csv", "a.csv.csv"), ("ø", "o"),
        ("а", "a"), ("ı", "i"), ("٠", "0"), ("a/b", "a.b", "a b"),
    ),
}  # fmt: skip


def cases(families: dict[str, list[Case]]) -> list[tuple[str, Case]]:
    """Every case with the name of its family."""
    return list(
        itertools.chain.from_iterable(
            ((family, case) for case in members) for family, members in families.items()
        )
    )
