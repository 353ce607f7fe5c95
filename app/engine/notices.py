"""From an exception to what a person is told: you can mend it, the other side broke the protocol,
it will be tried again, or a bug of ours."""

from __future__ import annotations

import logging
import traceback

from app.domain.errors import IllegalTransitionError, RuleError
from app.domain.snapshots.shell import Notice
from app.engine.trading import EntryFailed
from app.store.database import StoreError
from chain import errors as chain_errors
from p2p import errors as p2p_errors
from p2p.parcels import ParcelError

log = logging.getLogger(__name__)


def notice_of(error: BaseException, about: str = "") -> Notice:
    """The notice for ``error``. Details never hold a secret: no error of ours carries one."""
    match error:
        case BaseExceptionGroup():  # what ended a nursery is told as itself
            return notice_of(error.exceptions[0], about)
        case RuleError():
            values = {name: str(value) for name, value in error.details.items()}
            return Notice("rule", error.code, str(error), values, about)
        case EntryFailed():
            return Notice(
                "rule", "chain.refused", error.reason, {"what": error.what}, about, error.reason
            )
        case IllegalTransitionError() | LookupError() if not isinstance(error, KeyError):
            return Notice(
                "rule",
                "order.not_now",
                "This order has moved on; that is not possible any more.",
                {},
                about,
                str(error),
            )
        case chain_errors.WrongPassword():
            return Notice("rule", "wrong_password", "That is not the password.", {}, about)
        case chain_errors.VaultError():
            return Notice("rule", "identity.damaged", str(error), {}, about)
        case chain_errors.Refused():
            return Notice("rule", "chain.refused", error.reason, {}, about, error.reason)
        case chain_errors.WrongNetwork():
            return Notice("outage", "chain.wrong_network", str(error), {}, about, str(error))
        case chain_errors.ChainError():
            return Notice("outage", "chain.unreachable", str(error), {}, about, str(error))
        case ParcelError():
            return Notice("rule", f"parcel.{error.code}", str(error), {"name": error.name}, about)
        case p2p_errors.ContentError():
            return Notice("rule", "content", str(error), {}, about)
        case p2p_errors.PeerError():
            return Notice("peer", "peer.broke_protocol", str(error), {}, about, str(error))
        case p2p_errors.Unreachable():
            return Notice("outage", "peer.unreachable", str(error), {}, about, str(error))
        case StoreError():
            return Notice("rule", "database", str(error), {}, about)
        case ValueError():
            return Notice("rule", "value", str(error), {}, about)
    log.error("a bug", exc_info=error)
    details = "".join(traceback.format_exception(error))
    return Notice("bug", "bug", "Something went wrong inside Lading.", {}, about, details)
