"""The window itself: rail, strips, lock screen."""

from __future__ import annotations

from app.domain.snapshots.shell import ShellSnapshot, WaitingOrder
from app.ui.phrases import words
from app.ui.phrases.words import QT_TRANSLATE_NOOP, plural, say, translate

PLACES = {
    "home": QT_TRANSLATE_NOOP("phrases", "Home"),
    "datasets": QT_TRANSLATE_NOOP("phrases", "My datasets"),
    "browse": QT_TRANSLATE_NOOP("phrases", "Browse"),
    "orders": QT_TRANSLATE_NOOP("phrases", "Orders"),
    "records": QT_TRANSLATE_NOOP("phrases", "Records"),
    "money": QT_TRANSLATE_NOOP("phrases", "Money"),
    "settings": QT_TRANSLATE_NOOP("phrases", "Settings"),
}

_CONNECTIONS = {
    "online": QT_TRANSLATE_NOOP("phrases", "Online and reachable"),
    "relay": QT_TRANSLATE_NOOP("phrases", "Online, using a relay"),
    "unlisted": QT_TRANSLATE_NOOP("phrases", "Online, others cannot reach you"),
    "offline": QT_TRANSLATE_NOOP("phrases", "Offline"),
    "starting": QT_TRANSLATE_NOOP("phrases", "Connecting…"),
}

_CHAINS = {
    "unreachable": QT_TRANSLATE_NOOP("phrases", "Record not reachable"),
    "wrong": QT_TRANSLATE_NOOP("phrases", "Wrong network"),
    "starting": QT_TRANSLATE_NOOP("phrases", "Reading the record…"),
    "none": QT_TRANSLATE_NOOP("phrases", "No network chosen"),
}

_GUIDES = {
    "demo.owner.register": QT_TRANSLATE_NOOP(
        "phrases", "You are the owner. Open My datasets and register a file."
    ),
    "demo.owner.wait": QT_TRANSLATE_NOOP(
        "phrases", "Registered. In the buyer's window, open Browse and make an offer for it."
    ),
    "demo.owner.sign": QT_TRANSLATE_NOOP(
        "phrases", "An offer has come in. Open Orders, read it and sign it."
    ),
    "demo.owner.countered": QT_TRANSLATE_NOOP(
        "phrases", "Your proposal is out. In the buyer's window, open Orders and answer it."
    ),
    "demo.owner.look": QT_TRANSLATE_NOOP(
        "phrases", "Open Orders: the order's page says where it stands and what you can do."
    ),
    "demo.owner.deliver": QT_TRANSLATE_NOOP(
        "phrases", "Signed. The buyer pays next; then delivery runs by itself."
    ),
    "demo.owner.done": QT_TRANSLATE_NOOP(
        "phrases", "Paid. Open Records to see what stands there for good."
    ),
    "demo.buyer.browse": QT_TRANSLATE_NOOP(
        "phrases", "You are the buyer. Open Browse, choose the dataset and make an offer."
    ),
    "demo.buyer.wait": QT_TRANSLATE_NOOP(
        "phrases", "Offer sent. In the owner's window, open Orders and sign it."
    ),
    "demo.buyer.answer": QT_TRANSLATE_NOOP(
        "phrases", "The owner proposes something else. Open Orders to accept it or to answer."
    ),
    "demo.buyer.look": QT_TRANSLATE_NOOP(
        "phrases", "Open Orders: the order's page says where it stands and what you can do."
    ),
    "demo.buyer.pay": QT_TRANSLATE_NOOP(
        "phrases", "The owner signed. Open Orders, read the agreement and pay into holding."
    ),
    "demo.buyer.receive": QT_TRANSLATE_NOOP(
        "phrases", "Payment is held. The data is delivered and checked by itself."
    ),
    "demo.buyer.accept": QT_TRANSLATE_NOOP(
        "phrases", "The data arrived and was checked. Accept it and rate it in Orders."
    ),
    "demo.buyer.done": QT_TRANSLATE_NOOP(
        "phrases", "Done. The files are in your folder; Records shows every step."
    ),
}


