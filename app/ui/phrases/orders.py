"""The list of orders, and the line "what you have to do now" of each."""

from __future__ import annotations

from app.domain.snapshots.orders import OrderRow, OrderSnapshot
from app.ui.phrases import words
from app.ui.phrases.words import QT_TRANSLATE_NOOP, say, translate

_STATUS = {
    "answer": QT_TRANSLATE_NOOP("phrases", "Your reply needed"),
    "sign": QT_TRANSLATE_NOOP("phrases", "Your signature needed"),
    "wait_answer": QT_TRANSLATE_NOOP("phrases", "Waiting for their reply"),
    "wait_payment": QT_TRANSLATE_NOOP("phrases", "Waiting for payment"),
    "subscribed": QT_TRANSLATE_NOOP("phrases", "Goes on by itself"),
    "pay": QT_TRANSLATE_NOOP("phrases", "Your payment needed"),
    "paying": QT_TRANSLATE_NOOP("phrases", "Payment being recorded"),
    "wait_final": QT_TRANSLATE_NOOP("phrases", "Payment recorded"),
    "deliver": QT_TRANSLATE_NOOP("phrases", "Delivering"),
    "receive": QT_TRANSLATE_NOOP("phrases", "Receiving"),
    "wait_peer": QT_TRANSLATE_NOOP("phrases", "Other side not reachable"),
    "paused": QT_TRANSLATE_NOOP("phrases", "Paused by you"),
    "paused_late": QT_TRANSLATE_NOOP("phrases", "Paused by you, time runs out"),
    "unplugged": QT_TRANSLATE_NOOP("phrases", "Waits for mains power"),
    "unplugged_late": QT_TRANSLATE_NOOP("phrases", "Waits for mains power, time runs out"),
    "other_paused": QT_TRANSLATE_NOOP("phrases", "Paused by the other side"),
    "queued": QT_TRANSLATE_NOOP("phrases", "Waits its turn"),
    "other_queued": QT_TRANSLATE_NOOP("phrases", "Waits its turn"),
    "unlock": QT_TRANSLATE_NOOP("phrases", "Unlock to go on"),
    "wait_key": QT_TRANSLATE_NOOP("phrases", "Waiting for the key"),
    "checking": QT_TRANSLATE_NOOP("phrases", "Checking"),
    "wait_check": QT_TRANSLATE_NOOP("phrases", "Buyer is checking"),
    "check": QT_TRANSLATE_NOOP("phrases", "Your decision needed"),
    "faulty": QT_TRANSLATE_NOOP("phrases", "A record is wrong"),
    "complaining": QT_TRANSLATE_NOOP("phrases", "A record is wrong"),
    "untrue": QT_TRANSLATE_NOOP("phrases", "Your decision needed"),
    "fault_owner": QT_TRANSLATE_NOOP("phrases", "The buyer found a wrong record"),
    "confirming": QT_TRANSLATE_NOOP("phrases", "Payment being released"),
    "releasing": QT_TRANSLATE_NOOP("phrases", "Payment being released"),
    "paid": QT_TRANSLATE_NOOP("phrases", "Paid"),
    "paid_buyer": QT_TRANSLATE_NOOP("phrases", "Paid"),
    "rate": QT_TRANSLATE_NOOP("phrases", "Paid, not rated"),
    "done": QT_TRANSLATE_NOOP("phrases", "Paid and rated"),
    "refunding": QT_TRANSLATE_NOOP("phrases", "Payment being returned"),
    "refunded": QT_TRANSLATE_NOOP("phrases", "Payment returned"),
    "dispute_won": QT_TRANSLATE_NOOP("phrases", "Dispute won"),
    "dispute_lost": QT_TRANSLATE_NOOP("phrases", "Dispute lost"),
    "declined": QT_TRANSLATE_NOOP("phrases", "Declined"),
    "lapsed": QT_TRANSLATE_NOOP("phrases", "Offer lapsed"),
    "question": QT_TRANSLATE_NOOP("phrases", "Question"),
}

