"""Delivery and verification."""

from __future__ import annotations

from app.domain.snapshots.orders import DeliveryView, Tick
from app.ui.phrases import words
from app.ui.phrases.words import QT_TRANSLATE_NOOP, say, translate

_STATES = {
    "not_started": QT_TRANSLATE_NOOP("phrases", "Begins when the payment is final"),
    "waiting_peer": QT_TRANSLATE_NOOP(
        "phrases", "Waiting for the other computer; goes on by itself"
    ),
    "waiting_final": QT_TRANSLATE_NOOP("phrases", "Waiting until the payment is final"),
    "paused": QT_TRANSLATE_NOOP("phrases", "Paused by you"),
    "paused_all": QT_TRANSLATE_NOOP("phrases", "Paused by you, with all other deliveries"),
    "unplugged": QT_TRANSLATE_NOOP("phrases", "Waits until this computer is plugged in"),
    "other_paused": QT_TRANSLATE_NOOP("phrases", "Paused by the other side"),
    "queued": QT_TRANSLATE_NOOP("phrases", "Waits its turn: number {place} of those that wait"),
    "other_queued": QT_TRANSLATE_NOOP(
        "phrases", "Waits its turn: the other side sends to others first"
    ),
    "received": QT_TRANSLATE_NOOP("phrases", "All parts are there"),
    "key_awaited": QT_TRANSLATE_NOOP("phrases", "All parts are there; waiting for the key"),
    "checking": QT_TRANSLATE_NOOP("phrases", "Every record is being checked"),
    "in_place": QT_TRANSLATE_NOOP("phrases", "Checked and in place"),
    "failed": QT_TRANSLATE_NOOP("phrases", "Stopped"),
}

_PROBLEMS = {
    "disk_full": QT_TRANSLATE_NOOP(
        "phrases", "The disk is full. Make room; the delivery goes on where it stopped."
    ),
    "content_changed": QT_TRANSLATE_NOOP(
        "phrases",
        "The files are not what was registered any more. Put the registered version back.",
    ),
    "content_missing": QT_TRANSLATE_NOOP(
        "phrases", "The files are not where they were. Say in My datasets where they are now."
    ),
    "peer_offline": QT_TRANSLATE_NOOP("phrases", "Their computer is off or asleep."),
    "bad_record": QT_TRANSLATE_NOOP("phrases", "A record does not fit the fingerprint."),
}

_TICKS = {
    "fingerprint": QT_TRANSLATE_NOOP("phrases", "Fingerprint of the whole"),
    "records": QT_TRANSLATE_NOOP("phrases", "Every single record"),
    "files": QT_TRANSLATE_NOOP("phrases", "All files of the list"),
    "content_id": QT_TRANSLATE_NOOP("phrases", "Content as the owner stated it"),
    "size": QT_TRANSLATE_NOOP("phrases", "Size as stated"),
}


def title() -> str:
    return translate("phrases", "Delivery")


def sealed(selling: bool) -> str:
    if selling:
        return translate("phrases", "Only this buyer can open it")
    return translate("phrases", "Only you can open it")


def confirmed(selling: bool) -> str:
    if selling:
        return translate("phrases", "confirmed by buyer")
    return translate("phrases", "received and kept")


def left() -> str:
    return translate("phrases", "time left")


def speed_now() -> str:
    return translate("phrases", "speed now")


def legend(selling: bool) -> tuple[str, str, str]:
    """Confirmed; sent and not confirmed, which the buyer cannot see; still to come."""
    if selling:
        return (
            translate("phrases", "confirmed by the buyer"),
            translate("phrases", "sent, not confirmed yet"),
            translate("phrases", "to send"),
        )
    return (
        translate("phrases", "received"),
        "",
        translate("phrases", "to come"),
    )


def parts(view: DeliveryView) -> str:
    return translate("phrases", "part {n} of {total}").format(
        n=words.number(view.confirmed_parts), total=words.number(view.total_parts)
    )


def spoken(view: DeliveryView, selling: bool) -> str:
    """The parts bar for screen readers."""
    if selling:
        text = translate(
            "phrases", "{confirmed} of {total} parts confirmed by the buyer, {sent} sent"
        )
    else:
        text = translate("phrases", "{confirmed} of {total} parts received")
    return text.format(confirmed=view.confirmed_parts, total=view.total_parts, sent=view.sent_parts)


def state(view: DeliveryView) -> str:
    """What is going on, "" while it simply runs."""
    if view.problem:
        return say(_PROBLEMS, view.problem)
    if view.state == "running":
        return ""
    return say(_STATES, view.state, place=words.number(view.place))


def pause() -> str:
    return translate("phrases", "Pause")


def resume() -> str:
    return translate("phrases", "Resume")


def deliver_next() -> str:
    return translate("phrases", "Deliver next")


def deliver_next_text() -> str:
    return translate("phrases", "Before all others that wait")


def resume_all() -> str:
    return translate("phrases", "Resume all")


def open_folder() -> str:
    return translate("phrases", "Open folder")


def folder(path: str) -> str:
    return translate("phrases", "Saved in {path}").format(path=path)


def check_title() -> str:
    return translate("phrases", "Checked on this computer")


def tick(line: Tick) -> str:
    return say(_TICKS, line.what)


def tick_spoken(line: Tick) -> str:
    states = {
        True: translate("phrases", "correct"),
        False: translate("phrases", "wrong"),
        None: translate("phrases", "still to be checked"),
    }
    return f"{tick(line)}: {states[line.ok]}"


def what_is_proven() -> str:
    return translate(
        "phrases",
        "Held payment covers the records: each must fit the registered fingerprint. What the"
        " owner says about the content is a statement; it counts in the rating.",
    )
