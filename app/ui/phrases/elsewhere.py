"""Other networks: in Settings, and what was registered there."""

from __future__ import annotations

from app.domain.snapshots.datasets import RegisterSnapshot
from app.domain.snapshots.shell import OtherNetwork
from app.ui.phrases.words import QT_TRANSLATE_NOOP, plural, say, translate

_TEXTS = {
    "title": QT_TRANSLATE_NOOP("phrases", "Other networks to check"),
    "text": QT_TRANSLATE_NOOP(
        "phrases",
        "The same data may be registered elsewhere, too. Lading looks through the networks below"
        " and says so; nothing is bought, sold or recorded there.",
    ),
    "none": QT_TRANSLATE_NOOP("phrases", "None yet: only the network above is looked through."),
    "name": QT_TRANSLATE_NOOP("phrases", "Name"),
    "address": QT_TRANSLATE_NOOP("phrases", "Address"),
    "address.example": QT_TRANSLATE_NOOP("phrases", "https://…"),
    "address.hint": QT_TRANSLATE_NOOP(
        "phrases",
        "Of one of its computers that answers questions (RPC). With several, separated by spaces,"
        " most of them must say the same.",
    ),
    "address.missing": QT_TRANSLATE_NOOP("phrases", "Paste an address of the network first."),
    "do": QT_TRANSLATE_NOOP("phrases", "Add network"),
    "asking": QT_TRANSLATE_NOOP("phrases", "Looking it up…"),
    "full": QT_TRANSLATE_NOOP("phrases", "Eight networks are enough: remove one first."),
}

_STATES = {
    "reading": QT_TRANSLATE_NOOP("phrases", "being read…"),
    "ok": QT_TRANSLATE_NOOP("phrases", "read to the end"),
    "unreachable": QT_TRANSLATE_NOOP("phrases", "not reachable"),
    "wrong": QT_TRANSLATE_NOOP("phrases", "another network answers"),
    "full": QT_TRANSLATE_NOOP("phrases", "too large to be read"),
}
TONES = {
    "reading": "quiet",
    "ok": "accent",
    "unreachable": "warn",
    "wrong": "warn",
    "full": "warn",
}


def text(code: str) -> str:
    return say(_TEXTS, code)


def state(standing: str) -> str:
    return say(_STATES, standing)


def remove(name: str) -> str:
    return translate("phrases", "Check the network {name} no longer").format(name=name)


def facts(network: OtherNetwork) -> str:
    """ "chain 77001  ·  rpc.example.org  ·  12 registrations"."""
    chain = translate("phrases", "chain {id}").format(id=network.chain_id)
    found = plural(
        network.registrations,
        translate("phrases", "{n} registration"),
        translate("phrases", "{n} registrations"),
    )
    return "  ·  ".join((chain, ", ".join(network.hosts), found))


def network(one: OtherNetwork) -> str:
    """For screen readers."""
    return translate("phrases", "Network {name}: {state}").format(
        name=one.name, state=state(one.state)
    )


def about(draft: RegisterSnapshot) -> str:
    """What has to be said of networks beside what was found; nothing in most cases."""
    said = []
    if draft.unclear:
        said.append(
            translate(
                "phrases",
                "Registered on two networks within an hour: which was first cannot be told from"
                " the clocks.",
            )
        )
    if draft.unchecked and draft.fingerprint:
        missing = translate("phrases", "Not looked through to the end: {names}.")
        said.append(missing.format(names=", ".join(draft.unchecked)))
    return " ".join(said)
