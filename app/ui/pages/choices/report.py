"""What can be shown to somebody who helps: nothing secret, nothing that names the person."""

from __future__ import annotations

import platform
from urllib.parse import urlsplit

from PySide6.QtCore import qVersion
from PySide6.QtGui import QGuiApplication

from app.domain.snapshots.shell import SettingsSnapshot, ShellSnapshot


def endpoint(rpc: str) -> str:
    """Only scheme, host and port: paths and queries of endpoints often hold an access key."""
    try:
        parts = urlsplit(rpc)
        port = f":{parts.port}" if parts.port else ""
    except ValueError:
        return "unreadable"
    return f"{parts.scheme}://{parts.hostname}{port}" if parts.hostname else ""


def report(settings: SettingsSnapshot, shell: ShellSnapshot) -> str:
    """Plain English lines for a report; not translated, since helpers read it."""
    lines = (
        ("Lading", settings.version),
        ("System", f"{platform.system()} {platform.release()} ({platform.machine()})"),
        ("Python", platform.python_version()),
        ("Qt", f"{qVersion()} ({QGuiApplication.platformName()})"),
        ("Network", f"{settings.network or 'none'}{' (practice)' if settings.practice else ''}"),
        ("Chain id", str(settings.chain_id)),
        ("Record", f"{shell.chain}, block {settings.block_number}"),
        ("Endpoint", endpoint(settings.rpc)),
        ("Registry", settings.registry),
        ("Exchange", settings.exchange),
        ("Connection", f"{shell.connection}, {len(settings.addresses)} addresses"),
        ("Direct address shared", "yes" if settings.share_direct_address else "no"),
        ("Relays", ", ".join(relay.state for relay in settings.relays) or "none"),
        ("Found on local network", "yes" if settings.find_on_lan else "no"),
        ("Port of the router", settings.router),
        ("Identity", "yes" if settings.address else "none"),
        ("Recovery sheet saved", "yes" if settings.backed_up else "no"),
    )
    return "\n".join(f"{name}: {value}" for name, value in lines)
