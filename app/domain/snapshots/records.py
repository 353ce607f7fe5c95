"""Record entries: what stands on chain about an order or a dataset."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class RecordEntry:
    """One entry. ``what`` is one of: commit, register, listing, withdraw_listing, transfer_title,
    profile, approve, fund, acknowledge, reveal, confirm, complain, accept, rate, refund, bond,
    take_out, send, practice; and same_content and alike, a registration of the same content or of
    much the same, on another network if ``network`` names one.
    ``entry`` is the transaction hash in hex without 0x; ``fee_wei`` what it cost."""

    what: str
    title: str
    by: str
    by_me: bool
    at: int | None
    state: str  # "being_recorded" | "recorded" | "final" | "failed"
    entry: str
    block: int | None
    gas: int | None
    fee_wei: int | None
    order: str = ""
    dataset: str = ""
    problem: str = ""
    network: str = ""
    same: str = ""  # of what: id of the dataset with the same content
    same_id: str = ""  # and its own id, on the chain
    chain_id: int = 0
    unclear: bool = False  # whether it or ``same`` was first cannot be told


@dataclass(frozen=True, slots=True)
class Subject:
    """Something whose entries can be shown alone."""

    key: str
    title: str
    kind: str  # "order" | "dataset"


@dataclass(frozen=True, slots=True)
class RecordsSnapshot:
    key: str = ""
    title: str = ""
    subjects: tuple[Subject, ...] = ()
    entries: tuple[RecordEntry, ...] = ()
    total_gas: int = 0
    fee_symbol: str = ""
    fee_decimals: int = 18
