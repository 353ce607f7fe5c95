"""The page of one order: its head, steps, proposals, what was signed and recorded, messages."""

from __future__ import annotations

from app.domain.snapshots.orders import OrderSnapshot, Proposal, StepState
from app.ui.phrases import terms, words
from app.ui.phrases.words import QT_TRANSLATE_NOOP, say, translate

STEPS = {
    "request": QT_TRANSLATE_NOOP("phrases", "Offer"),
    "agreed": QT_TRANSLATE_NOOP("phrases", "Agreed"),
    "held": QT_TRANSLATE_NOOP("phrases", "Payment held"),
    "delivering": QT_TRANSLATE_NOOP("phrases", "Delivering"),
    "checked": QT_TRANSLATE_NOOP("phrases", "Checked"),
    "paid": QT_TRANSLATE_NOOP("phrases", "Paid"),
}

ACTIONS = {
    "dataset": QT_TRANSLATE_NOOP("phrases", "Open the dataset"),
    "pay": QT_TRANSLATE_NOOP("phrases", "Review and pay"),
    "sign": QT_TRANSLATE_NOOP("phrases", "Review and sign"),
    "accept": QT_TRANSLATE_NOOP("phrases", "Accept this proposal"),
    "confirm": QT_TRANSLATE_NOOP("phrases", "Accept and release payment"),
    "rate": QT_TRANSLATE_NOOP("phrases", "Rate"),
    "counter": QT_TRANSLATE_NOOP("phrases", "Propose something else"),
    "report": QT_TRANSLATE_NOOP("phrases", "Report a problem"),
    "decline": QT_TRANSLATE_NOOP("phrases", "Decline"),
    "return_payment": QT_TRANSLATE_NOOP("phrases", "Return the payment"),
    "let_watch": QT_TRANSLATE_NOOP("phrases", "Let another device watch…"),
}


def due(at: int | None) -> str:
    return translate("phrases", "Until {time}").format(time=words.moment(at)) if at else ""


def cannot_pay() -> str:
    return translate(
        "phrases", "There is not enough money for the price and the recording fee. See Money."
    )


def heading(order: OrderSnapshot) -> str:
    if order.selling:
        who = translate("phrases", "Selling to {other}").format(other=order.other)
    else:
        who = translate("phrases", "Buying from {other}").format(other=order.other)
    number = translate("phrases", "order {number}").format(number=order.number)
    return f"{who}   ·   {number}" if order.number else who


def price_state(order: OrderSnapshot) -> str:
    if order.proposal is None and not order.held:
        return translate("phrases", "asking price")
    if order.ended == "paid":
        return translate("phrases", "paid")
    if order.ended == "refunded":
        return translate("phrases", "returned")
    if order.ended:
        return translate("phrases", "nothing was paid")
    if order.held and order.selling:
        return translate("phrases", "held until the buyer has checked")
    if order.held:
        return translate("phrases", "held until you have checked")
    if order.proposal and order.proposal.signed:
        return translate("phrases", "signed, not paid yet")
    return translate("phrases", "proposed")


def online(order: OrderSnapshot) -> str:
    if order.other_online:
        return translate("phrases", "{other} is online").format(other=order.other)
    return translate("phrases", "{other} is offline").format(other=order.other)


def when(step: StepState) -> str:
    """The date under a step."""
    if step.state == "now":
        return translate("phrases", "now")
    if step.state == "to_come":
        if step.at is not None:
            return translate("phrases", "by {date}").format(date=words.date(step.at))
        return translate("phrases", "after check") if step.step == "paid" else ""
    return words.date(step.at)


def progress(steps: tuple[StepState, ...]) -> str:
    """The steps as one sentence for screen readers."""
    now = next((i for i, step in enumerate(steps) if step.state == "now"), len(steps) - 1)
    done = "; ".join(f"{say(STEPS, s.step)} {when(s)}".strip() for s in steps if s.state == "done")
    text = translate("phrases", "Step {n} of {total}: {name}").format(
        n=now + 1, total=len(steps), name=say(STEPS, steps[now].step)
    )
    return f"{text} ({done})" if done else text


def check_period(seconds: int) -> str:
    return translate("phrases", "{time}, then payment is released").format(
        time=words.duration(seconds)
    )


