"""The identity file: the 24 words, and an imported account key, under a password.

Every file has the same 169 bytes, so nothing shows from outside:

======  ====  ===========================================================================
offset  size  content
======  ====  ===========================================================================
0       8     "LADING" ‖ 0x00 ‖ version 0x01
8       4     Argon2id passes, u32 big-endian
12      4     Argon2id memory in KiB, u32 big-endian (one lane, libsodium's Argon2 1.3)
16      16    Argon2id salt
32      24    nonce
56      81    XChaCha20-Poly1305 of 65 bytes, bytes 0 to 55 authenticated with them
137     32    SHA-256 of bytes 0 to 136
======  ====  ===========================================================================

The 65 bytes: BIP-39 entropy (32) ‖ 0 or 1 ‖ imported account key (32, zero bytes if there is none).
The key is Argon2id (RFC 9106) of the password, NFC as UTF-8. The plain checksum tells damage from a
wrong password; it is no protection, the authentication is. Later versions keep the first 8 bytes
and end with the checksum too.
"""

import hashlib
import secrets
import struct
import time
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from nacl import bindings
from nacl.exceptions import CryptoError
from nacl.pwhash import argon2id

from chain.errors import DamagedVault, VaultError, WrongPassword
from chain.keystore import export_keystore as export_keystore
from chain.keystore import import_keystore as import_keystore
from chain.private_file import write_private
from chain.wallet import Wallet, entropy_words, key_address, words_entropy

MIN_SECONDS = 0.5
MAX_PASSES = 64
MIN_MEMORY_KIB = 1024
MAX_MEMORY_KIB = 1024 * 1024
USUAL_MEMORY_KIB = 256 * 1024
SMALL_MEMORY_KIB = 64 * 1024
MAX_PASSWORD_BYTES = 1024

_MAGIC = b"LADING\0"
_VERSION = 1
_HEADER = struct.Struct(">7sBII16s24s")
_PLAIN_BYTES = 65
_SEALED_BYTES = _PLAIN_BYTES + 16
_CHECKSUM_BYTES = 32
MAX_FILE_BYTES = 4096
FILE_BYTES = _HEADER.size + _SEALED_BYTES + _CHECKSUM_BYTES


@dataclass(frozen=True, slots=True)
class Argon2:
    """What one guess at the password costs. The limits hold for writing and for reading: a file
    from a stranger can ask for at most 1 GiB and about a minute."""

    passes: int
    memory_kib: int

    def __post_init__(self) -> None:
        if not 1 <= self.passes <= MAX_PASSES:
            raise ValueError(f"Argon2id passes must be from 1 to {MAX_PASSES}")
        if not MIN_MEMORY_KIB <= self.memory_kib <= MAX_MEMORY_KIB:
            raise ValueError(f"Argon2id memory must be {MIN_MEMORY_KIB} to {MAX_MEMORY_KIB} KiB")


def create(
    path: Path,
    words: str,
    password: str,
    account_key: bytes | None = None,
    *,
    cost: Argon2 | None = None,
) -> Wallet:
    """Write a new identity file and return its wallet.

    ValueError for wrong words, key or an empty or overlong password; VaultError if there is a file
    already, which is never replaced, or if it cannot be written. Without `cost` it is calibrated.
    """
    wallet = Wallet.from_words(words, account_key)
    if path.exists():
        raise VaultError(f"There is already an identity file at {path}; it is left as it is.")
    _write(path, _seal(_pack(words_entropy(words), account_key), password, cost))
    return wallet


def open(path: Path, password: str) -> Wallet:
    """The wallet in the file. WrongPassword, DamagedVault, or VaultError if it cannot be read."""
    entropy, account_key = _unseal(_read(path), password)
    return Wallet.from_words(entropy_words(entropy), account_key)


def words(path: Path, password: str) -> str:
    """The 24 words, for the recovery sheet; errors as `open`."""
    entropy, _ = _unseal(_read(path), password)
    return entropy_words(entropy)


def change_password(path: Path, old: str, new: str, *, cost: Argon2 | None = None) -> None:
    """Seal the file anew; errors as `open`, ValueError for an empty or overlong new password.

    Whoever kept a copy of the old file can still open it with the old password.
    """
    entropy, account_key = _unseal(_read(path), old)
    _write(path, _seal(_pack(entropy, account_key), new, cost))


def calibrate(measure: Callable[[Argon2], float] | None = None) -> Argon2:
    """A cost that takes this machine at least `MIN_SECONDS`, with 256 MiB and 3 passes or more.

    A machine that cannot give 256 MiB is asked for half, down to 64 MiB. `measure` returns the
    seconds a cost takes; a failed allocation is a MemoryError.
    """
    measure = measure or _seconds
    memory_kib = USUAL_MEMORY_KIB
    passes = 3
    while True:
        try:
            seconds = measure(Argon2(passes, memory_kib))
        except MemoryError:
            if memory_kib <= SMALL_MEMORY_KIB:
                raise _no_memory(memory_kib) from None
            memory_kib //= 2
            continue
        if seconds >= MIN_SECONDS or passes == MAX_PASSES:
            return Argon2(passes, memory_kib)
        estimate = int(passes * MIN_SECONDS / max(seconds, 0.001)) + 1
        passes = min(max(estimate, passes + 1), MAX_PASSES)


