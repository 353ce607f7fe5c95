"""The first minute: every way through it, and what is left in the fields afterwards."""

from __future__ import annotations

import stat
from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel, QPlainTextEdit, QProgressBar, QWidget

from app.domain.commands import (
    CreateIdentity,
    ImportIdentity,
    JoinNetwork,
    JoinPractice,
    LookRound,
    ProveWords,
    RestoreIdentity,
)
from app.domain.snapshots.shell import FirstRunSnapshot, Notice
from app.ui.pages.beginning.identity import listed
from app.ui.pages.beginning.passwords import strength
from app.ui.pages.firstrun import FirstRunPage
from app.ui.pages.recovery import paper
from app.ui.pages.recovery.sheet import WordSheet
from tests.ui.desk_samples import (
    NETWORK,
    RECOVERY,
    WINDOW_WIDTHS,
    WORDS,
    Window,
    codes,
    found,
    typed,
)
from tests.ui.looking import clipped, nameless

GOOD = "copper lantern walks north"
WELCOME = FirstRunSnapshot("welcome")


@pytest.fixture
def window(qtbot) -> Window:
    made = Window(FirstRunPage(), qtbot, rail=False)
    made.tell(WELCOME)
    return made


def _fill(qtbot, window: Window, view: str, name: str = "Nordhaven", password: str = GOOD) -> None:
    qtbot.keyClicks(window.line(f"firstrun.{view}.name"), name)
    qtbot.keyClicks(window.line(f"firstrun.{view}.password"), password)
    qtbot.keyClicks(window.line(f"firstrun.{view}.repeat"), password)


def _words_field(window: Window) -> QPlainTextEdit:
    return found(window.page, QPlainTextEdit, "firstrun.have.words")


# --- a new identity ---------------------------------------------------------------------------


def test_the_shortest_way_takes_four_steps(window: Window, qtbot) -> None:
    assert "Step 1 of 4" in window.words()
    window.button("firstrun.create").click()
    _fill(qtbot, window, "create")
    window.button("firstrun.create.do").click()
    window.tell(RECOVERY)
    assert "Step 3 of 4" in window.words()
    window.button("firstrun.recovery.next").click()
    qtbot.keyClicks(window.line("firstrun.prove.1"), WORDS[2])
    qtbot.keyClicks(window.line("firstrun.prove.2"), f" {WORDS[8].upper()} ")
    window.button("firstrun.prove.do").click()
    window.tell(NETWORK)
    assert "Step 4 of 4" in window.words()
    window.button("firstrun.network.do").click()
    assert window.asked == [
        CreateIdentity("Nordhaven", GOOD),
        ProveWords({3: WORDS[2], 9: WORDS[8]}),
        JoinPractice(),
    ]


def test_it_goes_by_keyboard_alone(window: Window, qtbot) -> None:
    window.page.opened()
    first = window.whole.focusWidget()
    assert first is window.button("firstrun.create")
    qtbot.keyClick(first, Qt.Key.Key_Space)
    qtbot.keyClicks(window.whole.focusWidget(), "Nordhaven")
    qtbot.keyClick(window.whole.focusWidget(), Qt.Key.Key_Return)
    qtbot.keyClicks(window.whole.focusWidget(), GOOD)
    qtbot.keyClick(window.whole.focusWidget(), Qt.Key.Key_Return)
    qtbot.keyClicks(window.whole.focusWidget(), GOOD)
    qtbot.keyClick(window.whole.focusWidget(), Qt.Key.Key_Return)
    assert window.asked == [CreateIdentity("Nordhaven", GOOD)]


@pytest.mark.parametrize(
    ("name", "password", "repeat", "said"),
    [
        ("", GOOD, GOOD, "Type the name others shall see."),
        ("Nordhaven", "seven77", "seven77", "At least 8 characters."),
        ("Nordhaven", GOOD, GOOD + "!", "The two passwords are not the same."),
        ("Ø" * 40, GOOD, GOOD, "too long"),
    ],
)
def test_what_is_missing_is_said_and_not_asked(
    window: Window, qtbot, name: str, password: str, repeat: str, said: str
) -> None:
    window.button("firstrun.create").click()
    window.line("firstrun.create.name").setText(name)
    window.line("firstrun.create.password").setText(password)
    window.line("firstrun.create.repeat").setText(repeat)
    window.button("firstrun.create.do").click()
    assert said in window.words()
    assert window.asked == []


