"""Home: what needs the person, what runs, and how the month went."""

from __future__ import annotations

from app.domain.snapshots.money import Amount
from app.domain.snapshots.shell import HomeSnapshot, Running, Task
from app.ui.phrases import words
from app.ui.phrases.words import QT_TRANSLATE_NOOP, plural, say, translate

_TEXTS = {
    "title": QT_TRANSLATE_NOOP("phrases", "Home"),
    "needs": QT_TRANSLATE_NOOP("phrases", "Needs you"),
    "calm.lead": QT_TRANSLATE_NOOP("phrases", "Nothing needs you."),
    "calm.rest": QT_TRANSLATE_NOOP(
        "phrases", "Offers to answer, agreements to sign and data to check show up here."
    ),
    "running": QT_TRANSLATE_NOOP("phrases", "Running"),
    "running.none": QT_TRANSLATE_NOOP("phrases", "Nothing is being delivered just now."),
    "running.paused": QT_TRANSLATE_NOOP(
        "phrases", "All deliveries are paused, also those that begin now."
    ),
    "month": QT_TRANSLATE_NOOP("phrases", "This month"),
    "earned": QT_TRANSLATE_NOOP("phrases", "earned"),
    "held": QT_TRANSLATE_NOOP("phrases", "held until checked"),
    "recent": QT_TRANSLATE_NOOP("phrases", "Recently recorded"),
    "recent.none": QT_TRANSLATE_NOOP(
        "phrases", "Every step that counts is recorded for good. The first one will stand here."
    ),
    "all_records": QT_TRANSLATE_NOOP("phrases", "All records"),
    "open": QT_TRANSLATE_NOOP("phrases", "Open order"),
    "begin": QT_TRANSLATE_NOOP("phrases", "Where would you like to begin?"),
    "begin.identity": QT_TRANSLATE_NOOP("phrases", "Create an identity"),
    "begin.identity.text": QT_TRANSLATE_NOOP(
        "phrases", "You are looking round. To sell, buy or ask, you need a name and a key."
    ),
    "begin.sell": QT_TRANSLATE_NOOP("phrases", "Sell data"),
    "begin.sell.text": QT_TRANSLATE_NOOP(
        "phrases",
        "Register a file or folder: its fingerprint goes on the record, the data stays here.",
    ),
    "begin.buy": QT_TRANSLATE_NOOP("phrases", "Buy data"),
    "begin.buy.text": QT_TRANSLATE_NOOP(
        "phrases", "Browse, make an offer; your payment is held until you have checked the data."
    ),
    "begin.practice": QT_TRANSLATE_NOOP("phrases", "Get practice dollars"),
    "begin.practice.text": QT_TRANSLATE_NOOP(
        "phrases", "Free, and only good on the practice network: try a whole purchase with them."
    ),
    "begin.money": QT_TRANSLATE_NOOP("phrases", "Receive money"),
    "begin.money.text": QT_TRANSLATE_NOOP(
        "phrases", "Your address for payments, as text and as a picture to scan."
    ),
    "course": QT_TRANSLATE_NOOP("phrases", "How every sale goes"),
    "empty.lead": QT_TRANSLATE_NOOP("phrases", "You have nothing to pay with yet."),
}

_TASKS = {
    "answer": QT_TRANSLATE_NOOP("phrases", "Answer the offer for {title}"),
    "sign": QT_TRANSLATE_NOOP("phrases", "Sign the offer for {title}"),
    "pay": QT_TRANSLATE_NOOP("phrases", "Pay for {title} into holding"),
    "check": QT_TRANSLATE_NOOP("phrases", "Check {title} and accept it"),
    "rate": QT_TRANSLATE_NOOP("phrases", "Rate {title}"),
    "resume": QT_TRANSLATE_NOOP("phrases", "Resume {title}: time runs out"),
    "plug_in": QT_TRANSLATE_NOOP("phrases", "Plug in for {title}: time runs out"),
    "unlock": QT_TRANSLATE_NOOP("phrases", "Unlock to go on with {title}"),
    "reply": QT_TRANSLATE_NOOP("phrases", "Reply about {title}"),
    "subscription": QT_TRANSLATE_NOOP("phrases", "Answer the subscription for {title}"),
}

_DO = {
    "answer": QT_TRANSLATE_NOOP("phrases", "Answer"),
    "sign": QT_TRANSLATE_NOOP("phrases", "Review and sign"),
    "pay": QT_TRANSLATE_NOOP("phrases", "Review and pay"),
    "check": QT_TRANSLATE_NOOP("phrases", "Look at it"),
    "rate": QT_TRANSLATE_NOOP("phrases", "Rate"),
    "resume": QT_TRANSLATE_NOOP("phrases", "Look at it"),
    "plug_in": QT_TRANSLATE_NOOP("phrases", "Look at it"),
    "unlock": QT_TRANSLATE_NOOP("phrases", "Open"),
    "reply": QT_TRANSLATE_NOOP("phrases", "Reply"),
    "subscription": QT_TRANSLATE_NOOP("phrases", "Answer"),
}

