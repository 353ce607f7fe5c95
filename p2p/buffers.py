"""The name for "any contiguous bytes" in signatures (Python 3.11 has no public one)."""

from typing import TypeAlias

Buffer: TypeAlias = bytes | bytearray | memoryview
