"""``lading fingerprint``: the names data has on the record, as others compute them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from app.cli.main import main

KEY = "0b" * 32
CASES = json.loads((Path(__file__).parents[2] / "vectors" / "blake3.json").read_text())["cases"]
CASE = max(CASES, key=lambda case: int(case["length"]))
ROOT = "8d242c7981a8e10b98d1c1aa6369eca8fde111954f44c5a8bf79170888909369"
"""From the protocol's text, by the reference in ``tests/p2p/test_fingerprint.py``."""
PAYLOAD = 4064


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """The longest input of the BLAKE3 authors' test vectors."""
    path = tmp_path / "data.bin"
    length = CASE["length"]
    path.write_bytes((bytes(range(251)) * (length // 251 + 1))[:length])
    return path


def run(capsys: pytest.CaptureFixture[str], *arguments: object) -> tuple[int, str, str]:
    code = main(["fingerprint", *map(str, arguments)])
    said = capsys.readouterr()
    return code, said.out, said.err


def test_one_json_object_with_the_four_names(
    file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code, out, _ = run(capsys, file, "--salt-key", KEY, "--json")
    found = json.loads(out)
    assert code == 0
    assert list(found) == ["content_id", "root", "records", "length"]
    assert found["content_id"] == CASE["hash"]  # what b3sum prints
    # the manifest, which fits one record here, stands before the file
    assert found["length"] == PAYLOAD + CASE["length"]
    assert found["records"] == -(-found["length"] // PAYLOAD)


def test_the_root_is_fixed_by_data_and_salt_key(
    file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    roots = [
        json.loads(run(capsys, file, "--salt-key", key, "--json")[1])["root"]
        for key in (KEY, KEY.upper(), "0c" * 32)
    ]
    assert roots[0] == roots[1] != roots[2]
    assert roots[0] == ROOT
    assert not roots[0].startswith("0x")


def test_without_a_key_the_content_id_stays_and_the_root_does_not(
    file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    one, two = (json.loads(run(capsys, file, "--json")[1]) for _ in range(2))
    assert one["content_id"] == two["content_id"]
    assert one["root"] != two["root"]


def test_in_words_it_says_the_same(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    _, out, _ = run(capsys, file, "--salt-key", KEY)
    assert out.split()[:2] == ["content_id", CASE["hash"]]
    assert ROOT in out


@pytest.mark.parametrize("key", ["", "0b" * 31, "0b" * 33, "zz" * 32])
def test_a_key_of_another_length_is_a_wrong_call(
    file: Path, key: str, capsys: pytest.CaptureFixture[str]
) -> None:
    code, out, err = run(capsys, file, "--salt-key", key, "--json")
    assert (code, out) == (2, "")
    assert "64 hexadecimal digits" in err


def test_the_current_folder_has_to_be_named(
    file: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(file.parent)
    with pytest.raises(SystemExit, match="2"):
        main(["fingerprint", "", "--json"])
    said = capsys.readouterr()
    assert said.out == ""
    assert "The path is empty" in said.err
    assert run(capsys, ".", "--json")[0] == 0


def _missing(folder: Path) -> Path:
    return folder / "nothing"


def _empty(folder: Path) -> Path:
    (folder / "empty.csv").touch()
    return folder / "empty.csv"


def _no_files(folder: Path) -> Path:
    (folder / "empty").mkdir()
    return folder / "empty"


@pytest.mark.parametrize("make", [_missing, _empty, _no_files])
def test_what_has_no_fingerprint_is_named_in_a_sentence(
    make: object, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert callable(make)
    path = make(tmp_path)
    code, out, err = run(capsys, path, "--json")
    assert (code, out) == (1, "")
    assert err.strip().endswith(".")
    assert len(err.splitlines()) == 1
    assert "Traceback" not in err