def _seconds(cost: Argon2) -> float:
    start = time.perf_counter()
    _derive(b"calibration", bytes(argon2id.SALTBYTES), cost)
    return time.perf_counter() - start


def _derive(password: bytes, salt: bytes, cost: Argon2) -> bytes:
    try:
        return argon2id.kdf(
            32, password, salt, opslimit=cost.passes, memlimit=cost.memory_kib * 1024
        )
    except CryptoError:  # libsodium's only reason, once the limits are checked
        raise MemoryError from None


def _key(password: bytes, salt: bytes, cost: Argon2) -> bytes:
    try:
        return _derive(password, salt, cost)
    except MemoryError:
        raise _no_memory(cost.memory_kib) from None


def _no_memory(memory_kib: int) -> VaultError:
    return VaultError(
        f"The identity file's password takes {memory_kib // 1024} MiB of memory to check, which "
        "is not free now; close other programs and try again."
    )


def _password_bytes(password: str) -> bytes:
    # An encoding error would carry the password itself, hence "from None".
    try:
        encoded = unicodedata.normalize("NFC", password).encode()
    except UnicodeEncodeError:
        raise ValueError("the password holds a character that cannot be written") from None
    if not 1 <= len(encoded) <= MAX_PASSWORD_BYTES:
        raise ValueError(f"a password has 1 to {MAX_PASSWORD_BYTES} bytes")
    return encoded


def _pack(entropy: bytes, account_key: bytes | None) -> bytes:
    return entropy + (bytes(33) if account_key is None else b"\1" + account_key)


def _seal(plain: bytes, password: str, cost: Argon2 | None) -> bytes:
    encoded = _password_bytes(password)
    cost = cost or calibrate()
    salt = secrets.token_bytes(argon2id.SALTBYTES)
    nonce = secrets.token_bytes(bindings.crypto_aead_xchacha20poly1305_ietf_NPUBBYTES)
    header = _HEADER.pack(_MAGIC, _VERSION, cost.passes, cost.memory_kib, salt, nonce)
    key = _key(encoded, salt, cost)
    content = header + bindings.crypto_aead_xchacha20poly1305_ietf_encrypt(
        plain, header, nonce, key
    )
    return content + hashlib.sha256(content).digest()


def _unseal(content: bytes, password: str) -> tuple[bytes, bytes | None]:
    """(entropy, imported account key)."""
    header, sealed, cost = _parse(content)
    salt, nonce = header[16:32], header[32:56]
    try:
        encoded = _password_bytes(password)
    except ValueError:
        raise WrongPassword("The password does not open this identity file.") from None
    key = _key(encoded, salt, cost)
    try:
        plain = bindings.crypto_aead_xchacha20poly1305_ietf_decrypt(sealed, header, nonce, key)
    except CryptoError:
        raise WrongPassword("The password does not open this identity file.") from None
    entropy, marker, account_key = plain[:32], plain[32], plain[33:]
    try:
        if marker == 0 and account_key == bytes(32):
            return entropy, None
        if marker == 1 and key_address(account_key):
            return entropy, account_key
    except ValueError:
        pass
    raise DamagedVault("The identity file opens, but does not hold what it should.")


def _parse(content: bytes) -> tuple[bytes, bytes, Argon2]:
    """(header, sealed, cost) of a file that is whole."""
    advice = "Restore it from a backup, or restore the identity from the recovery sheet."
    if content[: len(_MAGIC)] != _MAGIC:
        raise DamagedVault(f"This is not an identity file. {advice}")
    checked, checksum = content[:-_CHECKSUM_BYTES], content[-_CHECKSUM_BYTES:]
    if hashlib.sha256(checked).digest() != checksum:
        raise DamagedVault(f"The identity file was altered or cut short. {advice}")
    if content[len(_MAGIC)] != _VERSION:
        raise VaultError("The identity file was made by a newer version; update Lading.")
    if len(content) != FILE_BYTES:
        raise DamagedVault(f"The identity file has not the size it was written with. {advice}")
    _, _, passes, memory_kib, _, _ = _HEADER.unpack_from(content)
    try:
        cost = Argon2(passes, memory_kib)
    except ValueError:
        raise DamagedVault(
            f"The identity file asks for more work than Lading ever does. {advice}"
        ) from None
    return checked[: _HEADER.size], checked[_HEADER.size :], cost


def _read(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            return file.read(MAX_FILE_BYTES + 1)
    except FileNotFoundError:
        raise VaultError(f"There is no identity file at {path}.") from None
    except OSError as error:
        raise VaultError(f"The identity file at {path} cannot be read: {error.strerror}.") from None


def _write(path: Path, content: bytes) -> None:
    try:
        write_private(path, content)
    except OSError as error:
        raise VaultError(
            f"The identity file at {path} cannot be written: {error.strerror}."
        ) from None
