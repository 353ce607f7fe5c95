"""``lading relay``: its address stays, two people meet through it, what is wrong is said."""

from __future__ import annotations

import json
import re
import signal
import socket
import stat
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import trio

from app.cli.main import main
from p2p.kept_store import Keeping
from p2p.relay import Bounds
from tests.app.cli.conftest import ROOT, Here, Lading
from tests.p2p.people import on_line, text
from tests.p2p.relayed import PATIENCE, hidden, until


@contextmanager
def running(lading: Lading, *options: str) -> Iterator[subprocess.Popen[str]]:
    process = subprocess.Popen(
        lading.command("relay", "--host", "127.0.0.1", "--port", "0", *options),
        env=lading.environment(),
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        yield process
    finally:
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=60)
        assert process.returncode == 0


def line(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None
    return process.stdout.readline()


def test_two_people_meet_through_it_and_it_says_what_it_does(lading: Lading) -> None:
    anna, ben = hidden("anna"), hidden("ben")

    async def meet(address: str) -> None:
        with trio.fail_after(PATIENCE):
            async with on_line(anna, ben):
                ben.host.use_relays([address])
                await until(lambda: ben.host.circuits)
                await anna.host.send(ben.peer_id, ben.host.circuits, [text()])

    with running(lading, "--json") as process:
        said = json.loads(line(process))
        assert list(said) == ["peer_id", "addresses"]
        (address,) = said["addresses"]
        assert re.fullmatch(rf"/ip4/127\.0\.0\.1/tcp/[1-9]\d*/p2p/{said['peer_id']}", address)
        trio.run(meet, address)
        seen = [json.loads(line(process))]
        while not seen[-1]["passed_bytes"] or seen[-1]["connections"]:
            seen.append(json.loads(line(process)))
        names = ["connections", "reservations", "circuits", "records", "passed_bytes"]
        names += ["parcels", "kept_bytes"]
        assert list(seen[0]) == names
        assert max(each["records"] for each in seen) == 1  # where ben is
    assert len(ben.inbox) == 1


def test_its_key_is_kept_for_its_user_only_and_its_address_stays(lading: Lading) -> None:
    peers = []
    for _ in range(2):
        with running(lading) as process:
            said = line(process)
            assert said.startswith("Address     /ip4/127.0.0.1/tcp/")
            peers.append(said.strip().rpartition("/")[2])
            assert "Only computers on the same network" in line(process)
            assert line(process).startswith("connections=0  ")
    assert peers[0] == peers[1]
    folder = lading.home / "lading" / "relay"
    assert sorted(path.name for path in folder.iterdir()) == ["in-use.lock", "relay.key"]
    assert stat.S_IMODE((folder / "relay.key").stat().st_mode) == 0o600


def test_a_name_that_others_use_is_announced(lading: Lading) -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    options = ("--port", str(port), "--announce", "relay.example", "--announce", "192.0.2.7")
    with running(lading, *options) as process:
        assert line(process).startswith(f"Address     /dns/relay.example/tcp/{port}/p2p/12D3")
        assert line(process).startswith(f"Address     /ip4/192.0.2.7/tcp/{port}/p2p/12D3")
        assert line(process).startswith("connections=0  ")


def test_a_port_that_is_taken_is_named(here: Here, tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        ran = here("relay", "--folder", tmp_path, "--host", "127.0.0.1", "--port", port)
    assert ran.returncode == 1
    assert str(port) in ran.stderr
    assert "--port" in ran.stderr
    assert "Settings" not in ran.stderr


def test_a_damaged_key_and_a_folder_that_is_none_are_named(here: Here, tmp_path: Path) -> None:
    (tmp_path / "relay.key").write_text("no key")
    ran = here("relay", "--folder", tmp_path)
    assert ran.returncode == 1
    assert "damaged" in ran.stderr
    ran = here("relay", "--folder", tmp_path / "relay.key")
    assert ran.returncode == 1
    assert "cannot be used" in ran.stderr


def test_a_folder_that_another_relay_uses_is_named(
    lading: Lading, here: Here, tmp_path: Path
) -> None:
    own, kept = tmp_path / "own", tmp_path / "kept"
    with running(lading, "--folder", str(own), "--keep", str(kept)) as process:
        assert line(process).startswith("Address")
        ran = here("relay", "--folder", own)
        assert ran.returncode == 1
        assert ran.stderr == (
            f"Another relay uses the folder {own}: end that one, or name another folder with "
            "--folder.\n"
        )
        ran = here("relay", "--folder", tmp_path / "other", "--keep", kept)
        assert ran.returncode == 1
        assert f"Another relay uses the folder {kept}" in ran.stderr
        assert "--keep." in ran.stderr
    with running(lading, "--folder", str(own), "--keep", str(kept)) as process:
        assert line(process).startswith("Address")  # it is given back, and the folder is ours


def test_parcels_are_not_kept_among_other_files(here: Here, tmp_path: Path) -> None:
    photos = tmp_path / "photos"
    photos.mkdir()
    (photos / "sea.jpg").write_bytes(b"the sea")
    for folder, inside in ((photos, "sea.jpg"), (Path("/"), ""), (tmp_path / "own", "in-use")):
        ran = here("relay", "--folder", tmp_path / "own", "--keep", folder)
        assert ran.returncode == 1
        assert f"The folder {folder} has something else in it" in ran.stderr
        assert inside in ran.stderr
    assert [path.name for path in photos.iterdir()] == ["sea.jpg"]


def test_a_quota_that_the_disk_has_no_room_for_is_said_and_the_largest_fits_the_rest(
    lading: Lading, tmp_path: Path
) -> None:
    kept = tmp_path / "kept"
    (kept / "lost+found").mkdir(parents=True)  # a disk of its own
    options = ("--keep", str(kept), "--keep-quota", "900TB", "--keep-per-peer", "1GB")
    with running(lading, *options) as process:
        while not (said := line(process)).startswith("Keeps"):
            pass
        assert "1.0 GB a parcel" in said
        assert process.stderr is not None
        said = process.stderr.readline()
        assert f"The disk of {kept} has room for " in said
        assert "of the 900,000.0 GB of --keep-quota" in said


def test_every_limit_is_the_one_that_was_given(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[object] = []

    class Store:
        used_bytes = 0

        def __init__(self, keeping: Keeping) -> None:
            told.append(keeping)

    class Told(Exception):
        pass

    def relay(seed: bytes, bounds: Bounds, **others: object) -> None:
        told.append(bounds)
        raise Told

    monkeypatch.setattr("p2p.kept_store.KeptStore", Store)
    monkeypatch.setattr("p2p.relay.Relay", relay)
    own, kept = tmp_path / "own", tmp_path / "kept"
    limits = {
        "connections": "11",
        "per-address": "3",
        "reservations": "12",
        "circuits": "13",
        "circuits-per-peer": "5",
        "records": "14",
        "records-per-address": "6",
        "circuit-hours": "7",
        "circuit-bytes": "15MB",
        "bandwidth": "16MB",
        "keep": str(kept),
        "keep-quota": "17MB",
        "keep-per-peer": "18MB",
        "keep-per-address": "19MB",
        "keep-largest": "9MB",
        "keep-days": "8",
        "keep-unfinished-hours": "10",
        "keep-parcels": "20",
        "keep-parcels-per-peer": "21",
        "keep-parcels-per-address": "22",
        "keep-at-once": "23",
        "keep-at-once-per-peer": "4",
    }
    given = [part for name, value in limits.items() for part in (f"--{name}", value)]
    with pytest.raises(Told):
        main(["relay", "--folder", str(own), *given])
    mb = 10**6
    assert told == [
        Keeping(kept, 17 * mb, 18 * mb, 19 * mb, 9 * mb, 8 * 86_400, 20, 21, 22, 23, 4, 36_000),
        Bounds(11, 3, 12, 13, 5, 7 * 3600, 15 * mb, 16 * mb, 14, 6),
    ]


@pytest.mark.parametrize(
    ("options", "says"),
    [
        (["--circuits-per-peer", "15"], "from 1 to 14"),
        (["--circuits-per-peer", "0"], "from 1 to 14"),
        (["--reservations", "0"], "at least 1"),
        (["--connections", "-1"], "number of things"),
        (["--bandwidth", "10Mbit"], "250MB"),
        (["--bandwidth", "99kB"], "at least 100kB"),
        (["--bandwidth", "319kB"], "--circuits, 320kB for 64"),
        (["--bandwidth", "1MB", "--circuits", "300"], "--circuits, 1500kB for 300"),
        (["--circuit-bytes", "1e9"], "250MB"),
        (["--circuit-bytes", "9999999TB"], "250MB"),
        (["--circuit-bytes", "3999kB"], "at least 4MB"),
        (["--circuit-hours", "1000000"], "number of things"),
        (["--port", "65536"], "not a port"),
        (["--host", "relay.example"], "IP address of this computer"),
        (["--announce", "a b"], "“a b”"),
        (["--announce", "relay.example", "--port", "0"], "--port"),
        (["--folder", ""], "The path is empty"),
        (["--keep-quota", "9GB"], "--keep-quota needs --keep DIR"),
        (["--keep-per-address", "9GB"], "--keep-per-address needs --keep DIR"),
        (["--keep-days", "7"], "--keep-days needs --keep DIR"),
        (["--keep-at-once", "7"], "--keep-at-once needs --keep DIR"),
        (["--keep", "kept", "--keep-days", "0"], "--keep-days is at least 1"),
        (["--keep", "kept", "--keep-parcels", "0"], "--keep-parcels is at least 1"),
        (["--keep", "kept", "--keep-at-once-per-peer", "0"], "-per-peer is at least 1"),
        (["--keep", "kept", "--keep-unfinished-hours", "1.5"], "number of things"),
        (["--keep", "kept", "--keep-quota", "1MB"], "--keep-quota is at least 2MB"),
        (["--keep", "kept", "--keep-largest", "6GB"], "more than --keep-per-peer (5.0 GB)"),
        (
            ["--keep", "kept", "--keep-largest", "4GB", "--keep-quota", "3GB"],
            "more than --keep-quota (3.0 GB)",
        ),
    ],
)
def test_a_wrong_limit_is_named(
    options: list[str], says: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit, match="2"):
        main(["relay", *options])
    assert says in capsys.readouterr().err
