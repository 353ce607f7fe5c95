"""An edited copy of a registered table: its owner is told, and so is everybody who looks at it."""

from __future__ import annotations

import json
import random
import secrets
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from app.domain import commands as cmd
from app.domain import listing
from app.domain.commands import Description
from app.domain.similarity import likeness
from app.domain.snapshots.challenge import ChallengeSnapshot
from app.domain.snapshots.datasets import DatasetSnapshot, RegisterSnapshot
from app.domain.snapshots.records import RecordsSnapshot
from app.domain.terms import TermsChoice
from app.store import index
from chain.listing import decode_listing
from tests.app.engine.apps import App, Line


@pytest.fixture(scope="module")
def owner(apps: Any, lines: Callable[[], Line]) -> App:
    app: App = apps("Nordhaven Energy", lines())
    return app


@pytest.fixture(scope="module")
def copier(apps: Any, lines: Callable[[], Line]) -> App:
    app: App = apps("Copy Cat Data", lines())
    return app


def rows(seed: int) -> list[list[str]]:
    chance = random.Random(seed)
    return [
        [f"place {chance.getrandbits(40)}", f"{chance.uniform(1, 1000):.4f}", str(n)]
        for n in range(3000)
    ]


def csv(head: str, body: list[list[str]]) -> bytes:
    return "\n".join([head, *(",".join(row) for row in body)]).encode()


ORIGINAL = csv("place,speed,n", rows(1))
COPY = csv("Speed (m/s),Where", [[row[1], row[0]] for row in rows(1)[300:]])


@pytest.fixture(scope="module")
def registered(owner: App, tmp_path_factory: pytest.TempPathFactory) -> str:
    return owner.register(secrets.token_hex(16), tmp_path_factory.mktemp("one"), ORIGINAL)


def shown(app: App, key: str, until: Callable[[RegisterSnapshot], Any]) -> RegisterSnapshot:
    return app.wait(RegisterSnapshot, lambda page: page.draft == key and until(page))


def test_an_edited_copy_is_told_and_can_be_a_new_version(
    owner: App, copier: App, registered: str, tmp_path: Path
) -> None:
    key = secrets.token_hex(16)
    copier.complete_draft(key, tmp_path, COPY)
    page = shown(copier, key, lambda page: page.alike)
    assert page.check == "new"
    (found,) = page.alike
    assert (found.match.dataset, found.match.by) == (registered, "Nordhaven Energy")
    assert 0.8 < found.score < 1.0
    assert sorted(found.alike) == ["Speed (m/s)", "Where"]
    assert page.parent is None

    copier.ask(cmd.RelateDraft(key, ""))
    shown(copier, key, lambda page: page.parent == "")
    copier.ask(cmd.RelateDraft(key, registered))
    shown(copier, key, lambda page: page.parent == registered)
    copier.ask(cmd.RegisterDraft(key))
    copy = shown(copier, key, lambda page: page.state == "final").dataset

    owner.ask(cmd.OpenDataset(copy))
    about = owner.wait(DatasetSnapshot, lambda page: page.card.dataset == copy and page.alike)
    (earlier,) = about.alike
    assert (earlier.match.dataset, earlier.standing) == (registered, "first")
    says = [(line.what, line.dataset) for line in about.history if line.what == "version_of"]
    assert says == [("version_of", registered)]

    owner.ask(cmd.OpenDataset(registered))
    first = owner.wait(DatasetSnapshot, lambda page: page.card.dataset == registered and page.alike)
    assert [(one.match.dataset, one.standing) for one in first.alike] == [(copy, "later")]
    assert "newer_version" not in [line.what for line in first.history]  # a stranger says so

    owner.ask(cmd.OpenRecords(registered))
    records = owner.wait(RecordsSnapshot, lambda page: page.key == registered)
    (like,) = [one for one in records.entries if one.what == "alike"]
    assert (like.dataset, like.by, like.same, like.same_id) == (
        copy,
        "Copy Cat Data",
        registered,
        copy,
    )
    renewed = secrets.token_hex(16)
    copier.complete_draft(renewed, tmp_path, csv("other,columns", rows(2)))
    page = shown(copier, renewed, lambda page: page.check == "new" and page.before)
    assert page.before == ((copy, f"Wind {key[:6]}"),)
    copier.ask(cmd.RelateDraft(renewed, copy))
    shown(copier, renewed, lambda page: page.parent == copy)


