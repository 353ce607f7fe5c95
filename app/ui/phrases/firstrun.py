"""The first minute: welcome, identity, recovery sheet, network."""

from __future__ import annotations

from app.ui.phrases.words import QT_TRANSLATE_NOOP, plural, say, translate

_TEXTS = {
    "promise": QT_TRANSLATE_NOOP("phrases", "Sell and buy data, directly."),
    "trust": QT_TRANSLATE_NOOP("phrases", "Nobody in between, nobody you have to trust."),
    "panel": QT_TRANSLATE_NOOP(
        "phrases", "Your files and keys stay on this computer. There is no account and no server."
    ),
    # welcome
    "welcome.title": QT_TRANSLATE_NOOP("phrases", "Welcome to Lading"),
    "welcome.text": QT_TRANSLATE_NOOP(
        "phrases", "Under a minute, and you can try everything without spending money."
    ),
    "create.tile": QT_TRANSLATE_NOOP("phrases", "Create an identity"),
    "create.tile.text": QT_TRANSLATE_NOOP(
        "phrases", "It signs for you and receives your payments. It lives on this computer."
    ),
    "have.tile": QT_TRANSLATE_NOOP("phrases", "I have one already"),
    "have.tile.text": QT_TRANSLATE_NOOP(
        "phrases", "Bring it back with the 24 words of a recovery sheet or an identity file."
    ),
    "look.tile": QT_TRANSLATE_NOOP("phrases", "Just look round"),
    "look.tile.text": QT_TRANSLATE_NOOP(
        "phrases", "Browse what others offer. You can create an identity whenever you like."
    ),
    # name and password
    "create.title": QT_TRANSLATE_NOOP("phrases", "Name and password"),
    "create.text": QT_TRANSLATE_NOOP(
        "phrases", "The name is what others see. The password never leaves this computer."
    ),
    "create.do": QT_TRANSLATE_NOOP("phrases", "Create identity"),
    "name": QT_TRANSLATE_NOOP("phrases", "Name"),
    "name.hint": QT_TRANSLATE_NOOP("phrases", "Your firm or yourself; it can be changed later."),
    "name.missing": QT_TRANSLATE_NOOP("phrases", "Type the name others shall see."),
    "name.long": QT_TRANSLATE_NOOP("phrases", "This name is too long for the record. Shorten it."),
    "password": QT_TRANSLATE_NOOP("phrases", "Password"),
    "repeat": QT_TRANSLATE_NOOP("phrases", "Repeat the password"),
    "repeat.different": QT_TRANSLATE_NOOP("phrases", "The two passwords are not the same."),
    "strength.none": QT_TRANSLATE_NOOP("phrases", "Four unrelated words make a good one."),
    "strength.short": QT_TRANSLATE_NOOP("phrases", "At least 8 characters."),
    "strength.weak": QT_TRANSLATE_NOOP("phrases", "Easy to guess. Add unrelated words."),
    "strength.fair": QT_TRANSLATE_NOOP("phrases", "Fair. Longer is better."),
    "strength.strong": QT_TRANSLATE_NOOP("phrases", "Strong."),
    # I have one
    "have.title": QT_TRANSLATE_NOOP("phrases", "Bring your identity here"),
    "have.text": QT_TRANSLATE_NOOP(
        "phrases", "What you type stays on this computer. The new password is for this computer."
    ),
    "have.words": QT_TRANSLATE_NOOP("phrases", "24 words"),
    "have.file": QT_TRANSLATE_NOOP("phrases", "Identity file"),
    "have.ways": QT_TRANSLATE_NOOP("phrases", "Where the identity comes from"),
    "have.do": QT_TRANSLATE_NOOP("phrases", "Restore identity"),
    "words.field": QT_TRANSLATE_NOOP("phrases", "The words of your recovery sheet"),
    "words.place": QT_TRANSLATE_NOOP("phrases", "Type or paste them in their order"),
    "words.foreign": QT_TRANSLATE_NOOP(
        "phrases", "“{word}” cannot be one of them: they are plain English words."
    ),
    "file.field": QT_TRANSLATE_NOOP("phrases", "Identity file (keystore)"),
    "file.place": QT_TRANSLATE_NOOP("phrases", "No file chosen"),
    "file.choose": QT_TRANSLATE_NOOP("phrases", "Choose…"),
    "file.missing": QT_TRANSLATE_NOOP("phrases", "Choose the identity file first."),
    "file.filter": QT_TRANSLATE_NOOP("phrases", "Identity files (*.json *.keystore UTC--*)"),
    "file.any": QT_TRANSLATE_NOOP("phrases", "All files (*)"),
    "file.password": QT_TRANSLATE_NOOP("phrases", "Password of that file"),
    "file.password.missing": QT_TRANSLATE_NOOP("phrases", "Type the password of the file."),
    # recovery sheet
    "recovery.title": QT_TRANSLATE_NOOP("phrases", "Your recovery sheet"),
    "recovery.text": QT_TRANSLATE_NOOP(
        "phrases",
        "With these 24 words you get everything back on any computer. Whoever has them has your"
        " money, so keep them on paper, not in a picture or a mail.",
    ),
    "recovery.next": QT_TRANSLATE_NOOP("phrases", "I have them on paper"),
    "recovery.later": QT_TRANSLATE_NOOP("phrases", "Later"),
    "later.lead": QT_TRANSLATE_NOOP("phrases", "Without the sheet there is no way back."),
    "later.rest": QT_TRANSLATE_NOOP(
        "phrases",
        "If this computer breaks or you forget the password, nobody can restore your money and"
        " your data's keys. You are asked again before the first real payment.",
    ),
    "later.do": QT_TRANSLATE_NOOP("phrases", "Go on without it"),
    "later.back": QT_TRANSLATE_NOOP("phrases", "Show the words"),
    "prove.title": QT_TRANSLATE_NOOP("phrases", "Two words to be sure"),
    "prove.text": QT_TRANSLATE_NOOP("phrases", "Read them from your paper."),
    "prove.again": QT_TRANSLATE_NOOP("phrases", "Show the words again"),
    "prove.do": QT_TRANSLATE_NOOP("phrases", "Check"),
    "prove.wrong": QT_TRANSLATE_NOOP("phrases", "Not this word. Look at the number beside it."),
    # network
    "network.title": QT_TRANSLATE_NOOP("phrases", "Where will you trade?"),
    "network.text": QT_TRANSLATE_NOOP(
        "phrases", "A network keeps the permanent record. You can change it in Settings."
    ),
    "practice.tile": QT_TRANSLATE_NOOP("phrases", "Practice network"),
    "practice.tile.text": QT_TRANSLATE_NOOP(
        "phrases", "Runs on this computer. Practice dollars are free; nothing here costs money."
    ),
    "practice.impossible": QT_TRANSLATE_NOOP(
        "phrases", "Not available on this computer: its program is not installed."
    ),
    "company.tile": QT_TRANSLATE_NOOP("phrases", "Company network"),
    "company.tile.text": QT_TRANSLATE_NOOP(
        "phrases", "Real payments. Choose the network file your company or partner gave you."
    ),
    "company.field": QT_TRANSLATE_NOOP("phrases", "Network file"),
    "company.hint": QT_TRANSLATE_NOOP(
        "phrases", "Lading checks that the network answers and is the one the file names."
    ),
    "company.missing": QT_TRANSLATE_NOOP("phrases", "Choose the network file first."),
    "company.filter": QT_TRANSLATE_NOOP("phrases", "Network files (*.json)"),
    "network.do": QT_TRANSLATE_NOOP("phrases", "Start"),
}