_SELLING = {
    "answer": (
        QT_TRANSLATE_NOOP("phrases", "Answer the offer."),
        QT_TRANSLATE_NOOP("phrases", "Sign it, propose something else or decline."),
    ),
    "sign": (
        QT_TRANSLATE_NOOP("phrases", "Review and sign."),
        QT_TRANSLATE_NOOP("phrases", "{other} agrees; your signature makes it binding."),
    ),
    "subscribed": (
        QT_TRANSLATE_NOOP("phrases", "Nothing for you to do."),
        QT_TRANSLATE_NOOP(
            "phrases", "{other} subscribed to this: the offer is signed by itself, as agreed."
        ),
    ),
    "wait_check": (
        QT_TRANSLATE_NOOP("phrases", "Nothing for you to do."),
        QT_TRANSLATE_NOOP(
            "phrases",
            "{other} is checking the data. If they say nothing, the payment is released to you"
            " when the check period ends.",
        ),
    ),
    "paused": (
        QT_TRANSLATE_NOOP("phrases", "Paused by you."),
        QT_TRANSLATE_NOOP(
            "phrases",
            "Resume in time: if the data is not delivered by then, the payment goes back to"
            " {other}.",
        ),
    ),
    "paused_late": (
        QT_TRANSLATE_NOOP("phrases", "Resume now if you want to be paid."),
        QT_TRANSLATE_NOOP(
            "phrases",
            "Time goes on while it is paused by you. What is not delivered in time is not paid:"
            " the payment goes back to {other}.",
        ),
    ),
    "unplugged": (
        QT_TRANSLATE_NOOP("phrases", "This computer runs on its battery."),
        QT_TRANSLATE_NOOP(
            "phrases",
            "The delivery goes on by itself when it is plugged in, as you set it. If the data is"
            " not delivered by then, the payment goes back to {other}.",
        ),
    ),
    "unplugged_late": (
        QT_TRANSLATE_NOOP("phrases", "Plug this computer in if you want to be paid."),
        QT_TRANSLATE_NOOP(
            "phrases",
            "Or let it deliver on battery, in Settings. What is not delivered in time is not paid:"
            " the payment goes back to {other}.",
        ),
    ),
    "other_paused": (
        QT_TRANSLATE_NOOP("phrases", "{other} paused the delivery."),
        QT_TRANSLATE_NOOP(
            "phrases",
            "It goes on by itself when they resume. If the data is not delivered by then, the"
            " payment goes back to them.",
        ),
    ),
    "queued": (
        QT_TRANSLATE_NOOP("phrases", "Waits its turn."),
        QT_TRANSLATE_NOOP(
            "phrases",
            "Other deliveries run first; this one begins by itself. If the data is not delivered by"
            " then, the payment goes back to {other}.",
        ),
    ),
    "refunding": (
        QT_TRANSLATE_NOOP("phrases", "Nothing for you to do."),
        QT_TRANSLATE_NOOP("phrases", "The payment is being returned to {other}."),
    ),
    "refunded": (
        QT_TRANSLATE_NOOP("phrases", "Ended."),
        QT_TRANSLATE_NOOP("phrases", "The payment went back to {other}."),
    ),
    "dispute_lost": (
        QT_TRANSLATE_NOOP("phrases", "Dispute lost."),
        QT_TRANSLATE_NOOP("phrases", "The payment and your bond went to {other}."),
    ),
    "confirming": (
        QT_TRANSLATE_NOOP("phrases", "Accepted by {other}."),
        QT_TRANSLATE_NOOP("phrases", "The payment is being released to you."),
    ),
    "done": (
        QT_TRANSLATE_NOOP("phrases", "All done."),
        QT_TRANSLATE_NOOP("phrases", "You were paid and rated; both stand on the record."),
    ),
}

