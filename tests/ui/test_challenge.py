"""Two registrations side by side: what is read, who was first, and what can be asked."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtWidgets import QFileDialog, QLabel, QProgressBar, QPushButton, QWidget

from app.domain.commands import OpenChallenge, OpenDataset, SaveChallenge
from app.domain.snapshots.records import RecordsSnapshot
from app.ui.pages.challenge import ChallengePage
from app.ui.pages.dataset import DatasetPage
from app.ui.pages.records import RecordsPage
from app.ui.pages.register import RegisterPage
from tests.ui.dataset_samples import (
    BY_PIECES,
    CHALLENGE,
    DRAFTED,
    ELSEWHERE,
    KNOWN_ELSEWHERE,
    LIKE_ELSEWHERE,
    OFFERED_TWICE,
    PAGE_WIDTHS,
)
from tests.ui.desk_samples import entry
from tests.ui.looking import clipped, nameless, settle


@pytest.fixture
def page(qtbot) -> ChallengePage:
    made = ChallengePage()
    qtbot.addWidget(made)
    made.resize(1148, 860)
    made.show()
    made.show_snapshot(CHALLENGE)
    return made


def heard(page: QWidget) -> list[object]:
    asked: list[object] = []
    page.asked.connect(asked.append)
    return asked


def words(page: QWidget) -> str:
    return "\n".join(one.text() for one in page.findChildren(QLabel) if one.isVisibleTo(page))


def press(page: QWidget, name: str) -> None:
    button = page.findChild(QPushButton, name)
    assert button is not None, name
    button.click()


def verdict(page: ChallengePage) -> str:
    return page.findChild(QLabel, "challenge.verdict").accessibleName()


def test_both_are_told_with_times_and_proofs(page: ChallengePage) -> None:
    text = words(page)
    for said in ("Hourly feeder load", "Practice network", "Company chain", "81,204, final"):
        assert said in text
    assert "81,204, not final yet" in text
    assert "Nordhaven Energy (you)" in text
    facts = page.findChild(QWidget, "challenge.side.0")
    assert facts.accessibleName() == "First: Hourly feeder load"
    assert not page.findChild(QWidget, "challenge.side.0.content").isHidden()
    assert not page.findChild(QWidget, "challenge.side.1.content").isVisible()  # confidential


def test_likeness_is_told_by_column(page: ChallengePage) -> None:
    bars = page.findChildren(QProgressBar)
    assert [bar.accessibleName() for bar in bars] == [
        "load_kw and load: 91%",
        "Feeder: 83%",
        "station_of_the_distribution_network and station: 75%",
        "remark: like none: 8%",
    ]
    assert "Not compared: timestamp, contact_email." in words(page)
    page.show_snapshot(replace(CHALLENGE, score=None, columns=(), left_out=()))
    assert verdict(page).startswith("Different fingerprints.")
    assert "so only the fingerprints could be compared." in words(page)
    assert "Not compared" not in words(page)


def test_what_has_no_columns_is_told_by_its_pieces(page: ChallengePage) -> None:
    page.show_snapshot(BY_PIECES)
    assert verdict(page).startswith("91% alike.")
    (bar,) = page.findChildren(QProgressBar)
    assert bar.accessibleName() == "All pieces: 91%"
    assert "Pieces of about half a KiB" in words(page)
    assert "For each column" not in words(page)


def test_who_was_first_is_told_where_it_can_be(page: ChallengePage) -> None:
    assert verdict(page) == "82% alike. Baltic Grid Analytics was first, on 2 Oct 2025, 10:13."
    page.show_snapshot(replace(CHALLENGE, first="other", same_content=True))
    assert verdict(page) == "The same content. Yours was first, on 3 Oct 2025, 10:13."
    page.show_snapshot(replace(CHALLENGE, first="unclear"))
    assert "which was first cannot be told from the clocks." in verdict(page)
    page.show_snapshot(DRAFTED)
    assert "Yours is not registered yet" in verdict(page)
    assert "not registered yet" in words(page)


def test_it_is_saved_where_the_person_says(
    page: ChallengePage, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = heard(page)
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: ("/tmp/one.json", ""))
    press(page, "challenge.save")
    assert asked == [SaveChallenge(Path("/tmp/one.json"))]
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: ("", ""))
    press(page, "challenge.save")
    assert len(asked) == 1


def test_a_dataset_of_this_network_is_opened_and_back_leads_where_one_was(
    page: ChallengePage, qtbot
) -> None:
    asked = heard(page)
    press(page, "challenge.side.0.open")
    assert asked == [OpenDataset(f"{1:064x}")]
    assert page.findChild(QPushButton, "challenge.side.1.open").isHidden()
    page.show_snapshot(DRAFTED)
    with qtbot.waitSignal(page.went) as went:
        press(page, "challenge.back")
    assert went.args == ["register"]


def test_it_fits_every_width_and_everything_has_a_name(page: ChallengePage) -> None:
    for shown in (CHALLENGE, DRAFTED):
        page.show_snapshot(shown)
        for width in PAGE_WIDTHS:
            settle(page, width)
            assert clipped(page) == [], width
    assert nameless(page) == []


def test_it_is_reached_from_the_dataset(qtbot) -> None:
    page = DatasetPage()
    qtbot.addWidget(page)
    page.show_snapshot(OFFERED_TWICE)
    asked = heard(page)
    press(page, "dataset.compare.ffffffff")
    press(page, "dataset.compare.fcfcfcfc")
    mine = OFFERED_TWICE.card.dataset
    assert asked == [
        OpenChallenge(mine, "ff" * 32, 0),
        OpenChallenge(mine, "fc" * 32, ELSEWHERE.chain_id),
    ]


def test_it_is_reached_from_the_draft(qtbot) -> None:
    for shown in (KNOWN_ELSEWHERE, LIKE_ELSEWHERE):
        page = RegisterPage()
        qtbot.addWidget(page)
        page.show_snapshot(shown)
        asked = heard(page)
        press(page, "register.compare.fcfcfcfc")
        there = OpenChallenge(shown.draft, "fc" * 32, ELSEWHERE.chain_id, back="register")
        assert asked[-1] == there


def test_it_is_reached_from_records(qtbot) -> None:
    page = RecordsPage()
    qtbot.addWidget(page)
    same = entry("same_content", "final", 4, by_me=False, network="Company chain")
    page.show_snapshot(RecordsSnapshot(entries=(same,)))
    assert page.findChild(QPushButton, "records.compare").isHidden()
    same = replace(same, same="aa" * 32, same_id="fc" * 32, chain_id=2**53 - 1)
    page.show_snapshot(RecordsSnapshot(entries=(same,)))
    asked = heard(page)
    press(page, "records.compare")
    assert asked == [OpenChallenge("aa" * 32, "fc" * 32, 2**53 - 1, back="records")]
    said = words(page)
    assert "Company chain" in said
    unclear = "Cannot be told from the clocks: registered on two networks within an hour."
    assert unclear not in said
    page.show_snapshot(RecordsSnapshot(entries=(replace(same, unclear=True),)))
    assert unclear in words(page)
