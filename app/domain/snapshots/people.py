"""Another person, and what one keeps to oneself about them."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Person:
    address: str
    name: str
    code: str
    contact: bool = False
    blocked: bool = False
    note: str = ""
    labels: tuple[str, ...] = ()