_TODO = {
    "answer": (
        QT_TRANSLATE_NOOP("phrases", "Answer the proposal."),
        QT_TRANSLATE_NOOP("phrases", "Accept it, propose something else or decline."),
    ),
    "wait_answer": (
        QT_TRANSLATE_NOOP("phrases", "Nothing for you to do."),
        QT_TRANSLATE_NOOP("phrases", "It is {other}'s turn to answer."),
    ),
    "wait_payment": (
        QT_TRANSLATE_NOOP("phrases", "Nothing for you to do."),
        QT_TRANSLATE_NOOP("phrases", "You signed. {other} agrees by paying into holding."),
    ),
    "subscribed": (
        QT_TRANSLATE_NOOP("phrases", "Nothing for you to do."),
        QT_TRANSLATE_NOOP(
            "phrases", "You subscribed to this: it is paid by itself, within your limit."
        ),
    ),
    "pay": (
        QT_TRANSLATE_NOOP("phrases", "Review and pay into holding."),
        QT_TRANSLATE_NOOP(
            "phrases", "{other} signed. Nothing is paid out before you have checked the data."
        ),
    ),
    "paying": (
        QT_TRANSLATE_NOOP("phrases", "Being recorded…"),
        QT_TRANSLATE_NOOP("phrases", "Your payment is on its way into holding."),
    ),
    "wait_final": (
        QT_TRANSLATE_NOOP("phrases", "Nothing for you to do."),
        QT_TRANSLATE_NOOP("phrases", "Delivery begins as soon as the payment is final."),
    ),
    "deliver": (
        QT_TRANSLATE_NOOP("phrases", "Nothing for you to do."),
        QT_TRANSLATE_NOOP(
            "phrases", "Delivery runs while the app is open or in the tray, and resumes by itself."
        ),
    ),
    "receive": (
        QT_TRANSLATE_NOOP("phrases", "Nothing for you to do."),
        QT_TRANSLATE_NOOP(
            "phrases", "The data is arriving; it is checked by itself when all of it is here."
        ),
    ),
    "wait_peer": (
        QT_TRANSLATE_NOOP("phrases", "Could not reach {other}."),
        QT_TRANSLATE_NOOP(
            "phrases",
            "Their computer is off or asleep. Delivery goes on by itself when they are back.",
        ),
    ),
    "paused": (
        QT_TRANSLATE_NOOP("phrases", "Paused by you."),
        QT_TRANSLATE_NOOP(
            "phrases",
            "Resume in time: if the data is not here by then, the payment comes back to you.",
        ),
    ),
    "paused_late": (
        QT_TRANSLATE_NOOP("phrases", "Resume now if you want the data."),
        QT_TRANSLATE_NOOP(
            "phrases",
            "Time goes on while it is paused by you. What is not here in time is not bought: the"
            " payment comes back to you.",
        ),
    ),
    "unplugged": (
        QT_TRANSLATE_NOOP("phrases", "This computer runs on its battery."),
        QT_TRANSLATE_NOOP(
            "phrases",
            "The delivery goes on by itself when it is plugged in, as you set it. If the data is"
            " not here by then, the payment comes back to you.",
        ),
    ),
    "unplugged_late": (
        QT_TRANSLATE_NOOP("phrases", "Plug this computer in if you want the data."),
        QT_TRANSLATE_NOOP(
            "phrases",
            "Or let it deliver on battery, in Settings. What is not here in time is not bought: the"
            " payment comes back to you.",
        ),
    ),
    "other_paused": (
        QT_TRANSLATE_NOOP("phrases", "{other} paused the delivery."),
        QT_TRANSLATE_NOOP(
            "phrases",
            "It goes on by itself when they resume. If the data is not here by then, the payment"
            " comes back to you.",
        ),
    ),
    "queued": (
        QT_TRANSLATE_NOOP("phrases", "Waits its turn."),
        QT_TRANSLATE_NOOP(
            "phrases",
            "Other deliveries run first; this one begins by itself. If the data is not here by"
            " then, the payment comes back to you.",
        ),
    ),
    "other_queued": (
        QT_TRANSLATE_NOOP("phrases", "Nothing for you to do."),
        QT_TRANSLATE_NOOP(
            "phrases", "{other} sends to others first; yours begins by itself when it is its turn."
        ),
    ),
    "unlock": (
        QT_TRANSLATE_NOOP("phrases", "Unlock the app."),
        QT_TRANSLATE_NOOP("phrases", "The next step needs your signature."),
    ),
    "wait_key": (
        QT_TRANSLATE_NOOP("phrases", "Nothing for you to do."),
        QT_TRANSLATE_NOOP("phrases", "All parts are here; {other}'s app sends the key next."),
    ),
    "checking": (
        QT_TRANSLATE_NOOP("phrases", "Nothing for you to do."),
        QT_TRANSLATE_NOOP("phrases", "Every record is being checked against the fingerprint."),
    ),
    "check": (
        QT_TRANSLATE_NOOP("phrases", "Look at the data and decide."),
        QT_TRANSLATE_NOOP("phrases", "Accept it and release the payment, or report a problem."),
    ),
    "faulty": (
        QT_TRANSLATE_NOOP("phrases", "A record does not fit the fingerprint."),
        QT_TRANSLATE_NOOP(
            "phrases",
            "You need not do anything: as soon as the key is recorded your app complains, and price"
            " and bond come to you. If it never is, the payment comes back by itself. Keep this"
            " computer on line.",
        ),
    ),
    "complaining": (
        QT_TRANSLATE_NOOP("phrases", "A record does not fit the fingerprint."),
        QT_TRANSLATE_NOOP(
            "phrases",
            "Your app is complaining for you: the contract opens the record itself, and price and"
            " bond come to you. Keep this computer on line until it is final.",
        ),
    ),
    "untrue": (
        QT_TRANSLATE_NOOP("phrases", "A statement about the data is untrue."),
        QT_TRANSLATE_NOOP(
            "phrases",
            "Every record is the registered one, so the payment cannot be claimed back. Your report"
            " is kept, and you can say it in the rating.",
        ),
    ),
    "dispute_won": (
        QT_TRANSLATE_NOOP("phrases", "Dispute won."),
        QT_TRANSLATE_NOOP("phrases", "Your payment and {other}'s bond came to you."),
    ),
    "fault_owner": (
        QT_TRANSLATE_NOOP("phrases", "{other} found a record that does not fit."),
        QT_TRANSLATE_NOOP("phrases", "Return the payment to keep your bond."),
    ),
    "confirming": (
        QT_TRANSLATE_NOOP("phrases", "Being recorded…"),
        QT_TRANSLATE_NOOP("phrases", "The payment is being released and your rating recorded."),
    ),
    "releasing": (
        QT_TRANSLATE_NOOP("phrases", "The check period is over."),
        QT_TRANSLATE_NOOP("phrases", "The payment is being released."),
    ),
    "paid": (
        QT_TRANSLATE_NOOP("phrases", "Paid."),
        QT_TRANSLATE_NOOP("phrases", "The payment is yours; {other} may still rate."),
    ),
    "paid_buyer": (
        QT_TRANSLATE_NOOP("phrases", "Paid."),
        QT_TRANSLATE_NOOP("phrases", "The data is yours to use as agreed."),
    ),
    "rate": (
        QT_TRANSLATE_NOOP("phrases", "Rate the data if you like."),
        QT_TRANSLATE_NOOP("phrases", "The check period is over and the payment was released."),
    ),
    "done": (
        QT_TRANSLATE_NOOP("phrases", "All done."),
        QT_TRANSLATE_NOOP("phrases", "The data is yours to use as agreed; your rating is public."),
    ),
    "refunding": (
        QT_TRANSLATE_NOOP("phrases", "Nothing for you to do."),
        QT_TRANSLATE_NOOP("phrases", "Your payment is being returned."),
    ),
    "refunded": (
        QT_TRANSLATE_NOOP("phrases", "Ended."),
        QT_TRANSLATE_NOOP("phrases", "Your payment came back to you."),
    ),
    "declined": (
        QT_TRANSLATE_NOOP("phrases", "Ended."),
        QT_TRANSLATE_NOOP("phrases", "The offer was declined; nothing was paid."),
    ),
    "lapsed": (
        QT_TRANSLATE_NOOP("phrases", "The offer lapsed."),
        QT_TRANSLATE_NOOP("phrases", "Nothing was paid. A new proposal takes it up again."),
    ),
    "question": (
        QT_TRANSLATE_NOOP("phrases", "A question before any offer."),
        QT_TRANSLATE_NOOP("phrases", "Write below; an offer can follow from the dataset's page."),
    ),
}

