"""What must not be found by its content never has its content id on record."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from app.domain import commands as cmd
from app.domain.commands import Description
from app.domain.snapshots.datasets import RegisterSnapshot
from app.domain.terms import TermsChoice
from app.engine.registering import must_be_confidential
from app.store import index
from p2p.records import confidential_id
from tests.app.engine.apps import App, Line
from tests.app.store.test_datasets import FULL

LEAST_OPEN = 64 * 1024


@pytest.mark.parametrize(
    ("length", "personal", "confidential"),
    [
        (LEAST_OPEN - 1, False, True),
        (LEAST_OPEN, False, False),
        (LEAST_OPEN, True, True),
        (10**12, True, True),
    ],
)
def test_small_and_personal_content_is_confidential(
    length: int, personal: bool, confidential: bool
) -> None:
    said = replace(FULL.description, personal_data=personal, confidential=False)
    assert must_be_confidential(replace(FULL, length=length, description=said)) is confidential


@pytest.mark.parametrize("personal", [False, True])
def test_the_content_id_of_personal_data_stays_off_the_chain(
    personal: bool, apps: Any, lines: Callable[[], Line], tmp_path: Path
) -> None:
    """Large enough to be open, and nobody ticked "confidential"."""
    app: App = apps("Nordhaven Energy", lines())
    key = secrets.token_hex(16)
    app.complete_draft(key, tmp_path, secrets.token_bytes(LEAST_OPEN))
    said = Description(title="Wind", what="Hourly speeds.", personal_data=personal)
    terms = TermsChoice(personal_data="with_consent" if personal else "none")
    app.ask(cmd.DescribeDraft(key, said, terms))
    app.eventually(lambda: app.draft(key).description == said)
    app.ask(cmd.RegisterDraft(key))
    app.wait(RegisterSnapshot, lambda page: page.draft == key and page.state == "final")
    own = app.draft(key)
    assert own.dataset_id is not None
    row = app.read(lambda session: index.registration(session, own.dataset_id))
    assert row is not None
    expected = confidential_id(own.root) if personal else own.content_id
    assert row.content_id == expected
