"""Settings: identity, network, connection, folders, appearance, diagnostics."""

from __future__ import annotations

from app.domain.snapshots.shell import SettingsSnapshot
from app.ui.phrases import words
from app.ui.phrases.words import QT_TRANSLATE_NOOP, plural, say, translate

_TEXTS = {
    "title": QT_TRANSLATE_NOOP("phrases", "Settings"),
    # identity
    "identity": QT_TRANSLATE_NOOP("phrases", "Identity"),
    "identity.text": QT_TRANSLATE_NOOP(
        "phrases", "It signs for you. Its file is on this computer, sealed with your password."
    ),
    "name": QT_TRANSLATE_NOOP("phrases", "Name"),
    "name.hint": QT_TRANSLATE_NOOP("phrases", "Others see it; a change goes on the record."),
    "name.save": QT_TRANSLATE_NOOP("phrases", "Save name"),
    "code": QT_TRANSLATE_NOOP("phrases", "Address"),
    "password": QT_TRANSLATE_NOOP("phrases", "Change password…"),
    "words": QT_TRANSLATE_NOOP("phrases", "Show recovery sheet…"),
    "export": QT_TRANSLATE_NOOP("phrases", "Export identity file…"),
    "lock": QT_TRANSLATE_NOOP("phrases", "Lock now"),
    "auto_lock": QT_TRANSLATE_NOOP("phrases", "Lock by itself after"),
    "auto_lock.hint": QT_TRANSLATE_NOOP("phrases", "Deliveries go on while it is locked."),
    "unsaved.lead": QT_TRANSLATE_NOOP("phrases", "The recovery sheet is not saved yet."),
    "unsaved.rest": QT_TRANSLATE_NOOP(
        "phrases", "Without it nobody can bring your money back if this computer breaks."
    ),
    "guest": QT_TRANSLATE_NOOP(
        "phrases", "You are looking round without an identity. Create one to sell or buy."
    ),
    "guest.do": QT_TRANSLATE_NOOP("phrases", "Create an identity"),
    # network
    "network": QT_TRANSLATE_NOOP("phrases", "Network"),
    "network.text": QT_TRANSLATE_NOOP(
        "phrases", "It keeps the permanent record and the payments in holding."
    ),
    "network.none": QT_TRANSLATE_NOOP("phrases", "none chosen"),
    "network.practice": QT_TRANSLATE_NOOP("phrases", "practice, costs nothing"),
    "chain": QT_TRANSLATE_NOOP("phrases", "Chain id"),
    "block": QT_TRANSLATE_NOOP("phrases", "Newest block"),
    "final": QT_TRANSLATE_NOOP("phrases", "Final after"),
    "endpoint": QT_TRANSLATE_NOOP("phrases", "Endpoint"),
    "trust": QT_TRANSLATE_NOOP("phrases", "Believed"),
    "trust.one": QT_TRANSLATE_NOOP("phrases", "One endpoint: Lading must believe it."),
    "trust.several": QT_TRANSLATE_NOOP(
        "phrases", "{needed} of {all} endpoints must say the same before money moves."
    ),
    "trust.proven": QT_TRANSLATE_NOOP(
        "phrases",
        "{needed} of {all} endpoints must agree on a block; what it says of orders is proven.",
    ),
    "registry": QT_TRANSLATE_NOOP("phrases", "Registry"),
    "exchange": QT_TRANSLATE_NOOP("phrases", "Exchange"),
    "join": QT_TRANSLATE_NOOP("phrases", "Join another network…"),
    "join.practice": QT_TRANSLATE_NOOP("phrases", "Join the practice network"),
    "reconnect": QT_TRANSLATE_NOOP("phrases", "Try the connection again"),
    # connection
    "connection": QT_TRANSLATE_NOOP("phrases", "Connection and bandwidth"),
    "connection.text": QT_TRANSLATE_NOOP(
        "phrases",
        "How the other side's computer finds this one to deliver data, and how much of your line"
        " deliveries may use.",
    ),
    "unlisted.helps": QT_TRANSLATE_NOOP(
        "phrases",
        "No data moves between you and people who cannot be reached either. A relay helps, below;"
        " or let the router open a port and share your direct address.",
    ),
    "peer": QT_TRANSLATE_NOOP("phrases", "Peer id"),
    "addresses": QT_TRANSLATE_NOOP("phrases", "Reachable at"),
    "addresses.none": QT_TRANSLATE_NOOP("phrases", "no address yet"),
    "share": QT_TRANSLATE_NOOP("phrases", "Share my direct address"),
    "share.text": QT_TRANSLATE_NOOP(
        "phrases",
        "I agree that this computer's internet address stands in my public profile. Everyone can"
        " read it there, also later; deliveries get faster.",
    ),
    "lan": QT_TRANSLATE_NOOP("phrases", "Find others on the local network"),
    "lan.text": QT_TRANSLATE_NOOP(
        "phrases", "Computers in the same office or home see that Lading runs here."
    ),
    "router": QT_TRANSLATE_NOOP("phrases", "Let the router open a port"),
    "router.text": QT_TRANSLATE_NOOP(
        "phrases",
        "While Lading runs, the router here lets other people's computers in to Lading, and to"
        " nothing else. If you share your direct address too, more of them reach you.",
    ),
    "router.asking": QT_TRANSLATE_NOOP("phrases", "The router is being asked…"),
    "router.open": QT_TRANSLATE_NOOP("phrases", "The router lets others in."),
    "router.closed": QT_TRANSLATE_NOOP(
        "phrases",
        "No router here opens a port for programs. It will be tried again; until then a relay"
        " helps.",
    ),
    # folders
    "folders": QT_TRANSLATE_NOOP("phrases", "Folders"),
    "folders.text": QT_TRANSLATE_NOOP("phrases", "Where data you bought is put."),
    "downloads": QT_TRANSLATE_NOOP("phrases", "Data you bought"),
    "choose": QT_TRANSLATE_NOOP("phrases", "Choose…"),
    "open": QT_TRANSLATE_NOOP("phrases", "Open"),
    # appearance
    "look": QT_TRANSLATE_NOOP("phrases", "Appearance and language"),
    "look.text": QT_TRANSLATE_NOOP("phrases", "Changes at once."),
    "appearance": QT_TRANSLATE_NOOP("phrases", "Appearance"),
    "system": QT_TRANSLATE_NOOP("phrases", "Like the system"),
    "light": QT_TRANSLATE_NOOP("phrases", "Light"),
    "dark": QT_TRANSLATE_NOOP("phrases", "Dark"),
    "language": QT_TRANSLATE_NOOP("phrases", "Language"),
    # diagnostics
    "diagnostics": QT_TRANSLATE_NOOP("phrases", "Diagnostics"),
    "diagnostics.text": QT_TRANSLATE_NOOP(
        "phrases", "If you ask for help: this report holds no password, key, name or data."
    ),
    "version": QT_TRANSLATE_NOOP("phrases", "Version"),
    "profile": QT_TRANSLATE_NOOP("phrases", "Profile folder"),
    "report": QT_TRANSLATE_NOOP("phrases", "The report"),
    "copy_report": QT_TRANSLATE_NOOP("phrases", "Copy report"),
    "copied": QT_TRANSLATE_NOOP("phrases", "Copied"),
    # sheets
    "password.title": QT_TRANSLATE_NOOP("phrases", "Change the password"),
    "password.text": QT_TRANSLATE_NOOP(
        "phrases", "It opens the identity file on this computer. The recovery sheet stays good."
    ),
    "password.do": QT_TRANSLATE_NOOP("phrases", "Change password"),
    "password.old": QT_TRANSLATE_NOOP("phrases", "Password until now"),
    "password.new": QT_TRANSLATE_NOOP("phrases", "New password"),
    "password.now": QT_TRANSLATE_NOOP("phrases", "Password"),
    "password.missing": QT_TRANSLATE_NOOP("phrases", "Type your password."),
    "words.title": QT_TRANSLATE_NOOP("phrases", "Your recovery sheet"),
    "words.ask": QT_TRANSLATE_NOOP(
        "phrases", "Look around first: nobody should see the next page over your shoulder."
    ),
    "words.do": QT_TRANSLATE_NOOP("phrases", "Show the words"),
    "words.text": QT_TRANSLATE_NOOP(
        "phrases", "Write them down in this order, or print them. Whoever has them has your money."
    ),
    "export.title": QT_TRANSLATE_NOOP("phrases", "Export the identity file"),
    "export.text": QT_TRANSLATE_NOOP(
        "phrases",
        "A keystore file other wallets can open, sealed with your password. It holds the account"
        " only: keep the recovery sheet too.",
    ),
    "export.do": QT_TRANSLATE_NOOP("phrases", "Save identity file"),
    "export.path": QT_TRANSLATE_NOOP("phrases", "Save as"),
    "export.place": QT_TRANSLATE_NOOP("phrases", "No file chosen"),
    "export.missing": QT_TRANSLATE_NOOP("phrases", "Choose where to save it."),
    "export.filter": QT_TRANSLATE_NOOP("phrases", "Identity files (*.json)"),
    "export.file": QT_TRANSLATE_NOOP("phrases", "Lading identity.json"),
    "join.title": QT_TRANSLATE_NOOP("phrases", "Join another network"),
    "join.text": QT_TRANSLATE_NOOP(
        "phrases",
        "Lading follows one network at a time. Orders of this one do not go on while you are on"
        " another, and their deadlines keep running.",
    ),
    "join.do": QT_TRANSLATE_NOOP("phrases", "Join network"),
}


def text(code: str) -> str:
    return say(_TEXTS, code)


def minutes(count: int) -> str:
    if count == 0:
        return translate("phrases", "never")
    return words.duration(count * 60)


def confirmations(count: int) -> str:
    return plural(count, translate("phrases", "{n} block"), translate("phrases", "{n} blocks"))


def router(state: str) -> str:
    """What the router says to it; nothing where it is not asked."""
    return "" if state == "off" else text(f"router.{state}")


def trust(snapshot: SettingsSnapshot) -> str:
    """What has to be believed of the network's endpoints, in one line."""
    if snapshot.endpoints < 2:
        return text("trust.one")
    code = "trust.proven" if snapshot.endpoints_prove else "trust.several"
    return say(_TEXTS, code, needed=snapshot.endpoints_needed, all=snapshot.endpoints)


def english() -> str:
    """The language's own name, the same in every language."""
    return "English"
