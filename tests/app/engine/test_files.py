"""Files that cannot be offered: one clear sentence each, and the draft stays as it was typed."""

from __future__ import annotations

import os
import secrets
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from app.domain import commands as cmd
from app.domain.commands import Description
from app.domain.snapshots.datasets import RegisterSnapshot
from app.domain.terms import TermsChoice
from app.engine import readings
from app.store.datasets import OwnDataset
from p2p.fingerprint import fingerprint
from tests.app.engine.apps import App, Line

DESCRIPTION = Description(title="Wind at 80 m", what="Hourly speeds.", region="North Sea")
PRICE = 2_500_000


@pytest.fixture(scope="module")
def owner(apps: Any, lines: Callable[[], Line]) -> App:
    app: App = apps("Nordhaven Energy", lines())
    return app


@pytest.fixture
def draft(owner: App, tmp_path: Path) -> str:
    """A draft with good files, described and priced."""
    return drafted(owner, tmp_path)


@pytest.fixture(scope="module")
def kept(owner: App, tmp_path_factory: pytest.TempPathFactory) -> str:
    """Another, which everybody leaves as it is."""
    return drafted(owner, tmp_path_factory.mktemp("kept"))


def drafted(owner: App, place: Path) -> str:
    good = place / "good.bin"
    good.write_bytes(b"time,speed\n0,7.5\n" * 10)
    key = secrets.token_hex(16)
    owner.ask(cmd.ChooseContent(key, good))
    token = shown(owner, key, lambda page: page.fingerprint).currencies[0].token
    owner.ask(cmd.DescribeDraft(key, DESCRIPTION, TermsChoice(months=6)))
    owner.ask(cmd.PriceDraft(key, token, PRICE))
    shown(owner, key, lambda page: page.price and page.reading is None)
    owner.eventually(lambda: owner.draft(key).profile)  # its values have been looked at
    return key


def shown(
    app: App, key: str, until: Callable[[RegisterSnapshot], Any] = lambda page: True
) -> RegisterSnapshot:
    return app.wait(RegisterSnapshot, lambda page: page.draft == key and until(page))


def assert_kept(app: App, key: str, before: OwnDataset) -> None:
    """The page shows, and the disk has, everything that was typed and every file read before."""
    assert app.draft(key) == before
    page = shown(app, key, lambda page: page.reading is None and page.path == before.path)
    assert (page.fingerprint, page.description) == (before.root.hex(), before.description)


def _empty_file(place: Path) -> Path:
    (place / "empty.csv").touch()
    return place / "empty.csv"


def _empty_folder(place: Path) -> Path:
    (place / "nothing" / "inside").mkdir(parents=True)
    return place / "nothing"


def _gone(place: Path) -> Path:
    return place / "gone.csv"


def _link(place: Path) -> Path:
    folder = place / "linked"
    folder.mkdir()
    (folder / "real.csv").write_bytes(b"1")
    (folder / "passwd").symlink_to("/etc/passwd")
    return folder


def _link_itself(place: Path) -> Path:
    (place / "link.csv").symlink_to("/etc/passwd")
    return place / "link.csv"


def _pipe(place: Path) -> Path:
    os.mkfifo(place / "pipe")
    return place / "pipe"


def _below_bytes(place: Path) -> Path:
    folder = place / os.fsdecode(b"not-utf8-\xff")
    folder.mkdir()
    (folder / "data.csv").write_bytes(b"1")
    return folder / "data.csv"


def _called_bytes(place: Path) -> Path:
    file = place / os.fsdecode(b"not-utf8-\xff.csv")
    file.write_bytes(b"1")
    return file


def _named(name: str | bytes) -> Callable[[Path], Path]:
    def make(place: Path) -> Path:
        folder = place / "named"
        folder.mkdir()
        raw = name if isinstance(name, bytes) else name.encode()
        with open(os.fsencode(folder) + b"/" + raw, "wb") as file:
            file.write(b"1")
        return folder

    return make


@pytest.mark.parametrize(
    ("make", "sentence"),
    [
        (_empty_file, "is empty"),
        (_empty_folder, "contains no files"),
        (_gone, "is not there"),
        (_link, "is a link"),
        (_link_itself, "is a link"),
        (_pipe, "is a pipe"),
        (_named("CON.csv"), "CON.csv"),
        (_named("a:b.csv"), "a:b.csv"),
        (_named("ends with a dot."), "ends with a dot"),
        (_named("back\\slash.csv"), "slash"),
        (_named("line\nbreak.csv"), "break"),
        (_named(b"not-utf8-\xff.csv"), "not-utf8"),
        (_called_bytes, "Rename the file"),
        (_below_bytes, "the folder it is in"),
    ],
)
def test_what_cannot_be_offered_is_named_and_the_draft_is_kept(
    owner: App, kept: str, tmp_path: Path, make: Callable[[Path], Path], sentence: str
) -> None:
    before = owner.draft(kept)
    notice = owner.refused(cmd.ChooseContent(kept, make(tmp_path)), "content")
    assert (notice.kind, notice.about) == ("rule", kept)
    assert sentence in notice.cause
    assert_kept(owner, kept, before)