def place(name: str, needs_you: int = 0) -> str:
    """The name of a page; for screen readers with how much there needs the person."""
    if not needs_you:
        return say(PLACES, name)
    waiting = plural(
        needs_you, translate("phrases", "{n} needs you"), translate("phrases", "{n} need you")
    )
    return f"{say(PLACES, name)}, {waiting}"


def connection(shell: ShellSnapshot) -> tuple[str, str]:
    """The state of the connection in words, and the token of its dot."""
    if shell.chain in ("unreachable", "wrong"):
        return say(_CHAINS, shell.chain), "badge"
    if shell.chain in ("starting", "none"):
        return say(_CHAINS, shell.chain), "dotWait"
    dots = {"online": "dotOn", "relay": "dotOn", "offline": "dotOff"}
    return say(_CONNECTIONS, shell.connection), dots.get(shell.connection, "dotWait")


def chain_unread() -> str:
    """Why nothing can be decided yet."""
    return translate("phrases", "Lading has not reached the network yet. This works once it has.")


def practice() -> str:
    return translate("phrases", "Practice network: nothing here costs money.")


def guide(key: str) -> str:
    return say(_GUIDES, key) if key else ""


def guest() -> str:
    return translate("phrases", "Just looking round")


def locked_title(name: str) -> str:
    if not name:
        return translate("phrases", "Locked")
    return translate("phrases", "{name} is locked").format(name=name)


def locked_text(restarted: bool) -> str:
    if restarted:
        return translate(
            "phrases",
            "Nothing is delivered, signed or paid until you type the password of the identity"
            " file.",
        )
    return translate(
        "phrases", "Deliveries go on. Type the password of the identity file to sign and pay."
    )


def waiting() -> str:
    return translate("phrases", "Waiting for you")


def waiting_order(one: WaitingOrder) -> str:
    """Who it is with and until when: "AgriSense ApS  ·  until 28 Nov, 14:02"."""
    return f"{one.other}  ·  {_until(one)}" if one.due_at else one.other


def _until(one: WaitingOrder) -> str:
    text = (
        translate("phrases", "was due {time}") if one.late else translate("phrases", "until {time}")
    )
    return text.format(time=words.moment(one.due_at))


def waiting_more(n: int) -> str:
    return plural(n, translate("phrases", "and {n} more"), translate("phrases", "and {n} more"))


def password() -> str:
    return translate("phrases", "Password")


def unlock() -> str:
    return translate("phrases", "Unlock")


def opening() -> str:
    return translate("phrases", "Opening…")


def navigation() -> str:
    return translate("phrases", "Pages")


def offer_recovery_sheet() -> str:
    return translate("phrases", "Recovery sheet not saved yet")


def tray_open() -> str:
    return translate("phrases", "Open Lading")


def tray_pause(paused: bool) -> str:
    if paused:
        return translate("phrases", "Resume all deliveries")
    return translate("phrases", "Pause all deliveries")


def delivering() -> str:
    """Why the computer stays awake, for the desktop to say."""
    return translate("phrases", "Data is being delivered")


def tray_quit() -> str:
    return translate("phrases", "Quit Lading")


def still_here() -> str:
    return translate("phrases", "Lading goes on in the tray, so that deliveries can finish.")


def needs_you(title: str, other: str) -> str:
    return translate("phrases", "{title} with {other} needs you.").format(title=title, other=other)


def locked_orders(waiting: tuple[WaitingOrder, ...]) -> str:
    """The orders by name, each with its deadline."""
    named = [f"{one.title} ({_until(one)})" if one.due_at else one.title for one in waiting]
    return translate("phrases", "Unlock Lading: these orders wait for it: {titles}").format(
        titles=", ".join(named)
    )