_RUNNING = {
    "running": QT_TRANSLATE_NOOP("phrases", "delivering"),
    "leaving": QT_TRANSLATE_NOOP("phrases", "being left at a relay for the buyer"),
    "waiting": QT_TRANSLATE_NOOP("phrases", "waits for the other computer, goes on by itself"),
    "paused": QT_TRANSLATE_NOOP("phrases", "paused by you"),
    "unplugged": QT_TRANSLATE_NOOP("phrases", "waits until this computer is plugged in"),
    "other_paused": QT_TRANSLATE_NOOP("phrases", "paused by the other side"),
    "queued": QT_TRANSLATE_NOOP("phrases", "waits its turn: number {place} of {waiting}"),
    "other_queued": QT_TRANSLATE_NOOP("phrases", "waits its turn at the other side"),
    "checking": QT_TRANSLATE_NOOP("phrases", "being checked"),
}

_RUNNING_BUTTONS = {
    "earlier": QT_TRANSLATE_NOOP("phrases", "Earlier: {title}"),
    "later": QT_TRANSLATE_NOOP("phrases", "Later: {title}"),
    "pause": QT_TRANSLATE_NOOP("phrases", "Pause: {title}"),
    "resume": QT_TRANSLATE_NOOP("phrases", "Resume: {title}"),
}

_COURSE = (
    (QT_TRANSLATE_NOOP("phrases", "Offer"), QT_TRANSLATE_NOOP("phrases", "price and terms")),
    (QT_TRANSLATE_NOOP("phrases", "Agreed"), QT_TRANSLATE_NOOP("phrases", "the owner signs")),
    (QT_TRANSLATE_NOOP("phrases", "Payment held"), QT_TRANSLATE_NOOP("phrases", "the buyer signs")),
    (QT_TRANSLATE_NOOP("phrases", "Delivering"), QT_TRANSLATE_NOOP("phrases", "sealed, direct")),
    (QT_TRANSLATE_NOOP("phrases", "Checked"), QT_TRANSLATE_NOOP("phrases", "every record")),
    (QT_TRANSLATE_NOOP("phrases", "Paid"), QT_TRANSLATE_NOOP("phrases", "and rated")),
)


def course() -> list[tuple[str, str]]:
    """The steps of a sale, each with what happens in it."""
    return [(translate("phrases", name), translate("phrases", said)) for name, said in _COURSE]


def text(code: str) -> str:
    return say(_TEXTS, code)


def task(task: Task) -> str:
    return say(_TASKS, task.kind, title=task.title)


def do(task: Task) -> str:
    return say(_DO, task.kind)


def task_facts(task: Task) -> str:
    """Who, how much and until when."""
    facts = [task.other, words.money(task.amount)]
    if task.due_at is not None:
        facts.append(translate("phrases", "until {time}").format(time=words.moment(task.due_at)))
    return "  ·  ".join(fact for fact in facts if fact)


def running_facts(line: Running) -> str:
    who = (
        translate("phrases", "to {other}") if line.sending else translate("phrases", "from {other}")
    )
    facts = [who.format(other=line.other)]
    if line.state == "running" and line.speed_bytes:
        facts.append(words.speed(line.speed_bytes))
    else:
        place, waiting = words.number(line.place), words.number(line.waiting)
        facts.append(say(_RUNNING, line.state, place=place, waiting=waiting))
    return "  ·  ".join(facts)


def running_meaning(line: Running) -> str:
    """A delivery in one sentence for screen readers."""
    return f"{line.title}, {words.percent(line.done)}, {running_facts(line)}"


def running_button(code: str, line: Running) -> str:
    """What a button that shows a picture only does, and to which delivery."""
    return say(_RUNNING_BUTTONS, code, title=line.title)


def summary(snapshot: HomeSnapshot) -> str:
    """The line under the title."""
    needs = plural(
        len(snapshot.needs_you),
        translate("phrases", "{n} thing needs you."),
        translate("phrases", "{n} things need you."),
    )
    runs = plural(
        len(snapshot.running),
        translate("phrases", "{n} delivery is running."),
        translate("phrases", "{n} deliveries are running."),
    )
    parts = [needs if snapshot.needs_you else "", runs if snapshot.running else ""]
    return " ".join(part for part in parts if part) or translate("phrases", "All is quiet.")


def idle(all_paused: bool) -> str:
    """Where the deliveries would be."""
    return text("running.paused" if all_paused else "running.none")


def pause_all() -> str:
    return translate("phrases", "Pause all")


def resume_all() -> str:
    return translate("phrases", "Resume all")


def amounts(values: tuple[Amount, ...]) -> str:
    """Amounts of several currencies, or a dash for nothing."""
    return " + ".join(words.money(value) for value in values) or "–"


def rating(mean: float | None) -> str:
    return "–" if mean is None else translate("phrases", "{mean} of 5").format(mean=f"{mean:.1f}")


def orders(count: int) -> str:
    """The caption under how many there are."""
    return plural(count, translate("phrases", "order"), translate("phrases", "orders"))


def ratings(count: int) -> str:
    if not count:
        return translate("phrases", "no rating yet")
    return plural(count, translate("phrases", "{n} rating"), translate("phrases", "{n} ratings"))