def test_a_file_that_may_not_be_read(
    owner: App, draft: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = owner.draft(draft)
    secret = tmp_path / "secret.csv"
    secret.write_bytes(b"1")
    opened = os.open

    def refuses(path: Any, *rest: Any, **more: Any) -> int:
        if os.fspath(path) == str(secret):  # root may read every file: the system says no here
            raise PermissionError(13, "Permission denied", str(secret))
        return opened(path, *rest, **more)

    monkeypatch.setattr(os, "open", refuses)
    notice = owner.refused(cmd.ChooseContent(draft, secret), "content")
    assert "may not be read" in notice.cause
    assert_kept(owner, draft, before)


def test_a_file_that_changes_while_it_is_read(
    owner: App, draft: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = owner.draft(draft)
    growing = tmp_path / "growing.bin"
    growing.write_bytes(bytes(12 * 2**20))  # several pieces
    really = fingerprint

    def meanwhile(*args: Any, progress: Callable[[int, int], None], **more: Any) -> Any:
        def grows(done: int, total: int) -> None:
            with growing.open("ab") as file:
                file.write(b"!")
            progress(done, total)

        return really(*args, progress=grows, **more)

    monkeypatch.setattr(readings, "fingerprint", meanwhile)
    notice = owner.refused(cmd.ChooseContent(draft, growing), "content")
    assert "changed while it was read" in notice.cause
    assert_kept(owner, draft, before)
    monkeypatch.undo()
    owner.ask(cmd.ChooseContent(draft, growing))  # nothing writes to it any more
    shown(owner, draft, lambda page: page.path == str(growing) and page.fingerprint)


@pytest.fixture
def held(monkeypatch: pytest.MonkeyPatch) -> Iterator[threading.Event]:
    """Reading comes no further than the first piece until this is set."""
    go_on = threading.Event()
    really = fingerprint

    def holding(*args: Any, progress: Callable[[int, int], None], **more: Any) -> Any:
        def holds(done: int, total: int) -> None:
            progress(done, total)
            assert go_on.wait(20)

        return really(*args, progress=holds, **more)

    monkeypatch.setattr(readings, "fingerprint", holding)
    yield go_on
    go_on.set()


def large(tmp_path: Path) -> Path:
    path = tmp_path / "large.bin"
    path.write_bytes(bytes(4 * 2**20))
    return path


def test_reading_can_be_stopped_and_begun_again(
    owner: App, draft: str, tmp_path: Path, held: threading.Event
) -> None:
    before = owner.draft(draft)
    owner.ask(cmd.ChooseContent(draft, large(tmp_path)))
    shown(owner, draft, lambda page: page.reading and page.reading.done_bytes)
    assert owner.refused(cmd.ChooseContent(draft, tmp_path), "register.reading").about == draft
    owner.ask(cmd.CancelFingerprint(draft))
    owner.ask(cmd.DescribeDraft(draft, DESCRIPTION, TermsChoice(months=7)))  # typed meanwhile
    owner.eventually(lambda: owner.draft(draft).terms.months == 7)
    held.set()
    shown(owner, draft, lambda page: page.reading is None and page.fingerprint)
    assert_kept(owner, draft, replace(before, terms=TermsChoice(months=7)))


def test_looking_for_moved_files_can_be_stopped_and_begun_again(
    owner: App, tmp_path: Path, held: threading.Event
) -> None:
    key = secrets.token_hex(16)
    held.set()
    dataset = owner.register(key, tmp_path, bytes(4 * 2**20))
    held.clear()
    before, elsewhere = owner.draft(key), tmp_path / "elsewhere" / f"{key}.bin"
    elsewhere.parent.mkdir()
    leaves = owner.profile / "datasets" / f"{key}.leaves"
    hashes = leaves.read_bytes()
    Path(before.path).rename(elsewhere)
    since = len(owner.notices)
    owner.ask(cmd.LocateContent(dataset, elsewhere))
    owner.eventually(lambda: list(leaves.parent.glob(f"{key}-moved*")))
    again = owner.refused(cmd.LocateContent(dataset, elsewhere), "register.reading")
    owner.ask(cmd.CancelFingerprint(dataset))
    stopping = owner.refused(cmd.LocateContent(dataset, elsewhere), "register.reading")
    held.set()  # only now: what was asked before has been heard
    owner.eventually(lambda: not list(leaves.parent.glob(f"{key}-moved*")))
    assert owner.draft(key) == before
    assert leaves.read_bytes() == hashes
    owner.ask(cmd.LocateContent(dataset, elsewhere))
    owner.eventually(lambda: owner.draft(key) == replace(before, path=str(elsewhere)))
    assert leaves.read_bytes() == hashes
    assert owner.notices[since:] == [again, stopping]


def test_the_app_ends_in_the_middle_of_reading(
    owner: App, draft: str, tmp_path: Path, held: threading.Event
) -> None:
    before = owner.draft(draft)
    owner.ask(cmd.ChooseContent(draft, large(tmp_path)))
    shown(owner, draft, lambda page: page.reading and page.reading.done_bytes)
    ending = threading.Thread(target=owner.restart)
    ending.start()
    owner.eventually(lambda: owner.closing)
    held.set()
    ending.join()
    leaves = owner.profile / "datasets"
    assert not list(leaves.glob("*.part"))
    kept = owner.draft(draft)
    assert (kept.description, kept.terms, kept.price_units) == (
        before.description,
        before.terms,
        before.price_units,
    )
    owner.ask(cmd.ChooseContent(draft, large(tmp_path)))
    shown(owner, draft, lambda page: page.path.endswith("large.bin") and page.fingerprint)


def test_a_folder_of_ten_thousand_files(owner: App, tmp_path: Path) -> None:
    folder = tmp_path / "many"
    for part in range(100):
        (folder / f"{part:02}").mkdir(parents=True)
        for number in range(100):
            (folder / f"{part:02}" / f"{number:02}.txt").write_bytes(b"%d" % number)
    key = secrets.token_hex(16)
    owner.ask(cmd.ChooseContent(key, folder))
    page = shown(owner, key, lambda page: page.fingerprint and page.reading is None)
    assert page.files == 10_000
    owner.ask(cmd.DiscardDraft(key))


def test_a_path_with_dots_is_the_place_it_means(owner: App, tmp_path: Path) -> None:
    folder = tmp_path / "data"
    folder.mkdir()
    (folder / "a.csv").write_bytes(b"a\n1\n")
    key = secrets.token_hex(16)
    owner.ask(cmd.ChooseContent(key, folder / ".." / "data"))
    assert shown(owner, key, lambda page: page.fingerprint).files == 1


@pytest.mark.parametrize(
    ("units", "code"),
    [(0, "price.zero"), (-1, "price.zero"), (10**24 + 1, "price.huge"), (2**300, "price.huge")],
)
def test_a_price_nobody_can_pay(owner: App, kept: str, units: int, code: str) -> None:
    before = owner.draft(kept)
    notice = owner.refused(cmd.PriceDraft(kept, before.token, units), code)
    assert (notice.kind, notice.about) == ("rule", kept)
    assert_kept(owner, kept, before)


def test_a_currency_the_network_lacks(owner: App, kept: str) -> None:
    before = owner.draft(kept)
    other = "0x" + "11" * 20
    assert owner.refused(cmd.PriceDraft(kept, other, PRICE), "price.currency").about == kept
    assert_kept(owner, kept, before)


def test_a_draft_is_not_registered_before_it_is_complete(owner: App) -> None:
    key = secrets.token_hex(16)
    assert owner.refused(cmd.RegisterDraft(key), "register.content").about == key


@pytest.mark.parametrize(
    ("description", "code"),
    [
        (Description(what="Speeds"), "describe.title"),
        (Description(title="Wind"), "describe.what"),
        (Description(title="W" * 121, what="Speeds"), "describe.long"),
    ],
)
def test_what_is_said_too_little_or_too_long_is_kept_and_named(
    owner: App, draft: str, description: Description, code: str
) -> None:
    owner.ask(cmd.DescribeDraft(draft, description, TermsChoice()))
    assert owner.refused(cmd.RegisterDraft(draft), code).about == draft
    assert owner.draft(draft).description == description
    assert owner.draft(draft).state == "draft"


def test_what_was_typed_outlives_the_app(owner: App, draft: str) -> None:
    before = owner.draft(draft)
    owner.restart()
    owner.ask(cmd.DescribeDraft(draft, before.description, before.terms))
    assert_kept(owner, draft, before)
