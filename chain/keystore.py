"""Account keys in and out as web3 secret storage, version 3 ("keystore files").

A file from elsewhere names its own cost, so the cost is bounded before any of it is paid.
`eth_keyfile` is imported by the first use, not by this module: with it come the curves of another
kind of key, which take a sixth of an engine's whole start.
https://ethereum.org/en/developers/docs/data-structures-and-encoding/web3-secret-storage/
"""

import re
from collections.abc import Mapping
from typing import Any

from chain.errors import DamagedVault, WrongPassword
from chain.wallet import Wallet, key_address

SCRYPT_N = 1 << 18
MAX_SCRYPT_BYTES = 1 << 30
MAX_SCRYPT_WORK = 1 << 26
MAX_PBKDF2_ROUNDS = 10_000_000

_HEX = re.compile(r"(?:0x)?(?:[0-9a-fA-F]{2}){1,64}")


def export_keystore(wallet: Wallet, password: str, *, scrypt_n: int = SCRYPT_N) -> dict[str, Any]:
    """The account key as a web3 v3 document (scrypt, AES-128-CTR), which other wallets import.

    It holds the account only, not the words; so it recovers money, not datasets or orders.
    ValueError for an empty password.
    """
    if not password:
        raise ValueError("a keystore file needs a password")
    from eth_keyfile.keyfile import create_keyfile_json

    return create_keyfile_json(
        wallet.account_key, _password(password), version=3, kdf="scrypt", iterations=scrypt_n
    )


def import_keystore(document: Mapping[str, Any], password: str) -> bytes:
    """The 32-byte account key of a web3 v3 document.

    DamagedVault for anything that is not one, or asks for more than 1 GiB or an absurd time;
    WrongPassword if its MAC does not match, as a damaged ciphertext looks the same.
    """
    small = _checked(document)
    from eth_keyfile.keyfile import decode_keyfile_json

    try:
        key = decode_keyfile_json(small, _password(password))
    except ValueError:
        raise WrongPassword("The password does not open this keystore file.") from None
    try:
        address = key_address(bytes(key))
    except ValueError:
        raise DamagedVault("The keystore file does not hold an account key.") from None
    named = small.get("address")
    if named and named.removeprefix("0x").lower() != address[2:].lower():
        raise DamagedVault("The keystore file names another account than the key it holds.")
    return bytes(key)


def _password(password: str) -> bytes:
    # Not normalised: other wallets take the bytes as typed. The encoding error would carry them.
    try:
        return password.encode()
    except UnicodeEncodeError:
        raise ValueError("the password holds a character that cannot be written") from None


def _checked(document: object) -> dict[str, Any]:
    """Only the parts that are used, each of the right type and size."""
    root = _lower(document)
    if type(root.get("version")) is not int or root["version"] != 3:
        raise DamagedVault("This is not a web3 keystore file of version 3.")
    crypto = _lower(root.get("crypto"))
    if crypto.get("cipher") != "aes-128-ctr":
        raise DamagedVault("The keystore file uses an unknown cipher.")
    result: dict[str, Any] = {
        "version": 3,
        "crypto": {
            "cipher": "aes-128-ctr",
            "cipherparams": {"iv": _hex(_lower(crypto.get("cipherparams")).get("iv"), 16)},
            "ciphertext": _hex(crypto.get("ciphertext"), 32),
            "mac": _hex(crypto.get("mac"), 32),
            "kdf": crypto.get("kdf"),
            "kdfparams": _kdf_params(crypto.get("kdf"), _lower(crypto.get("kdfparams"))),
        },
    }
    if root.get("address"):
        result["address"] = _hex(root["address"], 20)
    return result


def _kdf_params(kdf: object, params: Mapping[str, Any]) -> dict[str, Any]:
    salt, dklen = _hex(params.get("salt"), None), _whole(params.get("dklen"), 32)
    if dklen != 32:
        raise DamagedVault("The keystore file derives a key of an unusual length.")
    if kdf == "pbkdf2":
        if params.get("prf") != "hmac-sha256":
            raise DamagedVault("The keystore file uses an unknown key derivation.")
        rounds = _whole(params.get("c"), MAX_PBKDF2_ROUNDS)
        return {"salt": salt, "dklen": 32, "prf": "hmac-sha256", "c": rounds}
    if kdf != "scrypt":
        raise DamagedVault("The keystore file uses an unknown key derivation.")
    n, r, p = (_whole(params.get(name), MAX_SCRYPT_WORK) for name in ("n", "r", "p"))
    if n < 2 or n & (n - 1) or 128 * n * r > MAX_SCRYPT_BYTES or n * r * p > MAX_SCRYPT_WORK:
        raise DamagedVault("The keystore file asks for more work than any wallet does.")
    return {"salt": salt, "dklen": 32, "n": n, "r": r, "p": p}


def _lower(value: object) -> dict[str, Any]:
    """An object with its keys in lower case, as some wallets write them otherwise."""
    if not isinstance(value, Mapping) or not all(isinstance(key, str) for key in value):
        raise DamagedVault("This is not a web3 keystore file: a part is missing.")
    return {key.lower(): item for key, item in value.items()}


def _hex(value: object, size: int | None) -> str:
    if not isinstance(value, str) or not _HEX.fullmatch(value):
        raise DamagedVault("A part of the keystore file is not the text it should be.")
    digits = value.removeprefix("0x")
    if size is not None and len(digits) != 2 * size:
        raise DamagedVault("A part of the keystore file has not the length it should have.")
    return digits


def _whole(value: object, most: int) -> int:
    if type(value) is not int or not 1 <= value <= most:
        raise DamagedVault("The keystore file asks for more work than any wallet does.")
    return value
