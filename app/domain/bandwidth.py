"""How much of the line deliveries may use, and at which hours all of it."""

from __future__ import annotations

from dataclasses import dataclass

from app.domain.errors import RuleError

LEAST_BYTES = 100_000
MOST_BYTES = 10_000_000_000
DAY_MINUTES = 24 * 60


@dataclass(frozen=True, slots=True)
class Bandwidth:
    """Bytes a second of all deliveries together, 0 for no limit. Where ``full_speed``, the limits
    do not hold from ``full_from`` until ``full_until``, minutes of this computer's day; the hours
    may go over midnight, and equal ones are no time at all."""

    upload_bytes: int = 0
    download_bytes: int = 0
    full_speed: bool = False
    full_from: int = 22 * 60
    full_until: int = 6 * 60


def checked(bandwidth: Bandwidth) -> Bandwidth:
    """RuleError unless deliveries can work with it."""
    for limit in (bandwidth.upload_bytes, bandwidth.download_bytes):
        if limit and not LEAST_BYTES <= limit <= MOST_BYTES:
            raise RuleError("settings.limit", "A limit is from 0.1 to 10,000 MB/s.")
    for minute in (bandwidth.full_from, bandwidth.full_until):
        if not 0 <= minute < DAY_MINUTES:
            raise RuleError("settings.hours", "Choose a time of the day.")
    return bandwidth


def is_full_speed(bandwidth: Bandwidth, minute: int) -> bool:
    """Whether ``minute`` of the day is in the hours without limits."""
    since = (minute - bandwidth.full_from) % DAY_MINUTES
    long = (bandwidth.full_until - bandwidth.full_from) % DAY_MINUTES
    return bandwidth.full_speed and since < long


def limits(bandwidth: Bandwidth, minute: int) -> tuple[int, int]:
    """What holds at ``minute`` of the day: upload and download in bytes a second, 0 for none."""
    if is_full_speed(bandwidth, minute):
        return 0, 0
    return bandwidth.upload_bytes, bandwidth.download_bytes
