"""What can go wrong between two peers and with a person's files: a small tree of its own.

Every message is a sentence that names the cause and, where there is one, the next step. Nothing
secret is ever part of it.

    P2PError
    ├── PeerError        the other side broke the protocol (BadRecord: it sent a wrong record)
    ├── Unreachable      the other side cannot be reached now; trying again later is right
    │   ├── NotNow       it can, and has put the delivery off (paused, others first)
    │   └── Interrupted  a process of ours that works on the data has ended
    ├── ContentError     the user's own files or disk: empty, unreadable, a link, a bad name, full
    │   └── ContentChanged   the files are not (or no longer) what was fingerprinted
    └── Cancelled        the caller asked to stop
"""

from typing import Literal, get_args


class P2PError(Exception):
    """Root of everything p2p raises on purpose; ``reason`` is a sentence for a person."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class PeerError(P2PError):
    """The peer sent something the protocol does not allow."""


class BadRecord(PeerError):
    """A decrypted record does not hash to the leaf that is under the registered root.

    Carries what a complaint needs: ``index`` of the record, its ``leaf`` h_i (32 bytes), its
    ``ciphertext`` c_i (4096 bytes) and the Merkle ``path`` (32-byte hashes, leaf to root) of the
    entry h_i ‖ c_i in the delivery tree.
    """

    def __init__(self, index: int, leaf: bytes, ciphertext: bytes, path: tuple[bytes, ...]) -> None:
        super().__init__(
            f"Record {index} is not the one that was registered: the owner delivered another."
        )
        self.index = index
        self.leaf = leaf
        self.ciphertext = ciphertext
        self.path = path

    def __reduce__(self) -> tuple[type["BadRecord"], tuple[object, ...]]:
        # It may be found in another process (`p2p.worker`).
        return BadRecord, (self.index, self.leaf, self.ciphertext, self.path)


class Unreachable(P2PError):
    """The peer cannot be reached now."""


Why = Literal["paused", "queued"]
"""Why one side has put a delivery off: its person has paused it; others have their turn first."""


WHYS: tuple[Why, ...] = get_args(Why)


class NotNow(Unreachable):
    """One side has put the delivery off; ``why`` it did, for programs."""

    def __init__(self, reason: str, why: Why) -> None:
        super().__init__(reason)
        self.why: Why = why


class Interrupted(Unreachable):
    """A process of ours that works on the data has ended (`p2p.worker`)."""


class ContentError(P2PError):
    """The user's files or disk do not allow the operation; the sentence says what to mend."""


class ContentChanged(ContentError):
    """Files differ from what was scanned or registered."""


class Cancelled(P2PError):
    """The caller's ``cancelled`` function said so; nothing was left half done."""

    def __init__(self, reason: str = "Stopped as asked.") -> None:
        super().__init__(reason)
