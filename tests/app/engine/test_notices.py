"""From an exception to what a person is told: whose fault it is, and that secrets stay out."""

from __future__ import annotations

import pytest

from app.domain.errors import IllegalTransitionError, RuleError
from app.engine.notices import notice_of
from app.engine.trading import EntryFailed
from app.store.database import DatabaseDamaged, DatabaseUnavailable
from chain import errors as chain_errors
from p2p import errors as p2p_errors
from p2p.parcels import ParcelError


@pytest.mark.parametrize(
    ("error", "kind", "code"),
    [
        (RuleError("price.zero", "The price must be more than zero."), "rule", "price.zero"),
        (EntryFailed("fund", "no"), "rule", "chain.refused"),
        (IllegalTransitionError("paid", "Funded"), "rule", "order.not_now"),
        (LookupError("thread"), "rule", "order.not_now"),
        (chain_errors.WrongPassword("no"), "rule", "wrong_password"),
        (chain_errors.DamagedVault("cut short"), "rule", "identity.damaged"),
        (chain_errors.Refused("too late"), "rule", "chain.refused"),
        (chain_errors.WrongNetwork("chain 1", "chain 2"), "outage", "chain.wrong_network"),
        (chain_errors.Unreachable("silence"), "outage", "chain.unreachable"),
        (ParcelError("room", "too full"), "rule", "parcel.room"),
        (p2p_errors.ContentChanged("changed"), "rule", "content"),
        (p2p_errors.PeerError("lied"), "peer", "peer.broke_protocol"),
        (p2p_errors.Unreachable("away"), "outage", "peer.unreachable"),
        (DatabaseDamaged("damaged", "here"), "rule", "database"),
        (DatabaseUnavailable("The disk is full.", "here"), "rule", "database"),
        (RuntimeError("a fault of ours"), "bug", "bug"),
    ],
)
def test_each_error_has_its_kind_and_code_also_from_inside_a_nursery(
    error: Exception, kind: str, code: str
) -> None:
    for raised in (error, ExceptionGroup("nursery", [ExceptionGroup("inner", [error])])):
        notice = notice_of(raised, "order")
        assert (notice.kind, notice.code, notice.about) == (kind, code, "order")
        assert notice.cause
