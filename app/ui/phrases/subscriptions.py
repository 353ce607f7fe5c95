"""Subscriptions: new versions of a dataset for a time, at a price agreed once."""

from __future__ import annotations

from app.domain.snapshots.money import Amount
from app.domain.snapshots.subscriptions import SubscriptionCard
from app.ui.phrases import terms, words
from app.ui.phrases.words import QT_TRANSLATE_NOOP, plural, say, translate

_STANDING = {
    "asked": QT_TRANSLATE_NOOP("phrases", "Your reply needed"),
    "waiting": QT_TRANSLATE_NOOP("phrases", "Waiting for their reply"),
    "running": QT_TRANSLATE_NOOP("phrases", "Running"),
    "over": QT_TRANSLATE_NOOP("phrases", "Period over"),
    "ended": QT_TRANSLATE_NOOP("phrases", "Ended"),
    "declined": QT_TRANSLATE_NOOP("phrases", "Not agreed"),
    "expired": QT_TRANSLATE_NOOP("phrases", "Not answered in time"),
}
TONES = {"asked": "warn", "waiting": "quiet", "running": "accent"}


def title() -> str:
    return translate("phrases", "Subscriptions")


def counted(count: int) -> str:
    """The way here, from Orders."""
    return plural(
        count,
        translate("phrases", "{n} subscription"),
        translate("phrases", "{n} subscriptions"),
    )


def lead() -> str:
    return translate(
        "phrases",
        "New versions of a dataset, for a time and at a price agreed once. Each version is an order"
        " of its own, which is delivered, checked and paid like any other.",
    )


def back() -> str:
    return translate("phrases", "Orders")


def nothing() -> tuple[str, str]:
    return (
        translate("phrases", "No subscriptions yet"),
        translate(
            "phrases",
            "Where a dataset gets new versions, its page offers “Subscribe to new versions”: you"
            " agree once, and each version comes to you as it is registered.",
        ),
    )


def browse() -> str:
    return translate("phrases", "Browse datasets")


# --- a card ---------------------------------------------------------------------------------


def standing(card: SubscriptionCard) -> str:
    return say(_STANDING, card.standing)


def between(card: SubscriptionCard) -> str:
    if card.selling:
        return translate("phrases", "{other} subscribes to new versions of yours").format(
            other=card.other
        )
    return translate("phrases", "You subscribe to new versions, from {other}").format(
        other=card.other
    )


def price_each() -> str:
    return translate("phrases", "for each version")


def delivered_caption() -> str:
    return translate("phrases", "versions delivered")


def delivered(card: SubscriptionCard) -> str:
    return translate("phrases", "{done} of at most {most}").format(
        done=words.number(card.delivered), most=words.number(card.versions)
    )


def until_caption(card: SubscriptionCard) -> str:
    if card.standing == "ended":
        return translate("phrases", "ended")
    return translate("phrases", "registered until")


def until(card: SubscriptionCard) -> str:
    ended = card.ended_at if card.standing == "ended" else None
    return words.date(ended or card.until)


def spent(card: SubscriptionCard) -> str:
    if card.selling:
        return translate("phrases", "paid or held so far")
    return translate("phrases", "you paid so far")


def licence_title() -> str:
    return translate("phrases", "Licence of each version")


def licence(card: SubscriptionCard) -> str:
    return translate("phrases", "Licence of each version: {terms}").format(
        terms=terms.short(card.terms)
    )


def paying(card: SubscriptionCard) -> str:
    """How the buyer's part is paid; the owner does not know."""
    if card.selling:
        return ""
    if card.limit is None:
        return translate("phrases", "You are asked before each version is paid.")
    return translate(
        "phrases",
        "Paid by itself up to {limit} in all, while Lading is open and unlocked; beyond that you"
        " are asked. Recording fees come on top.",
    ).format(limit=words.money(card.limit))


def situation(card: SubscriptionCard) -> str:
    """What to know or to do, in a sentence or two."""
    if card.standing == "asked":
        return _asked(card)
    if card.standing == "waiting":
        return translate("phrases", "It is {other}'s turn, until {when}.").format(
            other=card.other, when=words.date(card.answer_by)
        )
    if card.standing in ("ended", "declined"):
        return _over(card)
    if card.standing == "over":
        return translate(
            "phrases", "Versions registered in the period are still finished; no new ones begin."
        )
    return ""