_STEPS = {
    "begin": QT_TRANSLATE_NOOP("phrases", "Begin"),
    "identity": QT_TRANSLATE_NOOP("phrases", "Name and password"),
    "restore": QT_TRANSLATE_NOOP("phrases", "Your identity"),
    "recovery": QT_TRANSLATE_NOOP("phrases", "Recovery sheet"),
    "network": QT_TRANSLATE_NOOP("phrases", "Network"),
}

_STANDINGS = {
    "done": QT_TRANSLATE_NOOP("phrases", "{step}: done"),
    "now": QT_TRANSLATE_NOOP("phrases", "{step}: now"),
    "to_come": QT_TRANSLATE_NOOP("phrases", "{step}: to come"),
}

_BUSY = {
    "identity": QT_TRANSLATE_NOOP("phrases", "Making your identity. This takes a moment…"),
    "restore": QT_TRANSLATE_NOOP("phrases", "Bringing your identity back. This takes a moment…"),
    "network": QT_TRANSLATE_NOOP("phrases", "Reaching the network…"),
    "words": QT_TRANSLATE_NOOP("phrases", "Checking…"),
}


def text(code: str, **values: object) -> str:
    return say(_TEXTS, code, **values)


def step(code: str) -> str:
    return say(_STEPS, code)


def standing(code: str, state: str) -> str:
    """A step for screen readers, with how it stands."""
    return say(_STANDINGS, state, step=step(code))


def busy(code: str) -> str:
    return say(_BUSY, code)


def steps_of(now: int, total: int) -> str:
    return translate("phrases", "Step {now} of {total}").format(now=now, total=total)


def word(position: int) -> str:
    return translate("phrases", "Word {n}").format(n=position)


def words_missing(count: int, wanted: int) -> str:
    """How many words were typed, against how many there must be; "" when that fits."""
    if count == wanted:
        return ""
    one = translate("phrases", "{n} word so far, {wanted} are needed.")
    many = translate("phrases", "{n} words so far, {wanted} are needed.")
    return plural(count, *(text.replace("{wanted}", str(wanted)) for text in (one, many)))


def words_complete(count: int) -> str:
    return translate("phrases", "All {n} words are there.").format(n=count)
