"""One side of a measured libtorrent transfer; runs in the peers' own environment (`.venv-bench`).

``make TORRENT DATA`` writes a torrent of DATA; ``seed TORRENT DATA`` says its port and seeds until
its standard input ends. ``take TORRENT TARGET PORT`` ends when every piece was checked and is with
the system.
"""

import os
import sys
import time
from pathlib import Path
from typing import Any

import libtorrent

QUIET = {
    "enable_dht": False,
    "enable_lsd": False,
    "enable_upnp": False,
    "enable_natpmp": False,
    "enable_outgoing_utp": False,  # made to give way to other traffic
    "enable_incoming_utp": False,
    "allow_multiple_connections_per_ip": True,
    "alert_mask": libtorrent.alert.category_t.status_notification
    | libtorrent.alert.category_t.storage_notification
    | libtorrent.alert.category_t.error_notification,
}


def session(port: int) -> Any:
    # What its authors recommend for a fast link; the defaults are for a thin one.
    fast = libtorrent.high_performance_seed()
    return libtorrent.session({**fast, **QUIET, "listen_interfaces": f"127.0.0.1:{port}"})


def make(torrent: Path, data: Path) -> None:
    files = libtorrent.file_storage()
    libtorrent.add_files(files, str(data))
    made = libtorrent.create_torrent(files, 1 << 20, libtorrent.create_torrent.v1_only)
    libtorrent.set_piece_hashes(made, str(data.parent))
    torrent.write_bytes(libtorrent.bencode(made.generate()))


def seed(torrent: Path, data: Path) -> None:
    giving = session(0)
    about = libtorrent.add_torrent_params()
    about.ti, about.save_path = libtorrent.torrent_info(str(torrent)), str(data.parent)
    about.flags = libtorrent.torrent_flags.seed_mode  # it knows that its pieces are right
    giving.add_torrent(about)
    while not giving.listen_port():
        time.sleep(0.01)
    print(giving.listen_port(), flush=True)
    sys.stdin.read()


def take(torrent: Path, target: Path, port: int) -> None:
    about = libtorrent.add_torrent_params()
    about.ti, about.save_path = libtorrent.torrent_info(str(torrent)), str(target.parent)
    about.ti.rename_file(0, target.name)
    about.peers = [("127.0.0.1", port)]
    taking = session(0)
    handle = taking.add_torrent(about)
    while not handle.status().is_seeding:
        taking.wait_for_alert(20)
        taking.pop_alerts()
    handle.flush_cache()
    while not any(
        isinstance(alert, libtorrent.cache_flushed_alert) for alert in taking.pop_alerts()
    ):
        taking.wait_for_alert(100)
    # Nothing is left to say: its orderly farewell to trackers would only cost time.
    os._exit(0)


if __name__ == "__main__":
    role, described, place, *rest = sys.argv[1:]
    if role == "make":
        make(Path(described), Path(place))
    elif role == "seed":
        seed(Path(described), Path(place))
    else:
        take(Path(described), Path(place), int(rest[0]))
