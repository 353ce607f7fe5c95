"""Settings: what is read, what is asked, and secrets that leave nothing behind."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QCheckBox, QComboBox, QLabel, QPlainTextEdit, QPushButton, QWidget

from app.domain.bandwidth import Bandwidth
from app.domain.commands import (
    AddNetwork,
    AddRelay,
    ChangeName,
    ChangePassword,
    ChangeSettings,
    ExportIdentity,
    JoinNetwork,
    JoinPractice,
    Lock,
    ProveWords,
    Reconnect,
    RemoveNetwork,
    RemoveRelay,
    ShowRecoverySheet,
)
from app.domain.snapshots.shell import Notice, OtherNetwork, RelayRow, SettingsSnapshot
from app.ui.dialogs.asking import AskSheet
from app.ui.dialogs.identity import ExportSheet, JoinSheet, PasswordSheet
from app.ui.dialogs.recovery import WordsSheet
from app.ui.pages.choices.report import endpoint, report
from app.ui.pages.settings import SettingsPage
from app.ui.widgets.text import Badge
from tests.ui.desk_samples import (
    OWN,
    RELAY,
    SETTINGS,
    SHELL,
    WINDOW_WIDTHS,
    WORDS,
    Window,
    codes,
    found,
    typed,
)
from tests.ui.looking import clipped, nameless, settle

NEW = "copper lantern walks north"


@pytest.fixture
def window(qtbot) -> Window:
    made = Window(SettingsPage(), qtbot)
    made.tell(SHELL)
    made.tell(SETTINGS)
    return made


def _sheet(window: Window, button: str) -> AskSheet:
    window.button(button).click()
    there = [one for one in window.page.findChildren(AskSheet) if one.isVisible()]
    assert len(there) == 1
    return there[0]


def _words(sheet: AskSheet) -> str:
    return "\n".join(one.text() for one in sheet.findChildren(QLabel) if one.isVisible())


def test_everything_is_read(window: Window) -> None:
    text = window.words()
    for part in (
        "Practice on this computer",
        "practice, costs nothing",
        "31337",
        "12,345",
        "2 blocks",
        "https://rpc.example.org:8545",
        "7c1F 09AE 5bD2 … e441",
        "ab12 ab12 ab12 … ab12",
        "Online and reachable",
        "The recovery sheet is not saved yet.",
    ):
        assert part in text
    assert "SECRETKEY" not in text
    assert window.line("settings.name").text() == "Nordhaven Energy"
    window.tell(replace(SETTINGS, backed_up=True))
    assert "The recovery sheet is not saved yet." not in window.words()


# --- identity ---------------------------------------------------------------------------------


def test_a_name_is_changed_once_it_is_another(window: Window, qtbot) -> None:
    assert not window.button("settings.name.save").isEnabled()
    window.line("settings.name").clear()
    qtbot.keyClicks(window.line("settings.name"), "  North  haven ")
    window.button("settings.name.save").click()
    assert window.asked == [ChangeName("North haven")]


def test_a_name_being_typed_survives_snapshots(window: Window, qtbot) -> None:
    edit = window.line("settings.name")
    qtbot.keyClicks(edit, "!")
    edit.setCursorPosition(3)
    window.tell(replace(SETTINGS, name="From elsewhere", block_number=12_346))
    assert (edit.text(), edit.cursorPosition()) == ("Nordhaven Energy!", 3)
    edit.setText("From elsewhere")
    window.tell(replace(SETTINGS, name="Another"))
    assert edit.text() == "Another"


def test_locking(window: Window) -> None:
    window.button("settings.lock").click()
    chooser = found(window.page, QComboBox, "settings.auto_lock")
    chooser.setCurrentIndex(chooser.findData("0"))
    chooser.activated.emit(chooser.currentIndex())
    assert window.asked == [Lock(), ChangeSettings(auto_lock_minutes=0)]
    window.tell(replace(SETTINGS, auto_lock_minutes=7))
    assert chooser.currentText() == "7 min"
    assert len(window.asked) == 2


def test_who_looks_round_is_offered_an_identity(window: Window) -> None:
    window.tell(SettingsSnapshot())
    window.button("settings.create").click()
    assert window.went == ["firstrun"]
    assert not window.button("settings.password").isVisible()


def test_changing_the_password(window: Window, qtbot) -> None:
    sheet = _sheet(window, "settings.password")
    assert isinstance(sheet, PasswordSheet)
    sheet.action.click()
    assert "Type your password." in _words(sheet)
    qtbot.keyClicks(sheet.old.edit, "the old one")
    qtbot.keyClicks(sheet.new.password, NEW)
    sheet.action.click()
    assert "The two passwords are not the same." in _words(sheet)
    assert window.asked == []
    qtbot.keyClicks(sheet.new.repeat, NEW)
    qtbot.keyClick(sheet.new.repeat, Qt.Key.Key_Return)
    assert window.asked == [ChangePassword("the old one", NEW)]
    window.tell(Notice("rule", "wrong_password", "", about="ChangePassword"))
    assert "That is not the password." in _words(sheet)
    assert NEW in typed(sheet)
    edits = (sheet.old.edit, sheet.new.password, sheet.new.repeat)
    sheet.action.click()
    window.tell(Notice("done", "done.ChangePassword", "", about="ChangePassword"))
    assert not sheet.isVisible()
    assert [edit.text() for edit in edits] == ["", "", ""]


SAVED = replace(SETTINGS, backed_up=True)


def test_the_recovery_sheet_is_shown_after_the_password(window: Window, qtbot) -> None:
    window.tell(SAVED)
    sheet = _sheet(window, "settings.words")
    assert isinstance(sheet, WordsSheet)
    sheet.action.click()
    assert window.asked == []
    qtbot.keyClicks(sheet.password.edit, "the password")
    sheet.action.click()
    assert window.asked == [ShowRecoverySheet("the password")]
    window.tell(Notice("done", "done.ShowRecoverySheet", "", about="ShowRecoverySheet"))
    assert sheet.isVisible()
    window.tell(replace(SAVED, words=WORDS))
    assert all(word in _words(sheet) for word in WORDS)
    assert "the password" not in typed(sheet)
    assert not sheet.action.isVisible()
    window.tell(SAVED)
    assert WORDS[0] in _words(sheet)
    sheet.cancel.click()
    labels = {one.text() for one in window.page.findChildren(QLabel)}
    assert labels & set(WORDS) == set()


def test_words_that_were_put_off_are_typed_back(window: Window, qtbot) -> None:
    sheet = _sheet(window, "settings.words")
    assert isinstance(sheet, WordsSheet)
    qtbot.keyClicks(sheet.password.edit, "the password")
    sheet.action.click()
    window.tell(replace(SETTINGS, words=WORDS))
    window.tell(SETTINGS)
    sheet.action.click()  # on paper: now the proof, where the words are not to be seen
    assert WORDS[0] not in _words(sheet)
    assert "Word 9" in _words(sheet)
    window.asked.clear()
    sheet.action.click()
    assert window.asked == []
    qtbot.keyClicks(sheet.proof[0].edit, WORDS[2])
    qtbot.keyClicks(sheet.proof[1].edit, "zoo")
    sheet.action.click()
    assert window.asked == [ProveWords({3: WORDS[2], 9: "zoo"})]
    window.tell(Notice("rule", "identity.word", "", {"position": "9"}, "ProveWords"))
    assert "Word 9 is another one." in _words(sheet)
    sheet.back.click()
    assert WORDS[8] in _words(sheet)
    sheet.action.click()
    sheet.proof[1].edit.setText(WORDS[8])
    sheet.action.click()
    assert window.asked[-1] == ProveWords({3: WORDS[2], 9: WORDS[8]})
    assert sheet.isVisible()
    window.tell(SAVED)
    assert not sheet.isVisible()
    labels = {one.text() for one in window.page.findChildren(QLabel)}
    assert labels & set(WORDS) == set()
    assert not set(WORDS) & set(typed(window.page).split())


def test_words_nobody_asked_for_are_not_shown(window: Window) -> None:
    window.tell(replace(SETTINGS, words=WORDS))
    labels = {one.text() for one in window.page.findChildren(QLabel)}
    assert labels & set(WORDS) == set()
    sheet = _sheet(window, "settings.words")
    window.tell(replace(SETTINGS, words=WORDS))
    assert WORDS[0] not in _words(sheet)


def test_exporting_the_identity(
    window: Window, qtbot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sheet = _sheet(window, "settings.export")
    assert isinstance(sheet, ExportSheet)
    sheet.action.click()
    assert "Choose where to save it." in _words(sheet)
    target = tmp_path / "identity.json"
    monkeypatch.setattr(
        "app.ui.dialogs.identity.QFileDialog.getSaveFileName", lambda *_: (str(target), "")
    )
    sheet.choose.click()
    qtbot.keyClicks(sheet.password.edit, "the password")
    sheet.action.click()
    assert window.asked == [ExportIdentity(target, "the password")]
    edit = sheet.password.edit
    window.tell(Notice("done", "done.ExportIdentity", "", about="ExportIdentity"))
    assert not sheet.isVisible()
    assert edit.text() == ""


# --- network and connection -------------------------------------------------------------------


def test_what_has_to_be_believed_of_the_endpoints_is_said(window: Window) -> None:
    def shown(**changes: object) -> str:
        window.tell(replace(SETTINGS, **changes))
        return window.words()

    assert "One endpoint: Lading must believe it." in shown(endpoints=1, endpoints_needed=1)
    several = shown(endpoints=3, endpoints_needed=2, endpoints_prove=False)
    assert "2 of 3 endpoints must say the same" in several
    assert "Lading must believe it" not in several
    proven = shown(endpoints=3, endpoints_needed=2, endpoints_prove=True)
    assert "2 of 3 endpoints must agree on a block" in proven


def test_joining_another_network(window: Window, tmp_path: Path) -> None:
    sheet = _sheet(window, "settings.join")
    assert isinstance(sheet, JoinSheet)
    assert "their deadlines keep running" in _words(sheet)
    sheet.action.click()
    assert window.asked == []
    assert sheet.file is not None
    sheet.file.path.setText(str(tmp_path / "network.json"))
    sheet.action.click()
    assert window.asked == [JoinNetwork(tmp_path / "network.json")]
    window.tell(Notice("rule", "x", "This is no network file.", about="JoinNetwork"))
    assert "This is no network file." in _words(sheet)
    sheet.action.click()
    window.tell(replace(SETTINGS, block_number=12_346))
    assert sheet.isVisible()
    window.tell(replace(SETTINGS, network="Harbour", chain_id=10, practice=False))
    assert not sheet.isVisible()


def test_going_back_to_practice(window: Window) -> None:
    assert not window.button("settings.join.practice").isVisible()
    window.tell(replace(SETTINGS, practice=False))
    sheet = _sheet(window, "settings.join.practice")
    assert "their deadlines keep running" in _words(sheet)
    sheet.action.click()
    assert window.asked == [JoinPractice()]


def test_trying_the_connection_again(window: Window) -> None:
    window.button("settings.again").click()
    assert window.asked == [Reconnect()]


def test_switches_ask_and_show_what_is_set(window: Window, qtbot) -> None:
    share = found(window.page, QCheckBox, "settings.share")
    lan = found(window.page, QCheckBox, "settings.lan")
    share.setFocus()
    qtbot.keyClick(share, Qt.Key.Key_Space)
    lan.click()
    assert window.asked == [
        ChangeSettings(share_direct_address=True),
        ChangeSettings(find_on_lan=True),
    ]
    window.tell(replace(SETTINGS, share_direct_address=False, find_on_lan=True))
    assert (share.isChecked(), lan.isChecked()) == (False, True)
    assert len(window.asked) == 2
    assert "Everyone can read it there" in share.accessibleDescription()


# --- other networks ---------------------------------------------------------------------------


def _network_words(window: Window) -> list[str]:
    return [
        name.accessibleName()
        for name in window.page.findChildren(QLabel)
        if name.accessibleName().startswith("Network ")
    ]


def test_each_other_network_says_how_it_stands(window: Window) -> None:
    assert _network_words(window) == [
        "Network Company chain: read to the end",
        "Network Baltic data exchange: not reachable",
    ]
    assert "chain 77001  ·  rpc.example.org:8545  ·  12 registrations" in window.words()
    window.tell(replace(SETTINGS, others=()))
    assert _network_words(window) == []
    assert "None yet: only the network above is looked through." in window.words()
    window.tell(SettingsSnapshot())
    section = window.page.findChild(QWidget, "settings.others")
    assert section.isHidden()  # on no network there is nothing to check beside it


def test_a_network_is_added_and_what_is_wrong_is_said_where_it_is(window: Window, qtbot) -> None:
    add = window.button("settings.other.add")
    add.click()
    assert window.asked == []
    assert "Paste an address of the network first." in window.words()
    qtbot.keyClicks(window.line("settings.other.name"), " Lab ")
    qtbot.keyClicks(window.line("settings.other.address"), "https://a.example b.example")
    add.click()
    assert window.asked == [AddNetwork("Lab", "https://a.example b.example")]
    assert not add.isEnabled()  # it is being looked up
    window.tell(Notice("rule", "networks.registry", "", about="AddNetwork"))
    assert "Lading's registry is not on that chain" in window.words()
    assert add.isEnabled()
    add.click()
    more = (*SETTINGS.others, OtherNetwork("Lab", 7, ("a.example",)))
    window.tell(replace(SETTINGS, others=more))
    assert window.line("settings.other.address").text() == ""
    assert "Network Lab: being read…" in _network_words(window)
    assert "Lading's registry is not on that chain" not in window.words()


def test_another_network_is_removed_and_eight_are_enough(window: Window) -> None:
    window.button("settings.other.remove.900913").click()
    assert window.asked == [RemoveNetwork(900_913)]
    many = tuple(OtherNetwork(f"N{n}", n) for n in range(1, 9))
    window.tell(replace(SETTINGS, others=many))
    assert not window.button("settings.other.add").isEnabled()


def test_the_router_is_asked_where_others_are_elsewhere(window: Window) -> None:
    router = found(window.page, QCheckBox, "settings.router")
    state = found(window.page, QLabel, "settings.router.state")
    assert not router.isVisible()  # on the practice network everybody is on this computer
    window.tell(replace(SETTINGS, practice=False))
    router.click()
    assert window.asked == [ChangeSettings(open_port=True)]
    assert not state.isVisible()
    said = {"asking": "being asked", "open": "lets others in", "closed": "tried again"}
    for router_state, words in said.items():
        window.tell(replace(SETTINGS, practice=False, open_port=True, router=router_state))
        assert router.isChecked()
        assert state.isVisible()
        assert words in state.text()
    window.tell(replace(SETTINGS, open_port=True, router="off"))
    assert not router.isVisible()
    assert not state.isVisible()


# --- relays -----------------------------------------------------------------------------------


def _relay_words(window: Window) -> list[tuple[str, str]]:
    lines = [
        one.accessibleName()
        for one in window.page.findChildren(QLabel)
        if one.isVisible() and one.accessibleName().startswith("Relay /")
    ]
    badges = [badge.text() for badge in window.page.findChildren(Badge, "settings.relay.state")]
    return list(zip(lines, badges, strict=True))


def test_each_relay_says_how_it_stands(window: Window) -> None:
    first, second = SETTINGS.relays
    assert _relay_words(window) == [
        (f"Relay {first.address}: reserved", "reserved"),
        (f"Relay {second.address}: not reachable", "not reachable"),
    ]
    window.tell(replace(SETTINGS, relays=(replace(first, state="refused"),)))
    assert _relay_words(window) == [(f"Relay {first.address}: gives no place", "gives no place")]
    window.tell(replace(SETTINGS, relays=()))
    assert _relay_words(window) == []
    assert "No relay yet." in window.words()


def test_a_relay_that_gives_no_place_is_quoted_with_what_can_be_done(window: Window) -> None:
    first = replace(SETTINGS.relays[0], keeps_bytes=0)
    says = "The relay has no free place now."
    for state, then in (("refused", "ask whoever runs this one"), ("unreachable", "its address")):
        window.tell(replace(SETTINGS, relays=(replace(first, state=state, reason=says),)))
        (why,) = window.page.findChildren(QLabel, "settings.relay.why")
        assert why.isVisible()
        assert why.text().startswith(says)
        assert then in why.text()
    window.tell(replace(SETTINGS, relays=(replace(first, state="reserved"),)))
    assert not why.isVisible()


def test_a_relay_that_keeps_parcels_says_so(window: Window) -> None:
    assert window.words().count("Keeps parcels of up to 5.0 GB for 7 days") == 1
    window.tell(replace(SETTINGS, relays=(replace(SETTINGS.relays[0], keeps_bytes=0),)))
    assert "Keeps parcels" not in window.words()


def test_a_relay_is_added_and_the_field_is_free_for_the_next(window: Window, qtbot) -> None:
    edit = window.line("settings.relay")
    window.button("settings.relay.add").click()
    assert window.asked == []
    assert "Paste the address of a relay first." in window.words()
    qtbot.keyClicks(edit, f" {RELAY}")
    assert "Paste the address of a relay first." not in window.words()
    qtbot.keyClick(edit, Qt.Key.Key_Return)
    assert window.asked == [AddRelay(RELAY)]
    window.tell(replace(SETTINGS, block_number=12_346))
    assert edit.text() == f" {RELAY}"
    window.tell(replace(SETTINGS, relays=(*SETTINGS.relays, RelayRow("/dns/relay.example"))))
    assert edit.text() == ""
    qtbot.keyClicks(edit, "/ip4/")
    window.tell(replace(SETTINGS, relays=SETTINGS.relays * 2))
    assert edit.text() == "/ip4/"  # another one came, not from here


def test_what_is_wrong_with_a_relay_is_said_under_it(window: Window, qtbot) -> None:
    edit = window.line("settings.relay")
    qtbot.keyClicks(edit, "/ip4/192.0.2.7/tcp/4001")
    window.button("settings.relay.add").click()
    window.tell(Notice("rule", "chain.refused", "", about="profile"))
    assert "This is not the address of a relay." not in window.words()
    window.tell(Notice("rule", "relay.address", "", about="AddRelay"))
    assert "This is not the address of a relay." in window.words()
    assert edit.text() == "/ip4/192.0.2.7/tcp/4001"
    qtbot.keyClicks(edit, "/")
    assert "This is not the address of a relay." not in window.words()


def test_a_relay_is_removed(window: Window) -> None:
    buttons = window.page.findChildren(QPushButton, "settings.relay.remove")
    assert [one.accessibleName() for one in buttons] == [
        f"Remove the relay {relay.address}" for relay in SETTINGS.relays
    ]
    buttons[1].click()
    assert window.asked == [RemoveRelay(SETTINGS.relays[1].address)]


def test_four_relays_are_enough_and_a_guest_has_none(window: Window) -> None:
    add = window.button("settings.relay.add")
    assert add.isEnabled()
    many = tuple(RelayRow(f"{RELAY}{number}") for number in range(4))
    window.tell(replace(SETTINGS, relays=many))
    assert not add.isEnabled()
    assert "remove one first" in add.toolTip()
    window.tell(SettingsSnapshot())
    assert not add.isVisible()


@pytest.mark.parametrize(
    ("connection", "says"),
    [
        ("online", "Online and reachable"),
        ("relay", "Online, using a relay"),
        ("unlisted", "Online, others cannot reach you"),
        ("offline", "Offline"),
    ],
)
def test_whether_others_reach_this_computer(window: Window, connection: Any, says: str) -> None:
    window.tell(replace(SHELL, connection=connection))
    assert found(window.page, QLabel, "settings.connection.state").text() == says
    assert ("A relay helps, below" in window.words()) == (connection == "unlisted")


def test_a_limit_is_typed_changed_and_taken_away(window: Window, qtbot) -> None:
    upload, download = window.line("settings.upload"), window.line("settings.download")
    assert (upload.text(), download.text()) == ("2.5", "")
    for edit, limit in ((download, "0,75"), (upload, "12"), (upload, "")):
        edit.clear()
        qtbot.keyClicks(edit, limit)
        qtbot.keyClick(edit, Qt.Key.Key_Return)
    one = replace(SETTINGS.bandwidth, download_bytes=750_000)
    assert window.asked == [
        ChangeSettings(bandwidth=one),
        ChangeSettings(bandwidth=replace(one, upload_bytes=12_000_000)),
        ChangeSettings(bandwidth=replace(one, upload_bytes=0)),
    ]


@pytest.mark.parametrize("typed", ["fast", "0.05", "-1", "99999", "1.2345", "1 MB"])
def test_what_is_no_limit_is_not_asked_for(window: Window, qtbot, typed: str) -> None:
    edit = window.line("settings.download")
    qtbot.keyClicks(edit, typed)
    qtbot.keyClick(edit, Qt.Key.Key_Return)
    assert window.asked == []
    assert "Type a number from 0.1 to 10000, or nothing for no limit." in window.words()
    window.tell(replace(SETTINGS, block_number=12_346))
    assert edit.text() == typed  # it can be mended
    edit.clear()
    qtbot.keyClick(edit, Qt.Key.Key_Return)
    assert "Type a number" not in window.words()


def test_a_limit_being_typed_survives_snapshots(window: Window, qtbot) -> None:
    edit = window.line("settings.upload")
    qtbot.keyClicks(edit, "7")
    window.tell(replace(SETTINGS, bandwidth=Bandwidth(upload_bytes=4_000_000)))
    assert edit.text() == "2.57"
    edit.setText("4")
    window.tell(replace(SETTINGS, bandwidth=Bandwidth(upload_bytes=100_000)))
    assert edit.text() == "0.1"


def test_a_limit_that_is_being_taken_away_or_begun_survives_a_new_block(
    window: Window, qtbot
) -> None:
    edit = window.line("settings.upload")
    edit.clear()
    window.tell(replace(SETTINGS, block_number=12_346))
    assert edit.text() == ""
    qtbot.keyClick(edit, Qt.Key.Key_Return)
    taken_away = replace(SETTINGS.bandwidth, upload_bytes=0)
    assert window.asked == [ChangeSettings(bandwidth=taken_away)]
    window.tell(replace(SETTINGS, bandwidth=Bandwidth(upload_bytes=2_000_000)))
    qtbot.keyClicks(edit, ".")
    window.tell(replace(SETTINGS, bandwidth=Bandwidth(upload_bytes=2_000_000), block_number=12_347))
    qtbot.keyClicks(edit, "5")
    assert edit.text() == "2.5"


def test_how_many_deliveries_run_at_once_is_chosen(window: Window) -> None:
    chooser = found(window.page, QComboBox, "settings.at_once")
    assert chooser.currentText() == "4"
    assert [chooser.itemText(i) for i in range(chooser.count())] == list("12345678")
    chooser.setCurrentIndex(0)
    chooser.activated.emit(0)
    assert window.asked == [ChangeSettings(at_once=1)]
    window.tell(replace(SETTINGS, at_once=6))
    assert chooser.currentText() == "6"


def test_what_this_computer_cannot_do_is_not_offered(window: Window) -> None:
    for name in ("settings.awake", "settings.battery"):
        switch = window.page.findChild(QCheckBox, name)
        assert switch is not None
        assert not switch.isVisible()
    window.tell(replace(SETTINGS, can_stay_awake=True, has_battery=True, pause_on_battery=True))
    awake = found(window.page, QCheckBox, "settings.awake")
    battery = found(window.page, QCheckBox, "settings.battery")
    assert (awake.isChecked(), battery.isChecked()) == (False, True)
    awake.click()
    battery.click()
    assert window.asked == [
        ChangeSettings(stay_awake=True),
        ChangeSettings(pause_on_battery=False),
    ]


def test_deliveries_are_left_by_themselves_where_there_are_relays(window: Window) -> None:
    switch = found(window.page, QCheckBox, "settings.leaves")
    assert not switch.isChecked()
    switch.click()
    assert window.asked == [ChangeSettings(leave_by_itself=True)]
    window.tell(replace(SETTINGS, leave_by_itself=True, relays=SETTINGS.relays[1:]))
    assert switch.isVisible()  # also while none can be reached, and nobody knows what it keeps
    assert switch.isChecked()
    window.tell(replace(SETTINGS, relays=()))
    assert not switch.isVisible()


def test_hours_at_full_speed_are_chosen(window: Window) -> None:
    assert "Full speed now." in window.words()
    since = found(window.page, QComboBox, "settings.hours.from")
    assert since.currentText() == "22:00"
    since.setCurrentIndex(since.findText("20:30"))
    since.activated.emit(since.currentIndex())
    until = found(window.page, QComboBox, "settings.hours.until")
    until.setCurrentIndex(until.findText("07:00"))
    until.activated.emit(until.currentIndex())
    found(window.page, QCheckBox, "settings.hours").click()
    changed = replace(SETTINGS.bandwidth, full_from=1230)
    assert window.asked == [
        ChangeSettings(bandwidth=changed),
        ChangeSettings(bandwidth=replace(changed, full_until=420)),
        ChangeSettings(bandwidth=replace(changed, full_until=420, full_speed=False)),
    ]
    window.tell(replace(SETTINGS, bandwidth=Bandwidth(upload_bytes=500_000)))
    assert not since.isVisible()
    assert found(window.page, QCheckBox, "settings.hours").isVisible()
    window.tell(replace(SETTINGS, bandwidth=Bandwidth()))  # nothing that hours could lift
    hidden = window.page.findChild(QCheckBox, "settings.hours")
    assert hidden is not None
    assert not hidden.isVisible()


def test_hours_that_are_no_time_at_all_say_so(window: Window) -> None:
    same = replace(SETTINGS.bandwidth, full_until=SETTINGS.bandwidth.full_from)
    window.tell(replace(SETTINGS, bandwidth=same, full_speed_now=False))
    assert "the limits hold all day" in window.words()
    assert "Full speed now." not in window.words()
    window.tell(replace(SETTINGS, full_speed_now=False))
    assert "the limits hold all day" not in window.words()
    window.tell(SETTINGS)
    assert "Full speed now." in window.words()


# --- this computer ----------------------------------------------------------------------------


def test_folder_appearance_and_language(
    window: Window, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        "app.ui.pages.choices.computer.QFileDialog.getExistingDirectory",
        lambda *_: str(tmp_path),
    )
    window.button("settings.downloads.choose").click()
    window.button("settings.look.dark").click()
    chooser = found(window.page, QComboBox, "settings.language")
    chooser.setCurrentIndex(chooser.findData("en"))
    chooser.activated.emit(chooser.currentIndex())
    assert window.asked == [
        ChangeSettings(downloads=tmp_path),
        ChangeSettings(appearance="dark"),
        ChangeSettings(language="en"),
    ]
    window.tell(replace(SETTINGS, appearance="light"))
    assert window.button("settings.look.light").isChecked()
    assert not window.button("settings.look.dark").isChecked()
    assert chooser.currentText() == "Like the system"


def test_the_report_is_read_before_it_is_copied(window: Window) -> None:
    shown = found(window.page, QPlainTextEdit, "settings.report").toPlainText()
    window.button("settings.report.copy").click()
    assert QGuiApplication.clipboard().text() == shown
    assert "Chain id: 31337" in shown


def test_a_report_names_nobody_and_holds_no_secret() -> None:
    written = report(replace(SETTINGS, words=WORDS), SHELL)
    for secret in (SETTINGS.name, OWN, SETTINGS.peer_id, "SECRETKEY", "HIDDEN", "pass", "anna"):
        assert secret not in written.replace("Recovery sheet", "")
    assert WORDS[0] not in written
    assert "192.168" not in written


@pytest.mark.parametrize(
    ("rpc", "shown"),
    [
        ("http://127.0.0.1:8545", "http://127.0.0.1:8545"),
        ("https://key@host.org/v3/KEY?a=b#c", "https://host.org"),
        ("https://host.org:99999/x", "unreadable"),
        ("nonsense KEY", ""),
    ],
)
def test_endpoints_are_shown_without_their_keys(rpc: str, shown: str) -> None:
    assert endpoint(rpc) == shown


# --- how it looks -----------------------------------------------------------------------------


@pytest.mark.parametrize("snapshot", [SETTINGS, SettingsSnapshot(version="0.1.0")])
def test_nothing_is_clipped_or_nameless(window: Window, snapshot: SettingsSnapshot) -> None:
    window.tell(snapshot)
    for width in WINDOW_WIDTHS:
        window.resize(width)
        assert clipped(window.page) == [], width
    assert nameless(window.page) == []
    assert codes(window) == []


def test_nothing_is_clipped_or_nameless_in_the_sheets(window: Window, qtbot) -> None:
    for name in ("password", "words", "export", "join"):
        sheet = _sheet(window, f"settings.{name}")
        settle(sheet, sheet.width(), sheet.height())
        assert clipped(sheet) == [], name
        assert nameless(sheet) == [], name
        if isinstance(sheet, WordsSheet):
            qtbot.keyClicks(sheet.password.edit, "the password")
            sheet.action.click()
            window.tell(replace(SETTINGS, words=WORDS))
            for _ in ("the words", "the proof"):
                settle(sheet, sheet.width(), sheet.height())
                assert clipped(sheet) == [], name
                assert nameless(sheet) == [], name
                sheet.action.click()
        sheet.reject()