def test_making_it_shows_progress_and_asks_once(window: Window, qtbot) -> None:
    window.button("firstrun.create").click()
    _fill(qtbot, window, "create")
    window.button("firstrun.create.do").click()
    window.button("firstrun.create.do").click()
    assert len(window.asked) == 1
    assert "Making your identity" in window.words()
    bars = [bar for bar in window.page.findChildren(QProgressBar) if bar.isVisible()]
    assert [bar.accessibleName() for bar in bars] == ["Making your identity. This takes a moment…"]


def test_a_problem_is_said_and_nothing_typed_is_lost(window: Window, qtbot) -> None:
    window.button("firstrun.create").click()
    _fill(qtbot, window, "create")
    window.button("firstrun.create.do").click()
    window.tell(replace(WELCOME, busy="identity"))
    problem = Notice("rule", "x", "The disk is full. Free some space.", about="CreateIdentity")
    window.tell(replace(WELCOME, problem=problem))
    assert "The disk is full. Free some space." in window.words()
    assert window.line("firstrun.create.name").text() == "Nordhaven"
    assert window.line("firstrun.create.password").text() == GOOD
    window.button("firstrun.create.do").click()
    assert len(window.asked) == 2
    assert "The disk is full" not in window.words()


def test_a_notice_about_the_command_ends_the_waiting(window: Window, qtbot) -> None:
    window.button("firstrun.create").click()
    _fill(qtbot, window, "create")
    window.button("firstrun.create.do").click()
    window.tell(Notice("outage", "chain.unreachable", "", about="somewhere else"))
    assert "The record cannot be reached." not in window.words()
    window.tell(Notice("rule", "x", "Choose another name.", about="CreateIdentity"))
    assert "Choose another name." in window.words()
    assert window.button("firstrun.create.do").isEnabled()


def test_no_secret_stays_once_it_succeeded(window: Window, qtbot) -> None:
    window.button("firstrun.create").click()
    _fill(qtbot, window, "create")
    assert GOOD in typed(window.page)
    window.tell(RECOVERY)
    assert GOOD not in typed(window.page)
    window.button("firstrun.recovery.next").click()
    qtbot.keyClicks(window.line("firstrun.prove.1"), "absorb")
    window.tell(NETWORK)
    labels = {one.text() for one in window.page.findChildren(QLabel)}
    assert labels & set(WORDS) == set()
    assert "absorb" not in typed(window.page)


# --- the recovery sheet -----------------------------------------------------------------------


def test_the_words_are_numbered_down_the_columns(window: Window) -> None:
    window.tell(RECOVERY)
    spoken = [
        one.accessibleName()
        for one in window.page.findChildren(QLabel)
        if one.isVisible() and one.property("role") == "code"
    ]
    assert spoken == [f"word {i}: {word}" for i, word in enumerate(WORDS, 1)]


def test_a_wrong_word_is_said_by_its_field(window: Window, qtbot) -> None:
    window.tell(RECOVERY)
    window.button("firstrun.recovery.next").click()
    assert "Word 3" in window.words()
    assert "Word 9" in window.words()
    qtbot.keyClicks(window.line("firstrun.prove.1"), WORDS[2])
    qtbot.keyClicks(window.line("firstrun.prove.2"), WORDS[3])
    window.button("firstrun.prove.do").click()
    assert window.asked == []
    assert window.words().count("Not this word") == 1
    window.button("firstrun.prove.back").click()
    assert "word" in found(window.page, QWidget, "firstrun.recovery.words").accessibleName()


def test_later_warns_first(window: Window) -> None:
    window.tell(RECOVERY)
    window.button("firstrun.recovery.later").click()
    assert window.asked == []
    assert "Without the sheet there is no way back." in window.words()
    window.button("firstrun.recovery.stay").click()
    assert "Without the sheet" not in window.words()
    window.button("firstrun.recovery.later").click()
    window.button("firstrun.recovery.skip").click()
    assert window.asked == [ProveWords({})]


