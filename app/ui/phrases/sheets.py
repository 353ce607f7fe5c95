"""Review pages of an order: counter-offer, sign, pay, accept and rate, report, decline, return."""

from __future__ import annotations

from app.ui.phrases.words import QT_TRANSLATE_NOOP, duration, say, translate

TITLES = {
    "counter": QT_TRANSLATE_NOOP("phrases", "Propose something else"),
    "sign": QT_TRANSLATE_NOOP("phrases", "Review and sign"),
    "pay": QT_TRANSLATE_NOOP("phrases", "Review and pay into holding"),
    "confirm": QT_TRANSLATE_NOOP("phrases", "Accept and release payment"),
    "rate": QT_TRANSLATE_NOOP("phrases", "Rate the data"),
    "report": QT_TRANSLATE_NOOP("phrases", "Report a problem"),
    "decline": QT_TRANSLATE_NOOP("phrases", "Decline this offer"),
    "return_payment": QT_TRANSLATE_NOOP("phrases", "Return the payment"),
    "agreement": QT_TRANSLATE_NOOP("phrases", "Agreement"),
    "accept": QT_TRANSLATE_NOOP("phrases", "Accept this proposal"),
    "let_watch": QT_TRANSLATE_NOOP("phrases", "Let another device watch"),
    "save_parcel": QT_TRANSLATE_NOOP("phrases", "Save the delivery as a parcel"),
}

BUTTONS = {
    "counter": QT_TRANSLATE_NOOP("phrases", "Send proposal"),
    "sign": QT_TRANSLATE_NOOP("phrases", "Sign this offer"),
    "pay": QT_TRANSLATE_NOOP("phrases", "Pay {price} into holding"),
    "confirm": QT_TRANSLATE_NOOP("phrases", "Accept and release payment"),
    "rate": QT_TRANSLATE_NOOP("phrases", "Publish rating"),
    "report": QT_TRANSLATE_NOOP("phrases", "Keep this report"),
    "decline": QT_TRANSLATE_NOOP("phrases", "Decline"),
    "return_payment": QT_TRANSLATE_NOOP("phrases", "Return {price}"),
    "accept": QT_TRANSLATE_NOOP("phrases", "Accept"),
    "let_watch": QT_TRANSLATE_NOOP("phrases", "Save the parcel"),
    "save_parcel": QT_TRANSLATE_NOOP("phrases", "Save"),
}

_EXPLAINED = {
    "counter": QT_TRANSLATE_NOOP(
        "phrases", "Nothing is binding yet: the owner signs when both agree."
    ),
    "sign": QT_TRANSLATE_NOOP(
        "phrases",
        "Your signature is binding until the offer expires. {other} agrees by paying into"
        " holding; then your app delivers the data by itself.",
    ),
    "pay": QT_TRANSLATE_NOOP(
        "phrases",
        "Paying is your signature under this agreement. The payment is held until you have"
        " checked the data; if nothing is delivered it comes back by itself.",
    ),
    "confirm": QT_TRANSLATE_NOOP(
        "phrases",
        "The held payment goes to {other}. This is final. Your rating is public and permanent.",
    ),
    "rate": QT_TRANSLATE_NOOP("phrases", "Your rating is public and permanent."),
    "report": QT_TRANSLATE_NOOP(
        "phrases",
        "If a record does not fit the fingerprint, the refund is claimed for you after the key"
        " is recorded: no report is needed. Anything else is kept with your words for the"
        " rating, which is public; it does not stop the payment.",
    ),
    "decline": QT_TRANSLATE_NOOP(
        "phrases", "{other} is told, and the order ends here. Nothing was paid."
    ),
    "return_payment": QT_TRANSLATE_NOOP(
        "phrases",
        "The held payment goes back to {other} and the order ends. Your bond becomes free."
        " This is final.",
    ),
    "agreement": QT_TRANSLATE_NOOP(
        "phrases", "Both sides keep this; its code stands in what was signed."
    ),
    "accept": QT_TRANSLATE_NOOP(
        "phrases",
        "{other} is told that you agree and signs the offer next. You agree finally by paying.",
    ),
    "let_watch": QT_TRANSLATE_NOOP(
        "phrases",
        "A second device of yours can complain and fetch the payment back while this computer is"
        " off, and nothing else: it gets no key of yours, and only it can open the parcel.",
    ),
    "save_parcel": QT_TRANSLATE_NOOP(
        "phrases",
        "The same sealed data that the network carries, as files: on a stick, in a cloud folder or"
        " by mail. Only {other} can open it, and only with the key that follows as always.",
    ),
}

CRITERIA = {
    "overall": QT_TRANSLATE_NOOP("phrases", "Overall"),
    "accuracy": QT_TRANSLATE_NOOP("phrases", "Accuracy"),
    "completeness": QT_TRANSLATE_NOOP("phrases", "Completeness"),
    "consistency": QT_TRANSLATE_NOOP("phrases", "Consistency"),
    "timeliness": QT_TRANSLATE_NOOP("phrases", "Timeliness"),
    "conformity": QT_TRANSLATE_NOOP("phrases", "As described"),
}