def signed_lines(order: OrderSnapshot) -> list[tuple[str, ...]]:
    """What both signed, in four lines; the rest stands in the agreement."""
    return [
        (say(terms.FIELDS, "use"), terms.short(order.terms)),
        (say(terms.FIELDS, "months"), terms.period(order.terms.months)),
        (translate("phrases", "Check period"), check_period(order.window_seconds)),
        (translate("phrases", "Fingerprint"), words.fingerprint(order.fingerprint), "mono"),
    ]


def agreement_lines(order: OrderSnapshot) -> list[tuple[str, ...]]:
    """Everything that is signed, readable: the parties, the money, the licence, the codes."""
    me = translate("phrases", "you")
    other = f"{order.other} ({order.person.code})"
    owner, buyer = (me, other) if order.selling else (other, me)
    lines: list[tuple[str, ...]] = [
        (translate("phrases", "Dataset"), order.title),
        (translate("phrases", "Owner"), owner),
        (translate("phrases", "Buyer"), buyer),
        (translate("phrases", "Price"), words.money(order.price)),
    ]
    if order.bond is not None:
        lines.append((translate("phrases", "Owner's bond"), words.money(order.bond)))
    lines.append((translate("phrases", "Check period"), check_period(order.window_seconds)))
    if order.proposal:
        lines.append((translate("phrases", "Valid until"), words.moment(order.proposal.expires_at)))
    lines += [(name, value) for _, name, value in terms.lines(order.terms)]
    lines.append((translate("phrases", "Fingerprint"), words.grouped(order.fingerprint), "mono"))
    if order.terms_fingerprint:
        code = words.grouped(order.terms_fingerprint)
        lines.append((translate("phrases", "Code of these terms"), code, "mono"))
    if order.subscription:
        code = words.grouped(order.subscription)
        lines.append((translate("phrases", "Version of subscription"), code, "mono"))
    return lines


def proposal_lines(proposal: Proposal, before: Proposal | None) -> list[tuple[str, str, str]]:
    """(name, value, what it was before if it changed) of a proposal."""
    now, was = _proposal_values(proposal), _proposal_values(before) if before else {}
    price = translate("phrases", "Price")
    lines = []
    for name, value in now.items():
        old = was.get(name, value)
        marked = old != value or (not before and name == price and "price" in proposal.changed)
        lines.append((name, value, old if marked else ""))
    return lines


def _proposal_values(proposal: Proposal) -> dict[str, str]:
    values = {translate("phrases", "Price"): words.money(proposal.price)}
    values |= {name: value for _, name, value in terms.lines(proposal.terms)}
    values[translate("phrases", "Check period")] = words.duration(proposal.window_seconds)
    values[translate("phrases", "Valid until")] = words.moment(proposal.expires_at)
    return values


def proposal_head(proposal: Proposal, who: str) -> str:
    if proposal.signed:
        return translate("phrases", "{who} signed").format(who=who)
    return translate("phrases", "{who} proposed").format(who=who)


def you() -> str:
    return translate("phrases", "You")


def was(value: str) -> str:
    return translate("phrases", "was {value}").format(value=value)


def changed() -> str:
    return translate("phrases", "changed")


def waits(state: str) -> str:
    if state == "waiting":
        return translate("phrases", "waits until they are online")
    return translate("phrases", "sent") if state == "sent" else ""


def on_the_table() -> str:
    return translate("phrases", "On the table")


def earlier() -> str:
    return translate("phrases", "Earlier proposals")


def signed_title(order: OrderSnapshot) -> str:
    if order.held or order.ended in ("paid", "refunded"):
        return translate("phrases", "What you both signed")
    return translate("phrases", "The terms in short")


def open_agreement() -> str:
    return translate("phrases", "Open agreement")


def recorded_title() -> str:
    return translate("phrases", "On the permanent record")


def nothing_recorded() -> str:
    return translate("phrases", "Nothing yet. The first entry of this order is the payment.")


def show_in_records() -> str:
    return translate("phrases", "Show in Records")


def messages() -> str:
    return translate("phrases", "Messages")


def write_to(other: str) -> str:
    return translate("phrases", "Write to {other}").format(other=other)


def send() -> str:
    return translate("phrases", "Send")


def show_all(n: int) -> str:
    return words.plural(
        n, translate("phrases", "Show {n} earlier"), translate("phrases", "Show {n} earlier")
    )


def not_delivered() -> str:
    return translate("phrases", "waits until they are online")


def problem_noted(text: str) -> str:
    return translate("phrases", "Reported by the buyer: {text}").format(text=text)


def in_short(proposal: Proposal) -> str:
    return terms.short(proposal.terms)