def test_the_sheet_is_saved_for_its_owner_only(
    window: Window, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    window.tell(RECOVERY)
    target = tmp_path / "sheet.pdf"
    monkeypatch.setattr(
        "app.ui.pages.recovery.sheet.QFileDialog.getSaveFileName",
        lambda *_: (str(tmp_path / "sheet"), ""),
    )
    window.button("firstrun.recovery.save").click()
    assert target.read_bytes().startswith(b"%PDF-")
    assert stat.S_IMODE(target.stat().st_mode) == 0o600
    assert str(target) in window.words()


def test_a_sheet_that_cannot_be_saved_says_why(
    window: Window, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    window.tell(RECOVERY)
    monkeypatch.setattr(
        "app.ui.pages.recovery.sheet.QFileDialog.getSaveFileName",
        lambda *_: (str(tmp_path / "missing" / "sheet.pdf"), ""),
    )
    window.button("firstrun.recovery.save").click()
    assert "No such file or directory" in window.words()


def test_each_sheet_on_paper_differs_by_its_words() -> None:
    assert len(paper.pdf("Nordhaven", WORDS)) > 1000
    assert paper.pdf("Nordhaven", WORDS) != paper.pdf("Nordhaven", WORDS[::-1])


def test_a_sheet_never_shows_its_words_in_its_name(qtbot) -> None:
    sheet = WordSheet("x")
    qtbot.addWidget(sheet)
    sheet.say(WORDS, "Nordhaven")
    assert not any(word in repr(sheet) for word in WORDS)


# --- one brought along ------------------------------------------------------------------------


def test_words_can_be_pasted_as_a_numbered_list(window: Window, qtbot) -> None:
    window.button("firstrun.have").click()
    text = "\n".join(f"{i}. {word.title()}" for i, word in enumerate(WORDS, 1))
    _words_field(window).setPlainText(text)
    assert "All 24 words are there." in window.words()
    _fill(qtbot, window, "have")
    window.button("firstrun.have.do").click()
    assert window.asked == [RestoreIdentity("Nordhaven", GOOD, " ".join(WORDS))]
    assert "Bringing your identity back" in window.words()
    window.tell(replace(WELCOME, busy="identity"))
    assert "Bringing your identity back" in window.words()
    window.tell(NETWORK)
    assert WORDS[0] not in typed(window.page)
    assert GOOD not in typed(window.page)
    assert "Step 3 of 3" in window.words()


def test_words_are_counted_before_anything_is_asked(window: Window, qtbot) -> None:
    window.button("firstrun.have").click()
    qtbot.keyClicks(_words_field(window), "abandon ability ")
    assert "2 words so far, 24 are needed." in window.words()
    window.button("firstrun.have.do").click()
    assert window.asked == []
    _words_field(window).setPlainText(" ".join((*WORDS[:-1], "act0al")))
    window.button("firstrun.have.do").click()
    assert "“act0al” cannot be one of them" in window.words()
    assert window.asked == []


def test_the_engine_names_the_wrong_word_and_the_rest_stays(window: Window, qtbot) -> None:
    window.button("firstrun.have").click()
    _words_field(window).setPlainText(" ".join(WORDS))
    _fill(qtbot, window, "have")
    window.button("firstrun.have.do").click()
    window.tell(Notice("rule", "x", "Word 7 is not on the list.", about="RestoreIdentity"))
    assert "Word 7 is not on the list." in window.words()
    assert _words_field(window).toPlainText() == " ".join(WORDS)


def test_an_identity_file_with_its_password(
    window: Window, qtbot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "UTC--2024.json"
    monkeypatch.setattr(
        "app.ui.pages.beginning.identity.QFileDialog.getOpenFileName", lambda *_: (str(file), "")
    )
    window.button("firstrun.have").click()
    window.page.views["have"].ways.setCurrentIndex(1)
    _fill(qtbot, window, "have")
    window.button("firstrun.have.do").click()
    assert "Choose the identity file first." in window.words()
    window.button("firstrun.have.choose").click()
    window.button("firstrun.have.do").click()
    assert "Type the password of the file." in window.words()
    assert window.asked == []
    qtbot.keyClicks(window.line("firstrun.have.file_password"), "its own")
    window.button("firstrun.have.do").click()
    assert window.asked == [ImportIdentity("Nordhaven", GOOD, file, "its own")]
    window.tell(RECOVERY)
    assert "its own" not in typed(window.page)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Abandon  ability\table", ("abandon", "ability", "able")),
        ("1. abandon 2. ability", ("abandon", "ability")),
        ("1) abandon, 2) ability;", ("abandon", "ability")),
        ("1.abandon 2:ability", ("abandon", "ability")),
        ("  ", ()),
        ("12abandon", ("12abandon",)),
    ],
)
def test_words_are_read_from_lists(text: str, words: tuple[str, ...]) -> None:
    assert listed(text) == words


# --- the network ------------------------------------------------------------------------------


def test_a_company_network_by_its_file(
    window: Window, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "network.json"
    monkeypatch.setattr(
        "app.ui.pages.beginning.where.QFileDialog.getOpenFileName", lambda *_: (str(file), "")
    )
    window.tell(NETWORK)
    window.button("firstrun.company").click()
    window.button("firstrun.network.do").click()
    assert "Choose the network file first." in window.words()
    assert window.asked == []
    window.button("firstrun.network.choose").click()
    window.button("firstrun.network.do").click()
    assert window.asked == [JoinNetwork(file)]
    assert "Reaching the network…" in window.words()


def test_without_a_practice_network_the_other_is_chosen(window: Window) -> None:
    window.tell(replace(NETWORK, practice_possible=False))
    assert not window.button("firstrun.practice").isEnabled()
    assert window.button("firstrun.company").isChecked()
    assert "Not available on this computer" in window.words()


def test_looking_round(window: Window) -> None:
    window.button("firstrun.look").click()
    assert window.asked == [LookRound()]
    window.tell(FirstRunSnapshot("network"))
    assert "Step 2 of 2" in window.words()


def test_who_looks_round_already_goes_back_to_it(window: Window) -> None:
    window.tell(FirstRunSnapshot("done"))
    window.button("firstrun.look").click()
    assert (window.asked, window.went) == ([], ["home"])


# --- how it looks -----------------------------------------------------------------------------


def _steps(window: Window) -> list[tuple[str, FirstRunSnapshot, str]]:
    return [
        ("welcome", WELCOME, ""),
        ("create", WELCOME, "create"),
        ("have", WELCOME, "have"),
        ("words", RECOVERY, ""),
        ("prove", RECOVERY, "prove"),
        ("network", NETWORK, ""),
    ]


def test_nothing_is_clipped_or_nameless_in_any_step(window: Window) -> None:
    for step, snapshot, view in _steps(window):
        window.tell(snapshot)
        if view:
            window.page.views[snapshot.step if view != "prove" else "words"].went.emit(view)
        for width in WINDOW_WIDTHS:
            window.resize(width, 680 if width < 1240 else 860)
            assert clipped(window.page) == [], (step, width)
        assert nameless(window.page) == [], step
        assert codes(window) == [], step
        window.tell(FirstRunSnapshot("done"))


def test_typing_survives_snapshots(window: Window, qtbot) -> None:
    window.button("firstrun.create").click()
    edit = window.line("firstrun.create.name")
    qtbot.keyClicks(edit, "Nord")
    edit.setCursorPosition(2)
    window.tell(WELCOME)
    window.tell(replace(WELCOME, name="Somebody"))
    assert (edit.text(), edit.cursorPosition()) == ("Nord", 2)
    assert edit.hasFocus()


@pytest.mark.parametrize(
    ("password", "name", "found_to_be"),
    [
        ("", "", "none"),
        ("Ab3$xyz", "", "short"),
        ("aaaaaaaaaaaaaaaaaaaaaaaa", "", "weak"),
        ("abcdefghijklmnop", "", "weak"),
        ("qwertyuiop123456", "", "weak"),
        ("password2024", "", "weak"),
        ("Nordhaven2024", "Nordhaven Energy", "weak"),
        ("correct horse", "", "fair"),
        ("copper lantern walks north", "", "strong"),
        ("T9#kqL2$vXw8@rB", "", "strong"),
    ],
)
def test_strength_of_passwords(password: str, name: str, found_to_be: str) -> None:
    assert strength(password, name) == found_to_be
