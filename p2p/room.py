"""Memory for one chunk, used again and again: taking a new MiB each time costs as much as half the
hashing, and so does cutting it up."""

from p2p import files, records
from p2p.records import CHUNK, RECORD, SALT


class Room:
    """plain: where the records of a chunk lie; payloads: the content of each, 4064 bytes."""

    __slots__ = ("payloads", "plain")

    def __init__(self) -> None:
        self.plain = files.room(CHUNK)
        self.payloads = [record[SALT:] for record in records.cut(self.plain, RECORD)]