def _asked(card: SubscriptionCard) -> str:
    if card.changed:
        return translate(
            "phrases", "{other} proposes something else: {changes}. Answer until {when}."
        ).format(
            other=card.other,
            changes=", ".join(changes(card)),
            when=words.date(card.answer_by),
        )
    return translate("phrases", "Read what {other} asks for, and answer until {when}.").format(
        other=card.other, when=words.date(card.answer_by)
    )


def _over(card: SubscriptionCard) -> str:
    if card.standing == "declined" and card.ended_by_me:
        return translate("phrases", "You did not go on with it.")
    if card.standing == "declined":
        return translate("phrases", "{other} did not go on with it.").format(other=card.other)
    who = translate("phrases", "You ended it") if card.ended_by_me else translate(
        "phrases", "{other} ended it").format(other=card.other)  # fmt: skip
    rest = translate("phrases", "What was under way is finished; no new versions come.")
    return f"{who}. {rest}"


def changes(card: SubscriptionCard) -> list[str]:
    named = {
        "price": translate("phrases", "the price"),
        "versions": translate("phrases", "how many versions"),
        "until": translate("phrases", "the period"),
        "terms": translate("phrases", "the licence"),
        "begins": translate("phrases", "when it begins"),
        "bond": translate("phrases", "the bond"),
        "window": translate("phrases", "the time to check"),
    }
    return [named[one] for one in card.changed]


def said(card: SubscriptionCard) -> str:
    """What the other side, or I, wrote with the proposal or the ending."""
    text = card.ending_note or card.note
    return translate("phrases", "“{text}”").format(text=text) if text else ""


def orders_of(count: int) -> str:
    return plural(count, translate("phrases", "{n} order"), translate("phrases", "{n} orders"))


def open_order() -> str:
    return translate("phrases", "Open order")


def review() -> str:
    return translate("phrases", "Review and accept")


def propose_other() -> str:
    return translate("phrases", "Propose something else")


def decline() -> str:
    return translate("phrases", "Decline")


def take_back() -> str:
    return translate("phrases", "Take back")


def end() -> str:
    return translate("phrases", "End subscription")


def change_paying() -> str:
    return translate("phrases", "Change payment")


def save_agreement() -> str:
    return translate("phrases", "Save agreement…")


def agreement_file(card: SubscriptionCard) -> str:
    """Named by the value that both signed; a title need not be a file's name."""
    return translate("phrases", "Lading subscription {code}.json").format(code=card.id[:8])


def open_dataset() -> str:
    return translate("phrases", "Open dataset")


def about(what: str, card: SubscriptionCard) -> str:
    """A button among many, as a screen reader says it."""
    return translate("phrases", "{what}: {name}").format(what=what, name=card.title)


# --- on the dataset page --------------------------------------------------------------------


def subscribe() -> str:
    return translate("phrases", "Subscribe to new versions")


def yours() -> str:
    return translate("phrases", "Your subscription")


# --- sheets ---------------------------------------------------------------------------------


def subscribe_explained(owner: str) -> str:
    return translate(
        "phrases",
        "For new versions that {owner} registers, at a price you agree on now. Your proposal is"
        " signed; it binds once {owner} signs, too. Either of you can end it at any time.",
    ).format(owner=owner)


def subscribe_do() -> str:
    return translate("phrases", "Sign and send")


def counter_explained(other: str) -> str:
    return translate("phrases", "Your signed proposal goes to {other}, in place of theirs.").format(
        other=other
    )


def field_price(symbol: str) -> str:
    return translate("phrases", "Each version, {symbol}").format(symbol=symbol)


def field_versions() -> str:
    return translate("phrases", "Most versions")


def versions_wrong() -> str:
    return translate("phrases", "Type a whole number from 1 to 1,000.")


def field_days() -> str:
    return translate("phrases", "Versions registered during")


