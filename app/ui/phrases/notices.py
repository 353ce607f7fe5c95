"""Notices: what happened, why, and what to do."""

from __future__ import annotations

from app.domain.snapshots.shell import Notice
from app.ui.phrases.rules import RULES
from app.ui.phrases.words import QT_TRANSLATE_NOOP, translate

# code → title, cause, advice; the gaps are the notice's values
_NOTICES: dict[str, tuple[str, str, str]] = {
    "peer.unreachable": (
        QT_TRANSLATE_NOOP("phrases", "Could not reach {other}."),
        QT_TRANSLATE_NOOP("phrases", "Their computer is off, asleep or not connected."),
        QT_TRANSLATE_NOOP("phrases", "It goes on by itself when they are back."),
    ),
    "peer.broke_protocol": (
        QT_TRANSLATE_NOOP("phrases", "Something from {other}'s app does not fit."),
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
    "done.ChangePassword": (
        QT_TRANSLATE_NOOP("phrases", "The password was changed."),
        QT_TRANSLATE_NOOP("phrases", "It opens the identity file from now on."),
        "",
    ),
    "done.ExportIdentity": (
        QT_TRANSLATE_NOOP("phrases", "The identity file was saved."),
        QT_TRANSLATE_NOOP("phrases", "Keep it apart from its password."),
        "",
    ),
    "done.SendMoney": (
        QT_TRANSLATE_NOOP("phrases", "The money is on its way to the record."),
        "",
        "",
    ),
    "done.LetWatch": (
        QT_TRANSLATE_NOOP("phrases", "The parcel was saved."),
        QT_TRANSLATE_NOOP("phrases", "The coins for its fees are on their way to the record."),
        QT_TRANSLATE_NOOP(
            "phrases", "Bring it to the other device before you switch this computer off."
        ),
    ),
    "done.parcel": (
        QT_TRANSLATE_NOOP("phrases", "The parcel was saved."),
        QT_TRANSLATE_NOOP("phrases", "Bring it to the buyer in any way; only they can open it."),
        QT_TRANSLATE_NOOP("phrases", "Receipt and key follow when both of you are on line."),
    ),
    "done.parcel_parts": (
        QT_TRANSLATE_NOOP("phrases", "The parcel was saved in {parts} parts."),
        QT_TRANSLATE_NOOP(
            "phrases", "They can go different ways and in any order; only the buyer can open them."
        ),
        QT_TRANSLATE_NOOP("phrases", "Receipt and key follow when both of you are on line."),
    ),
    "done.parcel_left": (
        QT_TRANSLATE_NOOP("phrases", "The parcel is at the relay."),
        QT_TRANSLATE_NOOP("phrases", "The buyer fetches it there, and only they can open it."),
        QT_TRANSLATE_NOOP("phrases", "Receipt and key follow when both of you are on line."),
    ),
    "done.SaveProof": (
        QT_TRANSLATE_NOOP("phrases", "The proof was saved."),
        QT_TRANSLATE_NOOP("phrases", "Anybody can check it, without Lading and off line."),
        "",
    ),
    "done.SaveAgreement": (
        QT_TRANSLATE_NOOP("phrases", "The agreement was saved."),
        QT_TRANSLATE_NOOP("phrases", "Anybody can check it, without Lading and off line."),
        "",
    ),
    "done.SaveChallenge": (
        QT_TRANSLATE_NOOP("phrases", "The comparison was saved."),
        QT_TRANSLATE_NOOP(
            "phrases", "The likeness in it can be worked out anew by anybody, off line."
        ),
        "",
    ),
    "done.AddBond": (
        QT_TRANSLATE_NOOP("phrases", "The bond is on its way to the record."),
        "",
        "",
    ),
    "done.TakeOut": (
        QT_TRANSLATE_NOOP("phrases", "The amount is on its way to your account."),
        "",
        "",
    ),
    "done.JoinNetwork": (QT_TRANSLATE_NOOP("phrases", "You are on the other network now."), "", ""),
    "done.recognised": (
        QT_TRANSLATE_NOOP("phrases", "These are the files of “{title}”, which you registered."),
        QT_TRANSLATE_NOOP("phrases", "They belong to it again: it can be delivered."),
        "",
    ),
    "want.match": (
        QT_TRANSLATE_NOOP("phrases", "Somebody looks for “{title}”."),
        QT_TRANSLATE_NOOP("phrases", "Your “{dataset}” may be that: Wanted shows why."),
        "",
    ),
    "version.new": (
        QT_TRANSLATE_NOOP("phrases", "A new version of what you ordered is on record: “{title}”."),
        QT_TRANSLATE_NOOP("phrases", "Your order page shows it."),
        "",
    ),
    "subscription.asked": (
        QT_TRANSLATE_NOOP("phrases", "{other} wants to subscribe to new versions of “{title}”."),
        QT_TRANSLATE_NOOP("phrases", "Orders, Subscriptions shows on which conditions."),
        "",
    ),
    "subscription.countered": (
        QT_TRANSLATE_NOOP("phrases", "{other} proposes something else for “{title}”."),
        QT_TRANSLATE_NOOP("phrases", "Orders, Subscriptions shows on which conditions."),
        "",
    ),
    "subscription.agreed": (
        QT_TRANSLATE_NOOP("phrases", "The subscription to “{title}” is agreed."),
        QT_TRANSLATE_NOOP("phrases", "New versions come as {other} registers them."),
        "",
    ),
    "subscription.declined": (
        QT_TRANSLATE_NOOP("phrases", "{other} did not go on with the subscription to “{title}”."),
        QT_TRANSLATE_NOOP("phrases", "Nothing was paid."),
        "",
    ),
    "subscription.ended": (
        QT_TRANSLATE_NOOP("phrases", "{other} ended the subscription to “{title}”."),
        QT_TRANSLATE_NOOP("phrases", "What is under way is finished; no new versions come."),
        "",
    ),
    "subscription.offered": (
        QT_TRANSLATE_NOOP("phrases", "A new version you subscribed to is here: “{title}”."),
        QT_TRANSLATE_NOOP("phrases", "The owner signed the offer; pay it when you have read it."),
        "",
    ),
    "subscription.paying": (
        QT_TRANSLATE_NOOP("phrases", "A new version you subscribed to is here: “{title}”."),
        QT_TRANSLATE_NOOP("phrases", "It is paid by itself, within your limit, and delivered."),
        "",
    ),
    "bug": (
        QT_TRANSLATE_NOOP("phrases", "Something went wrong inside Lading."),
        QT_TRANSLATE_NOOP("phrases", "This is a fault of the app, not yours."),
        QT_TRANSLATE_NOOP("phrases", "Copy the details and send them with a report."),
    ),
}


class _Gaps(dict[str, str]):
    """What the notice does not say is filled in without breaking the sentence."""

    def __missing__(self, key: str) -> str:
        return translate("phrases", "the other side") if key == "other" else key


def _titles() -> dict[str, str]:
    return {
        "peer": translate("phrases", "The other side's app did something wrong."),
        "outage": translate("phrases", "Waiting for a connection."),
        "bug": translate("phrases", "Something went wrong inside Lading."),
        "done": translate("phrases", "Done."),
        "news": translate("phrases", "There is news."),
    }


def written(notice: Notice) -> tuple[str, str, str]:
    """Title, cause and advice; the notice's own English cause where the code is not known.

    A rule is one sentence that says what to mend: it is the title.
    """
    gaps = _Gaps(notice.values)
    if notice.code in RULES:
        return translate("phrases", RULES[notice.code]).format_map(gaps), "", ""
    if notice.code not in _NOTICES:
        return (
            (notice.cause, "", "")
            if notice.kind == "rule"
            else (_titles()[notice.kind], notice.cause, "")
        )
    title, cause, advice = (
        translate("phrases", text).format_map(gaps) if text else ""
        for text in _NOTICES[notice.code]
    )
    return title, cause or notice.cause, advice
