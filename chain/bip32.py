"""Private child keys of a seed: BIP-32 on secp256k1, along a path such as m/44'/60'/0'/0/0."""

import hashlib
import hmac
import re

from coincurve import PrivateKey

_ORDER = 0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141
_PATH = re.compile(r"m(?:/[0-9]{1,10}'?)*")
HARDENED = 1 << 31


def private_key(seed: bytes, path: str) -> bytes:
    """The 32-byte key at `path` under a BIP-32 seed of 16 to 64 bytes.

    ValueError for another path or seed, and in the case BIP-32 leaves open (no key at this index),
    which no one will ever see: its chance is below 2^-127.
    """
    if not 16 <= len(seed) <= 64:
        raise ValueError("a BIP-32 seed has 16 to 64 bytes")
    if not _PATH.fullmatch(path):
        raise ValueError(f"{path} is not a BIP-32 path")
    key, chain_code = _halves(b"Bitcoin seed", seed)
    for step in path.split("/")[1:]:
        index = int(step.rstrip("'"))
        if index >= HARDENED:
            raise ValueError(f"{path} is not a BIP-32 path")
        if step.endswith("'"):
            parent = b"\0" + key
            index += HARDENED
        else:
            parent = PrivateKey(key).public_key.format()
        tweak, chain_code = _halves(chain_code, parent + index.to_bytes(4, "big"))
        child = (int.from_bytes(tweak, "big") + int.from_bytes(key, "big")) % _ORDER
        if int.from_bytes(tweak, "big") >= _ORDER or child == 0:
            raise ValueError(f"there is no key at {path}")
        key = child.to_bytes(32, "big")
    PrivateKey(key)  # refuses a master key outside the curve's order
    return key


def _halves(key: bytes, data: bytes) -> tuple[bytes, bytes]:
    both = hmac.digest(key, data, hashlib.sha512)
    return both[:32], both[32:]
