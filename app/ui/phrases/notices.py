"""Notices: what happened, why, and what to do."""

from __future__ import annotations

from app.domain.snapshots.shell import Notice
from app.ui.phrases.words import QT_TRANSLATE_NOOP, translate

# code → title, cause, advice; the gaps are the notice's values
_NOTICES: dict[str, tuple[str, str, str]] = {
    "peer.unreachable": (
        QT_TRANSLATE_NOOP("phrases", "Could not reach {other}."),
        QT_TRANSLATE_NOOP("phrases", "Their computer is off, asleep or not connected."),
        QT_TRANSLATE_NOOP("phrases", "It goes on by itself when they are back."),
    ),
    "peer.broke_protocol": (
        QT_TRANSLATE_NOOP("phrases", "{other}'s app sent something that does not fit."),
        QT_TRANSLATE_NOOP("phrases", "It was refused, and nothing was changed or paid."),
        QT_TRANSLATE_NOOP("phrases", "Ask them to update their app; keep the details."),
    ),
    "chain.unreachable": (
        QT_TRANSLATE_NOOP("phrases", "The record cannot be reached."),
        QT_TRANSLATE_NOOP("phrases", "The network's computer does not answer."),
        QT_TRANSLATE_NOOP("phrases", "Everything waits safely; it is tried again by itself."),
    ),
    "chain.wrong_network": (
        QT_TRANSLATE_NOOP("phrases", "This is not the network it should be."),
        QT_TRANSLATE_NOOP("phrases", "The address answers for another network."),
        QT_TRANSLATE_NOOP("phrases", "Check the network file in Settings; nothing was sent."),
    ),
    "chain.refused": (
        QT_TRANSLATE_NOOP("phrases", "The record refused this."),
        QT_TRANSLATE_NOOP("phrases", ""),
        QT_TRANSLATE_NOOP("phrases", "Nothing was paid. Copy the details if it happens again."),
    ),
    "wrong_password": (
        QT_TRANSLATE_NOOP("phrases", "That is not the password."),
        QT_TRANSLATE_NOOP("phrases", "The identity file stays locked."),
        QT_TRANSLATE_NOOP("phrases", "Try again, or restore it from the recovery sheet."),
    ),
    "bug": (
        QT_TRANSLATE_NOOP("phrases", "Something went wrong inside Lading."),
        QT_TRANSLATE_NOOP("phrases", "This is a fault of the app, not yours."),
        QT_TRANSLATE_NOOP("phrases", "Copy the details and send them with a report."),
    ),
}


class _Gaps(dict[str, str]):
    """A value the notice lacks stays visible as its name instead of breaking the sentence."""

    def __missing__(self, key: str) -> str:
        return key


def _titles() -> dict[str, str]:
    return {
        "rule": translate("phrases", "This does not work yet."),
        "peer": translate("phrases", "The other side's app did something wrong."),
        "outage": translate("phrases", "Waiting for a connection."),
        "bug": translate("phrases", "Something went wrong inside Lading."),
        "done": translate("phrases", "Done."),
    }


def written(notice: Notice) -> tuple[str, str, str]:
    """Title, cause and advice; the notice's own English cause where the code is not known."""
    if notice.code not in _NOTICES:
        return _titles()[notice.kind], notice.cause, ""
    gaps = _Gaps(notice.values)
    title, cause, advice = (
        translate("phrases", text).format_map(gaps) if text else ""
        for text in _NOTICES[notice.code]
    )
    return title, cause or notice.cause, advice
