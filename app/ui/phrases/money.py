"""Money: what there is, receiving, sending, bond and history."""

from __future__ import annotations

from app.domain.snapshots.money import Account, Amount, Movement
from app.ui.phrases import words
from app.ui.phrases.words import QT_TRANSLATE_NOOP, say, translate

_TEXTS = {
    "title": QT_TRANSLATE_NOOP("phrases", "Money"),
    "text": QT_TRANSLATE_NOOP(
        "phrases", "It is held by your identity, not by Lading and not by a bank."
    ),
    "practice": QT_TRANSLATE_NOOP("phrases", "Get practice dollars"),
    "available": QT_TRANSLATE_NOOP("phrases", "available"),
    "held": QT_TRANSLATE_NOOP("phrases", "you paid into holding"),
    "incoming": QT_TRANSLATE_NOOP("phrases", "held for you"),
    "bond_free": QT_TRANSLATE_NOOP("phrases", "bond and credits, free"),
    "bond_locked": QT_TRANSLATE_NOOP("phrases", "bond in running orders"),
    "send": QT_TRANSLATE_NOOP("phrases", "Send"),
    "add": QT_TRANSLATE_NOOP("phrases", "Add bond"),
    "take": QT_TRANSLATE_NOOP("phrases", "Take out"),
    "take.nothing": QT_TRANSLATE_NOOP("phrases", "There is no free bond or credit to take out."),
    "nothing": QT_TRANSLATE_NOOP("phrases", "There is nothing available."),
    "receive": QT_TRANSLATE_NOOP("phrases", "Receive"),
    "receive.text": QT_TRANSLATE_NOOP(
        "phrases", "Give this address to whoever pays you, or let them scan it."
    ),
    "receive.practice": QT_TRANSLATE_NOOP(
        "phrases", "It is good on this practice network only: never send real money to it."
    ),
    "receive.real": QT_TRANSLATE_NOOP(
        "phrases", "Only for the currencies shown here, and only on this network."
    ),
    "receive.code": QT_TRANSLATE_NOOP("phrases", "Your address as a picture to scan"),
    "copy_address": QT_TRANSLATE_NOOP("phrases", "Copy address"),
    "copied": QT_TRANSLATE_NOOP("phrases", "Copied"),
    "coin": QT_TRANSLATE_NOOP("phrases", "For recording fees"),
    "coin.send": QT_TRANSLATE_NOOP("phrases", "Send some"),
    "busy": QT_TRANSLATE_NOOP("phrases", "An amount is being recorded…"),
    "history": QT_TRANSLATE_NOOP("phrases", "History"),
    "history.none": QT_TRANSLATE_NOOP("phrases", "Nothing came in or went out yet."),
    "more": QT_TRANSLATE_NOOP("phrases", "Show more"),
    "order": QT_TRANSLATE_NOOP("phrases", "Open order"),
    "none.title": QT_TRANSLATE_NOOP("phrases", "No money without an identity"),
    "none.text": QT_TRANSLATE_NOOP(
        "phrases", "Create an identity and choose a network: then payments can reach you."
    ),
    "none.do": QT_TRANSLATE_NOOP("phrases", "Create an identity"),
    # sheets
    "send.title": QT_TRANSLATE_NOOP("phrases", "Send money"),
    "send.text": QT_TRANSLATE_NOOP(
        "phrases", "Out of your account to another address. You read it once more before it goes."
    ),
    "currency": QT_TRANSLATE_NOOP("phrases", "Currency"),
    "amount": QT_TRANSLATE_NOOP("phrases", "Amount"),
    "to": QT_TRANSLATE_NOOP("phrases", "To address"),
    "to.place": QT_TRANSLATE_NOOP("phrases", "0x…"),
    "to.missing": QT_TRANSLATE_NOOP("phrases", "Paste the address the money shall go to."),
    "to.wrong": QT_TRANSLATE_NOOP(
        "phrases", "An address is 0x and 40 figures or letters a–f. Copy it again."
    ),
    "to.zero": QT_TRANSLATE_NOOP("phrases", "Nobody owns this address; the money would be lost."),
    "to.self": QT_TRANSLATE_NOOP("phrases", "This is your own address."),
    "review": QT_TRANSLATE_NOOP("phrases", "Review"),
    "review.title": QT_TRANSLATE_NOOP("phrases", "Is everything right?"),
    "review.text": QT_TRANSLATE_NOOP(
        "phrases", "Compare the address with the one you were given, figure by figure."
    ),
    "review.send": QT_TRANSLATE_NOOP("phrases", "You send"),
    "review.to": QT_TRANSLATE_NOOP("phrases", "To"),
    "review.fee": QT_TRANSLATE_NOOP("phrases", "Recording fee"),
    "review.left": QT_TRANSLATE_NOOP("phrases", "Left after it"),
    "review.lead": QT_TRANSLATE_NOOP("phrases", "Sent money cannot be called back."),
    "review.rest": QT_TRANSLATE_NOOP("phrases", "Nobody, not even Lading, can return it."),
    "password": QT_TRANSLATE_NOOP("phrases", "Password"),
    "password.missing": QT_TRANSLATE_NOOP("phrases", "Type your password to send."),
    "add.title": QT_TRANSLATE_NOOP("phrases", "Add bond"),
    "add.text": QT_TRANSLATE_NOOP(
        "phrases",
        "A bond is your promise as an owner. It is locked while an order runs, comes back when it"
        " ends, and goes to the buyer only if the data is proven wrong.",
    ),
    "add.do": QT_TRANSLATE_NOOP("phrases", "Add bond"),
    "take.title": QT_TRANSLATE_NOOP("phrases", "Take out"),
    "take.text": QT_TRANSLATE_NOOP(
        "phrases", "Free bond and payments credited to you go to your account."
    ),
    "take.do": QT_TRANSLATE_NOOP("phrases", "Take out"),
    "all": QT_TRANSLATE_NOOP("phrases", "All of it"),
}