FILTERS = {
    "all": QT_TRANSLATE_NOOP("phrases", "All"),
    "needs_you": QT_TRANSLATE_NOOP("phrases", "Needs you"),
    "active": QT_TRANSLATE_NOOP("phrases", "Active"),
    "done": QT_TRANSLATE_NOOP("phrases", "Done"),
}


def status(code: str) -> str:
    return say(_STATUS, code.removeprefix("order."))


def chip(row: OrderRow) -> str:
    """Where an order stands; one that was rated says how."""
    if row.rating is None:
        return status(row.status)
    return translate("phrases", "Paid  ·  rated {rating}").format(rating=row.rating)


def spoken(row: OrderRow) -> str:
    """A line of the list as a screen reader says it."""
    parts = [row.title, row.other, words.money(row.price), chip(row)]
    if row.done is not None:
        parts.append(words.percent(row.done))
    return ", ".join(parts)


def todo(order: OrderSnapshot) -> tuple[str, str]:
    """The line "what you have to do now": its first words and the rest."""
    code = order.todo.removeprefix("order.")
    pair = _SELLING.get(code) if order.selling else None
    lead, rest = pair or _TODO.get(code, (code, ""))
    lead = translate("phrases", lead).format(other=order.other)
    return lead, translate("phrases", rest).format(other=order.other) if rest else ""


def title() -> str:
    return translate("phrases", "Orders")


def search() -> str:
    return translate("phrases", "Search orders")


def none_yet() -> tuple[str, str]:
    return (
        translate("phrases", "No orders yet"),
        translate(
            "phrases",
            "An order begins when you make an offer for a dataset in Browse, or when somebody"
            " wants one of yours.",
        ),
    )


def none_found() -> tuple[str, str]:
    return (
        translate("phrases", "Nothing here"),
        translate("phrases", "No order fits what you are looking for. Try All."),
    )


def none_open() -> tuple[str, str]:
    return (
        translate("phrases", "Choose an order"),
        translate(
            "phrases", "Here you see where it stands, what you have to do and what was signed."
        ),
    )


def loading() -> str:
    return translate("phrases", "Opening your orders…")


def browse() -> str:
    return translate("phrases", "Browse datasets")
