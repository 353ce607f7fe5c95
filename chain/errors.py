"""What can go wrong between us and a chain, a signature or the file that holds the keys.

Every error carries a sentence for a person: the cause and, where there is one, the next step.
None carries a secret. A transaction that waits too long is not an error; it is a state, and its
fee can be raised.
"""


class ChainError(Exception):
    """Anything this package refuses or could not do."""


class Refused(ChainError):
    """The chain, a contract or a check before sending said no; the same again is refused again."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class Unreachable(ChainError):
    """No endpoint of the network answered usefully; trying again later can succeed."""

    def __init__(self, cause: str) -> None:
        super().__init__(cause)
        self.cause = cause


class WrongNetwork(ChainError):
    """An endpoint answered for another chain, or the contracts are not there.

    `expected` and `found` are phrases for a person, such as "chain 31337".
    """

    def __init__(self, expected: str, found: str) -> None:
        super().__init__(f"Expected {expected}, but found {found}. Check the network file.")
        self.expected = expected
        self.found = found


class InvalidSignature(ChainError):
    """The signature is malformed, malleable, or not by the one who should have signed."""


class VaultError(ChainError):
    """The identity file cannot be used as asked."""


class WrongPassword(VaultError):
    """The file is intact as far as can be told, and the password does not open it."""


class DamagedVault(VaultError):
    """The file is not what was written: cut short, altered, or of another kind."""