_MOVEMENTS = {
    "practice": QT_TRANSLATE_NOOP("phrases", "Practice dollars"),
    "sent": QT_TRANSLATE_NOOP("phrases", "Sent"),
    "received": QT_TRANSLATE_NOOP("phrases", "Received"),
    "paid": QT_TRANSLATE_NOOP("phrases", "Paid into holding"),
    "earned": QT_TRANSLATE_NOOP("phrases", "Earned"),
    "refunded": QT_TRANSLATE_NOOP("phrases", "Payment came back"),
    "bond": QT_TRANSLATE_NOOP("phrases", "Bond added"),
    "bond_won": QT_TRANSLATE_NOOP("phrases", "Bond received for a wrong record"),
    "bond_lost": QT_TRANSLATE_NOOP("phrases", "Bond lost for a wrong record"),
    "taken_out": QT_TRANSLATE_NOOP("phrases", "Taken out"),
}


def text(code: str) -> str:
    return say(_TEXTS, code)


def movement(line: Movement) -> str:
    return say(_MOVEMENTS, line.what)


def movement_facts(line: Movement) -> str:
    """Who, when, and how far it is when it is not settled."""
    other = ""
    if line.other:
        pattern = (
            translate("phrases", "to {other}")
            if line.amount.units < 0
            else translate("phrases", "from {other}")
        )
        other = pattern.format(other=line.other)
    facts = [other, words.moment(line.at) if line.at else ""]
    if line.state != "final":
        facts.append(words.record_state(line.state))
    return "  ·  ".join(fact for fact in facts if fact)


def signed(amount: Amount) -> str:
    """ "+340.00 USDC" or "−25.00 USDC"."""
    sign = "+" if amount.units > 0 else ""
    return f"{sign}{words.money(amount)}"


def too_much(account: Account, units: int) -> str:
    """More than there is."""
    return translate("phrases", "There are only {amount}.").format(
        amount=words.money(Amount(units, account.currency))
    )


def at_hand(amount: Amount) -> str:
    return translate("phrases", "{amount} available").format(amount=words.money(amount))


def free(amount: Amount) -> str:
    return translate("phrases", "{amount} can be taken out").format(amount=words.money(amount))


def send_now(amount: Amount) -> str:
    return translate("phrases", "Send {amount}").format(amount=words.money(amount))


def coin(amount: Amount) -> str:
    """The chain's own coin, at most six decimals, rounded down."""
    decimals = amount.currency.decimals
    step = 10 ** max(0, decimals - 6)
    return f"{words.figure(amount.units // step * step, decimals)} {amount.currency.symbol}"


def spoken_account(account: Account) -> str:
    """An account for screen readers."""
    return f"{words.money(Amount(account.available_units, account.currency))} {text('available')}"