_ASKED = {
    "overall": QT_TRANSLATE_NOOP("phrases", "Would you buy it again?"),
    "accuracy": QT_TRANSLATE_NOOP("phrases", "Are the values right?"),
    "completeness": QT_TRANSLATE_NOOP("phrases", "Is anything missing?"),
    "consistency": QT_TRANSLATE_NOOP("phrases", "Do the values fit each other?"),
    "timeliness": QT_TRANSLATE_NOOP("phrases", "Is it as recent as you need?"),
    "conformity": QT_TRANSLATE_NOOP("phrases", "Is it what the listing said?"),
}


def title(kind: str) -> str:
    return say(TITLES, kind)


def explained(kind: str, other: str) -> str:
    return say(_EXPLAINED, kind, other=other)


def button(kind: str, price: str = "") -> str:
    return say(BUTTONS, kind, price=price)


def asked(criterion: str) -> str:
    return say(_ASKED, criterion)


def score(criterion: str, points: int) -> str:
    return translate("phrases", "{criterion}: {points} of 5").format(
        criterion=say(CRITERIA, criterion), points=points
    )


def scores_missing() -> str:
    return translate("phrases", "Give one to five points in every line.")


def rating_words() -> str:
    return translate("phrases", "In words (public and permanent)")


def rating_hint() -> str:
    return translate(
        "phrases",
        "Your app and the owner's show it to anybody who asks. Do not write about persons. It"
        " cannot be changed later.",
    )


def price(symbol: str) -> str:
    return translate("phrases", "Price in {symbol}").format(symbol=symbol)


def note() -> str:
    return translate("phrases", "Message (optional)")


def reason() -> str:
    return translate("phrases", "Reason (optional)")


def problem() -> str:
    return translate("phrases", "What is wrong?")


def problem_missing() -> str:
    return translate("phrases", "Describe what is wrong in a sentence or two.")


def too_long() -> str:
    return translate("phrases", "This is too long; about 1,300 words fit.")


def valid_for() -> str:
    return translate("phrases", "Valid for")


def check_period() -> str:
    return translate("phrases", "Time to check the data")


def span(seconds: int) -> str:
    return duration(seconds)


def country_missing() -> str:
    return translate("phrases", "Name the country.")


def until_end() -> str:
    return translate("phrases", "Without end")


def training() -> str:
    return translate("phrases", "Training AI models is allowed")


def exclusive() -> str:
    return translate("phrases", "For one buyer alone: nobody else gets a licence meanwhile")


def bond(symbol: str) -> str:
    return translate("phrases", "Your bond in {symbol}").format(symbol=symbol)


def bond_hint(least: str, free: str) -> str:
    return translate(
        "phrases",
        "Locked until the order ends; lost only if a delivered record is proven wrong. Usual:"
        " {least}. Free now: {free}; what is missing is taken from your money.",
    ).format(least=least, free=free)


def bond_low(least: str) -> str:
    return translate(
        "phrases",
        "Less than the usual {least}. The buyer sees it and may decline: it would hardly cover"
        " the cost of a complaint.",
    ).format(least=least)


def bond_coins(coins: str) -> str:
    return translate(
        "phrases",
        "Three complaints cost about {coins} in fees now; a bond that is worth less may not cover"
        " what your buyer would spend on one.",
    ).format(coins=coins)


def bond_low_pay(least: str) -> str:
    return translate(
        "phrases",
        "The owner's bond is less than the usual {least}: it may not cover what a complaint would"
        " cost you.",
    ).format(least=least)


def watch_lead() -> str:
    return translate("phrases", "If the data turns out wrong, your computer has to be there.")


def watch_rest(window_seconds: int) -> str:
    return translate(
        "phrases",
        "It must be on line within {window} after the owner's key is recorded, or a second device"
        " of yours watches. Your app complains by itself then. If nobody does, the payment goes to"
        " the owner.",
    ).format(window=duration(window_seconds))


def beta_lead() -> str:
    return translate("phrases", "Beta: no outside audit yet.")


def beta_rest() -> str:
    return translate(
        "phrases",
        "This is your first payment with real money. The contract that holds it was tested with"
        " care, but nobody outside has audited it, and nobody can change or stop it. Pay no more"
        " than you could lose.",
    )


def you_pay() -> str:
    return translate("phrases", "You pay")


def recording_fee() -> str:
    return translate("phrases", "Recording fee, about")


def fee(amount: str) -> str:
    return translate("phrases", "Recording fee, about {amount}").format(amount=amount)


def held() -> str:
    return translate("phrases", "held until you have checked")


def changed_lead() -> str:
    return translate("phrases", "The offer changed while you were reading.")


def changed_rest() -> str:
    return translate("phrases", "Close this page and review what is on the table now.")


def gone_lead() -> str:
    return translate("phrases", "This can no longer be done.")


def gone_rest() -> str:
    return translate("phrases", "The order has moved on. Close this page to see where it stands.")


def not_ready() -> str:
    return translate(
        "phrases",
        "Not yet: the list of files is being checked and the owner's bond put in place. The"
        " owner's computer has to be online once for this.",
    )


def recovery_lead() -> str:
    return translate("phrases", "First save your recovery sheet.")


def recovery_rest() -> str:
    return translate(
        "phrases",
        "This is your first payment with real money. If this computer breaks, only the sheet"
        " brings it back.",
    )


def recovery_do() -> str:
    return translate("phrases", "Recovery sheet…")
