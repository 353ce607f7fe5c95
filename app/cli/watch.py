"""``lading node --watch``: look after another identity's orders while its own computer is off."""

from __future__ import annotations

import json
import sys
from pathlib import Path

from app.cli.interrupted import Interrupted


def show_code(folder: Path) -> int:
    """Print what the buyer's app has to be told; the exit code."""
    from app.engine.parcel import ParcelError
    from app.engine.watcher import own_code

    try:
        print(own_code(folder))
    except (OSError, ParcelError) as error:
        return _cannot(folder, error)
    return 0


def watch(folder: Path, as_json: bool) -> int:
    """Until interrupted: take parcels in, complain and refund; the exit code."""
    from app.engine.parcel import ParcelError
    from app.engine.watcher import Happening, Watcher, WatcherBusy, own_code

    def tell(happened: Happening) -> None:
        if as_json:
            line = {
                "order": happened.order,
                "what": happened.what,
                "sentence": happened.sentence,
            }
            print(json.dumps(line), flush=True)
        else:
            print(f"{happened.order[:16]:<16}  {happened.sentence}", flush=True)

    over = Interrupted()
    try:
        with Watcher(folder, tell) as watcher:
            print(f"Watch code  {own_code(folder)}", file=sys.stderr)
            print(f"Parcels     {watcher.inbox}", file=sys.stderr, flush=True)
            watcher.look()
            while not over.wait(watcher.pause_seconds):
                watcher.look()
    except (OSError, ParcelError, WatcherBusy) as error:
        return _cannot(folder, error)
    return 0


def _cannot(folder: Path, error: Exception) -> int:
    if isinstance(error, OSError):
        print(f"The folder {folder} cannot be used: {error.strerror}.", file=sys.stderr)
    else:
        print(error, file=sys.stderr)
    return 1