def test_a_new_version_is_what_the_one_before_was_until_something_is_said(
    copier: App, tmp_path: Path
) -> None:
    before = secrets.token_hex(16)
    copier.complete_draft(before, tmp_path, csv("station,speed", rows(3)))
    said = Description("Wind, May", "Hourly speeds.", "energy", "Estonia", "May", confidential=True)
    copier.ask(cmd.DescribeDraft(before, said, TermsChoice(use="research")))
    copier.eventually(lambda: copier.draft(before).terms.use == "research")
    copier.ask(cmd.RegisterDraft(before))
    first = shown(copier, before, lambda page: page.state == "final").dataset

    new, told = (secrets.token_hex(16) for _ in range(2))
    for key, content in ((new, rows(4)), (told, rows(5))):
        data = tmp_path / f"June {key}.csv"
        data.write_bytes(csv("station,speed", content))
        copier.choose(key, data)
    copier.ask(cmd.RelateDraft(new, first))
    page = shown(copier, new, lambda page: page.parent == first)
    assert page.description == replace(said, title=f"June {new}", period="")
    assert page.terms == TermsChoice(use="research")
    assert page.price is not None
    assert page.price.units == 5_000_000

    other = Description("Wind, June", "By the minute.")
    copier.ask(cmd.DescribeDraft(told, other, TermsChoice(use="product")))
    copier.ask(cmd.PriceDraft(told, page.price.currency.token, 7_000_000))
    copier.ask(cmd.RelateDraft(told, first))
    page = shown(copier, told, lambda page: page.parent == first)
    assert (page.description, page.terms.use) == (other, "product")
    assert page.price is not None
    assert page.price.units == 7_000_000


def test_both_are_put_side_by_side_and_saved(copier: App, registered: str, tmp_path: Path) -> None:
    key = secrets.token_hex(16)
    copier.complete_draft(key, tmp_path, COPY)
    shown(copier, key, lambda page: page.alike)
    copier.ask(cmd.OpenChallenge(key, registered, 0, back="register"))
    page = copier.wait(ChallengeSnapshot, lambda page: page.other.dataset == registered)
    assert (page.first, page.same_content, page.one.dataset) == ("none", False, "")
    assert page.score is not None
    assert page.score > 0.8
    told = {one.name: one.other for one in page.columns}
    assert told.keys() == {"Speed (m/s)", "Where"}
    assert sorted(told.values()) == ["place", "speed"]
    assert page.other.by == "Nordhaven Energy"

    copier.ask(cmd.RegisterDraft(key))
    mine = shown(copier, key, lambda page: page.state == "final").dataset
    copier.ask(cmd.OpenChallenge(mine, registered))
    page = copier.wait(ChallengeSnapshot, lambda page: page.one.dataset == mine)
    assert page.first == "other"
    assert page.one.block_hash != page.other.block_hash != ""

    file = tmp_path / "comparison.json"
    since = len(copier.notices)
    copier.ask(cmd.SaveChallenge(file))
    copier.notice("done.SaveChallenge", since)
    said = json.loads(file.read_text())
    one, other = said["registrations"]
    assert (one["dataset"], other["dataset"]) == (mine, registered)
    assert other["block_hash"] == page.other.block_hash
    sketches = [
        listing.read(decode_listing(bytes.fromhex(side["listing"]))).sketch for side in (one, other)
    ]
    assert round(likeness(*sketches).score, 3) == said["likeness"]["score"]
    assert [bytes.fromhex(side["sketch"]) for side in (one, other)] == sketches
    copier.refused(cmd.SaveChallenge(tmp_path / "none" / "x.json"), "file.write")


def test_an_edited_copy_of_what_is_no_table_is_told_too(
    owner: App, copier: App, tmp_path: Path
) -> None:
    letters = random.Random(4)
    words = ["".join(letters.choices("abcdefghij", k=6)) for _ in range(20_000)]
    text = "\n".join(" ".join(words[at : at + 9]) for at in range(0, len(words), 9))
    theirs = owner.register(secrets.token_hex(16), tmp_path, text.encode())
    key = secrets.token_hex(16)
    edited = text.replace("\n", "\r\n")[9000:] + "And one more sentence."
    copier.complete_draft(key, tmp_path, edited.encode())
    page = shown(copier, key, lambda page: page.alike)
    (found,) = page.alike
    assert (found.match.dataset, found.alike) == (theirs, ())
    assert found.score > 0.9
    copier.ask(cmd.OpenChallenge(key, theirs, 0, back="register"))
    both = copier.wait(ChallengeSnapshot, lambda page: page.other.dataset == theirs)
    assert (both.score, both.columns, both.left_out) == (found.score, (), ())


def test_what_is_not_on_record_is_no_earlier_version(copier: App, tmp_path: Path) -> None:
    key = secrets.token_hex(16)
    copier.complete_draft(key, tmp_path, csv("place,speed,n", rows(2)))
    copier.refused(cmd.RelateDraft(key, "ab" * 32), "register.parent")
    assert copier.draft(key).parent is None


def test_another_table_is_like_nothing_and_may_keep_its_sketch_to_itself(
    copier: App, registered: str, tmp_path: Path
) -> None:
    key = secrets.token_hex(16)
    copier.complete_draft(key, tmp_path, csv("place,speed,n", rows(3)))
    page = shown(copier, key, lambda page: page.profile and page.profile.sketch)
    assert page.alike == ()
    said = cmd.Description(title="Wind", what="Speeds.", comparable=False)
    copier.ask(cmd.DescribeDraft(key, said, page.terms))
    copier.ask(cmd.RegisterDraft(key))
    done = shown(copier, key, lambda page: page.state == "final")
    row = copier.read(lambda session: index.registration(session, bytes.fromhex(done.dataset)))
    assert row is not None
    assert listing.read(decode_listing(row.listing)).sketch == b""
    first = copier.read(lambda session: index.registration(session, bytes.fromhex(registered)))
    assert first is not None
    assert listing.read(decode_listing(first.listing)).sketch
