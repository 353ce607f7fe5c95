"""Memory for one chunk, used again and again: taking a new MiB each time costs as much as half the
hashing, and so does cutting it up."""

from p2p import files, records
from p2p.records import CHUNK, RECORD, SALT


class Room:
    """plain: where the records of a chunk lie; records: each of them, 4096 bytes; payloads: their
    content, 4064 bytes."""

    __slots__ = ("payloads", "plain", "records")

    def __init__(self) -> None:
        self.plain = files.room(CHUNK)
        self.records = records.cut(self.plain, RECORD)
        self.payloads = [record[SALT:] for record in self.records]
