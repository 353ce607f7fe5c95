"""One identity's keys, all from 24 words.

The words are a BIP-39 mnemonic (English, no passphrase). Their 64-byte seed gives

- the account key, which owns money and signs: BIP-32 at m/44'/60'/0'/0/0 (BIP-44), as other
  wallets do; or, instead, a key imported from a web3 keystore;
- ``vault`` = HKDF(seed, "lading/vault"), from which every other secret follows:

  ==============  ==============================================  ============================
  k_salt          "lading/salt" ‖ saltNonce (32)                  salts of a dataset's records
  s               "lading/s" ‖ nonce (32)                         owner's secret of an Offer
  m               "lading/m" ‖ owner (20) ‖ counter (u64)         buyer's secret of a Request
  peer seed       "lading/peer"                                   Ed25519 seed, libp2p identity
  X25519 key      "lading/seal"                                   opens what is sealed to us
  running key     "lading/running"                                engine's secrets while locked
  ==============  ==============================================  ============================

HKDF is RFC 5869 with SHA-256, an empty salt (a zero block, as the RFC says), the quoted text and
what follows it as info, and 32 bytes of output. The infos cannot collide: what follows a text has
one fixed length, and no two infos have the same length and beginning.
"""

import difflib
import unicodedata
from dataclasses import dataclass, field
from functools import cache

from coincurve import PrivateKey as AccountKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from mnemonic import Mnemonic
from nacl.exceptions import CryptoError
from nacl.public import Box, PrivateKey, PublicKey, SealedBox

from chain import bip32
from chain.address import Address, account_address, address_bytes

WORD_COUNT = 24
ACCOUNT_PATH = "m/44'/60'/0'/0/0"


def new_words() -> str:
    """24 fresh words: 256 bits from the system's generator and 8 of checksum."""
    return _english().generate(256)


def words_entropy(words: str) -> bytes:
    """The 32 bytes that 24 words stand for.

    Any spacing and capital letters are accepted. ValueError says which word is wrong, or that the
    checksum does not fit, which means a wrong but existing word or a wrong order.
    """
    listed = unicodedata.normalize("NFKD", words).lower().split()
    if len(listed) != WORD_COUNT:
        raise ValueError(f"The recovery sheet has {WORD_COUNT} words; these are {len(listed)}.")
    known = set(_english().wordlist)
    for number, word in enumerate(listed, start=1):
        if word not in known:
            alike = difflib.get_close_matches(word[:20], _english().wordlist, n=1)
            hint = f" Did you mean “{alike[0]}”?" if alike else ""
            raise ValueError(f"Word {number}, “{word[:20]}”, is not on the list.{hint}")
    try:
        return bytes(_english().to_entropy(listed))
    except ValueError:
        raise ValueError(
            "These words do not fit together: one is wrong or two have changed places. "
            "Compare them with the recovery sheet."
        ) from None


def entropy_words(entropy: bytes) -> str:
    """The 24 words for 32 bytes, in the one form that is stretched into the seed."""
    if len(entropy) != 32:
        raise ValueError("24 words stand for 32 bytes")
    return _english().to_mnemonic(entropy)


@dataclass(frozen=True, slots=True)
class Wallet:
    """The unlocked keys of one identity. Secrets never show in `repr`; signing takes `account_key`
    (see `chain.agreement.sign`)."""

    address: Address
    account_key: bytes = field(repr=False)
    vault: bytes = field(repr=False)

    @classmethod
    def from_words(cls, words: str, account_key: bytes | None = None) -> "Wallet":
        """ValueError as in `words_entropy`, or if an imported account key is no secp256k1 key."""
        seed = Mnemonic.to_seed(entropy_words(words_entropy(words)))
        if account_key is None:
            account_key = bip32.private_key(seed, ACCOUNT_PATH)
        return cls(key_address(account_key), account_key, _hkdf(seed, b"lading/vault"))

    def salt_key(self, salt_nonce: bytes) -> bytes:
        """k_salt of the dataset registered with this saltNonce (32 bytes)."""
        return _hkdf(self.vault, b"lading/salt" + _nonce(salt_nonce))

    def owner_secret(self, nonce: bytes) -> bytes:
        """s of the Offer with this nonce (32 bytes, never used for two Offers)."""
        return _hkdf(self.vault, b"lading/s" + _nonce(nonce))

    def buyer_secret(self, owner: Address, counter: int) -> bytes:
        """m for this owner (EIP-55) and counter (u64, never used for two Requests)."""
        if type(counter) is not int or not 0 <= counter < 1 << 64:
            raise ValueError("the buyer's counter must be from 0 to 2^64 - 1")
        return _hkdf(self.vault, b"lading/m" + address_bytes(owner) + counter.to_bytes(8, "big"))

    @property
    def peer_seed(self) -> bytes:
        """Ed25519 seed (RFC 8032) of the libp2p identity."""
        return _hkdf(self.vault, b"lading/peer")

    @property
    def seal_private(self) -> bytes:
        return _hkdf(self.vault, b"lading/seal")

    @property
    def seal_public(self) -> bytes:
        """X25519 public key (RFC 7748) to which others seal."""
        return bytes(PrivateKey(self.seal_private).public_key)

    @property
    def running_key(self) -> bytes:
        """Encrypts at rest what the engine must still use while the identity is locked."""
        return _hkdf(self.vault, b"lading/running")

    def open_sealed(self, sealed: bytes) -> bytes:
        """What was sealed to `seal_public`; ValueError if it was not, or is damaged."""
        try:
            return SealedBox(PrivateKey(self.seal_private)).decrypt(sealed)
        except (CryptoError, TypeError):
            raise ValueError("this is not sealed to this identity, or it is damaged") from None

    def shared_with(self, public: bytes) -> bytes:
        """32 bytes that this identity and the one with that X25519 public key have, and nobody else
        ever gets (libsodium crypto_box_beforenm). ValueError if the key is none."""
        if len(public) != 32:
            raise ValueError("an X25519 public key has 32 bytes")
        try:
            return Box(PrivateKey(self.seal_private), PublicKey(public)).shared_key()
        except CryptoError:
            raise ValueError("this X25519 public key agrees on no secret") from None


def seal_to(public: bytes, plaintext: bytes) -> bytes:
    """Seal to an X25519 public key (libsodium sealed box: anonymous, 48 bytes longer).

    ValueError if the key is not 32 bytes or is one of the points that agree on no secret.
    """
    if len(public) != 32:
        raise ValueError("an X25519 public key has 32 bytes")
    try:
        return SealedBox(PublicKey(public)).encrypt(plaintext)
    except CryptoError:
        raise ValueError("this X25519 public key cannot be sealed to") from None


def key_address(account_key: bytes) -> Address:
    """The address of a secp256k1 private key; ValueError if the 32 bytes are none."""
    if not isinstance(account_key, bytes) or len(account_key) != 32:
        raise ValueError("an account key has 32 bytes")
    try:
        public_key = AccountKey(account_key).public_key
    except ValueError:
        raise ValueError("these 32 bytes are no secp256k1 key") from None
    return account_address(public_key.format(compressed=False)[1:])


@cache
def _english() -> Mnemonic:
    return Mnemonic("english")


def _hkdf(secret: bytes, info: bytes) -> bytes:
    return HKDF(SHA256(), length=32, salt=None, info=info).derive(secret)


def _nonce(value: bytes) -> bytes:
    if not isinstance(value, bytes) or len(value) != 32:
        raise ValueError("a nonce has 32 bytes")
    return value
