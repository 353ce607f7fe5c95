"""Relays: for whom nobody can dial."""

from __future__ import annotations

from app.domain.snapshots.shell import RelayRow
from app.ui.phrases import words
from app.ui.phrases.words import QT_TRANSLATE_NOOP, say, translate

_TEXTS = {
    "title": QT_TRANSLATE_NOOP("phrases", "Relays"),
    "text": QT_TRANSLATE_NOOP(
        "phrases",
        "For a computer behind a router that lets nobody in: others reach it through a relay. What"
        " passes there is sealed; the relay sees only who talks to whom, and how much.",
    ),
    "none": QT_TRANSLATE_NOOP(
        "phrases",
        "No relay yet. Ask somebody who runs one for its address, or run one on a computer that"
        " others can reach: lading relay.",
    ),
    "new": QT_TRANSLATE_NOOP("phrases", "Address of a relay"),
    "new.example": QT_TRANSLATE_NOOP("phrases", "/ip4/…/tcp/4001/p2p/…"),
    "new.hint": QT_TRANSLATE_NOOP(
        "phrases",
        "As the relay shows it. Two are better than one: if one fails, the other is taken. Which"
        " relays you use goes on the record.",
    ),
    "new.missing": QT_TRANSLATE_NOOP("phrases", "Paste the address of a relay first."),
    "new.do": QT_TRANSLATE_NOOP("phrases", "Add relay"),
    "full": QT_TRANSLATE_NOOP("phrases", "Four relays are enough: remove one first."),
}

_STATES = {
    "asking": QT_TRANSLATE_NOOP("phrases", "connecting…"),
    "reserved": QT_TRANSLATE_NOOP("phrases", "reserved"),
    "refused": QT_TRANSLATE_NOOP("phrases", "gives no place"),
    "unreachable": QT_TRANSLATE_NOOP("phrases", "not reachable"),
}
TONES = {"asking": "quiet", "reserved": "accent", "refused": "warn", "unreachable": "warn"}


def text(code: str) -> str:
    return say(_TEXTS, code)


def state(standing: str) -> str:
    return say(_STATES, standing)


def keeps(relay: RelayRow) -> str:
    """What it does for buyers who are off line."""
    return translate(
        "phrases", "Keeps parcels of up to {size} for {time}, until the buyer is on line."
    ).format(size=words.size(relay.keeps_bytes), time=words.duration(relay.keeps_days * 86_400))


def why(relay: RelayRow) -> str:
    """Why there is no place, and what can be done; nothing while there is one."""
    if relay.state == "refused":
        text = translate(
            "phrases",
            "{reason} It is asked again by itself. If it stays so, add another relay, or ask"
            " whoever runs this one.",
        )
    elif relay.state == "unreachable":
        text = translate(
            "phrases",
            "{reason} Check that it runs and that this is its address, or add another relay.",
        )
    else:
        return ""
    return text.format(reason=relay.reason).strip()


def remove(address: str) -> str:
    return translate("phrases", "Remove the relay {address}").format(address=address)


def relay(address: str, standing: str) -> str:
    """For screen readers."""
    return translate("phrases", "Relay {address}: {state}").format(
        address=address, state=state(standing)
    )