def days() -> list[tuple[int, str]]:
    return [
        (30, translate("phrases", "the next month")),
        (91, translate("phrases", "the next three months")),
        (182, translate("phrases", "the next six months")),
        (365, translate("phrases", "the next year")),
        (730, translate("phrases", "the next two years")),
        (1826, translate("phrases", "the next five years")),
    ]


def other_days(count: int) -> str:
    return plural(
        count,
        translate("phrases", "the next {n} day"),
        translate("phrases", "the next {n} days"),
    )


def field_paying() -> str:
    return translate("phrases", "How it is paid")


def paying_options() -> list[tuple[str, str]]:
    return [
        ("ask", translate("phrases", "I am asked before each version is paid")),
        ("auto", translate("phrases", "Paid by itself, up to a limit")),
    ]


def paying_hint() -> str:
    return translate("phrases", "Your choice stays on this computer; the owner does not see it.")


def field_limit(symbol: str) -> str:
    return translate("phrases", "At most, for all versions together, {symbol}").format(
        symbol=symbol
    )


def limit_hint() -> str:
    return translate(
        "phrases",
        "Only while Lading is open and unlocked, and never more than this. Each payment is held"
        " until the data was checked. Recording fees come on top.",
    )


def limit_low() -> str:
    return translate("phrases", "The limit is less than one version costs. Raise it.")


def in_all(versions: int, price: Amount) -> str:
    """What it can come to."""
    most = Amount(price.units * versions, price.currency)
    return translate("phrases", "{n} × {price}: at most {sum} in all.").format(
        n=words.number(versions), price=words.money(price), sum=words.money(most)
    )


def note() -> str:
    return translate("phrases", "Message to them (optional)")


def accept_title() -> str:
    return translate("phrases", "Accept the subscription")


def accept_explained(card: SubscriptionCard) -> str:
    if card.selling:
        return translate(
            "phrases",
            "Your signature binds you: the offer for each new version you register is signed by"
            " itself while Lading is open and unlocked, with {bond} held as bond behind it.",
        ).format(bond=words.money(card.bond))
    return translate(
        "phrases",
        "Your signature binds you to these conditions. Nothing is paid now; each version is an"
        " order of its own.",
    )


def accept_do() -> str:
    return translate("phrases", "Sign and accept")


def lines(card: SubscriptionCard) -> list[tuple[str, str]]:
    """All that a signature binds, to be read before it is given."""
    return [
        (translate("phrases", "Dataset"), card.title),
        (translate("phrases", "With"), card.other),
        (translate("phrases", "Each version"), words.money(card.price)),
        (
            translate("phrases", "Most versions"),
            translate("phrases", "{n}, so at most {sum} in all").format(
                n=words.number(card.versions), sum=words.money(card.most)
            ),
        ),
        (
            translate("phrases", "Which versions"),
            translate("phrases", "those registered from {start} to {end}").format(
                start=words.date(card.begins), end=words.date(card.until)
            ),
        ),
        *([] if card.selling else [(translate("phrases", "Payment"), paying(card))]),
        (translate("phrases", "Bond"), words.money(card.bond)),
        (translate("phrases", "Time to check"), words.duration(card.window_seconds)),
        *((name, value) for _, name, value in terms.lines(card.terms)),
    ]


def end_title(card: SubscriptionCard) -> str:
    if card.standing == "running":
        return translate("phrases", "End this subscription?")
    if card.standing == "waiting":
        return translate("phrases", "Take back your proposal?")
    return translate("phrases", "Decline this subscription?")


def end_explained(card: SubscriptionCard) -> str:
    if card.standing == "running":
        return translate(
            "phrases",
            "From now on no new version is part of it. Versions registered before, and orders that"
            " are under way, are finished. {other} is told.",
        ).format(other=card.other)
    return translate("phrases", "{other} is told. Nothing was paid.").format(other=card.other)


def end_do(card: SubscriptionCard) -> str:
    return {"running": end, "waiting": take_back}.get(card.standing, decline)()


def reason() -> str:
    return translate("phrases", "Why (optional)")


def paying_explained() -> str:
    return translate("phrases", "It holds for payments from now on, also for versions under way.")


def save() -> str:
    return translate("phrases", "Save")
