"""Words and keys against published vectors; secrets differ by purpose and stay hidden."""

import hashlib
import hmac
import json
from pathlib import Path
from typing import Any

import nacl.bindings
import pytest
from hypothesis import given
from hypothesis import strategies as st
from mnemonic import Mnemonic

from chain import wallet
from chain.bip32 import private_key
from chain.wallet import Wallet

FOLDER = Path(__file__).parents[1] / "vectors"
BIP39 = json.loads((FOLDER / "bip39.json").read_text())
KEYS = json.loads((FOLDER / "wallet_keys.json").read_text())
WORDS = BIP39["without_passphrase"]["words"]
OWNER = "0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266"
NONCE = bytes(range(32))


@pytest.fixture(scope="module")
def keys() -> Wallet:
    return Wallet.from_words(WORDS)


def independent_hkdf(secret: bytes, info: bytes) -> bytes:
    """RFC 5869 for one block of output, from its two lines."""
    extracted = hmac.digest(bytes(32), secret, hashlib.sha256)
    return hmac.digest(extracted, info + b"\x01", hashlib.sha256)


# Words


@pytest.mark.parametrize("vector", BIP39["vectors"], ids=lambda vector: vector["words"][:12])
def test_the_bip_39_vectors(vector: dict[str, str]) -> None:
    entropy = bytes.fromhex(vector["entropy"])
    assert wallet.entropy_words(entropy) == vector["words"]
    assert wallet.words_entropy(vector["words"]) == entropy
    seed = Mnemonic.to_seed(vector["words"], "TREZOR")
    assert seed.hex() == vector["seed"]
    assert private_key(seed, "m").hex() == vector["master_key"]


def test_the_account_is_the_one_other_wallets_show(keys: Wallet) -> None:
    published = BIP39["without_passphrase"]
    assert Mnemonic.to_seed(WORDS).hex() == published["seed"]
    assert keys.account_key.hex() == published["account_key"]
    assert keys.address == published["address"]
    junk = BIP39["test_junk"]
    key = private_key(Mnemonic.to_seed(junk["words"]), wallet.ACCOUNT_PATH)
    assert wallet.key_address(key) == junk["address"]


def test_new_words_are_valid_and_new() -> None:
    first, second = wallet.new_words(), wallet.new_words()
    assert len(first.split()) == 24
    assert first != second
    assert len(wallet.words_entropy(first)) == 32


def test_spacing_and_capitals_do_not_matter(keys: Wallet) -> None:
    typed = "\n  ".join(word.upper() for word in WORDS.split()) + "\t"
    assert Wallet.from_words(typed) == keys


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ("", r"24 words; these are 0"),
        (" ".join(WORDS.split()[:23]), r"these are 23"),
        (WORDS + " art", r"these are 25"),
        (BIP39["test_junk"]["words"], r"these are 12"),
        (WORDS.replace("art", "artt"), r"Word 24, “artt”.*“art”"),
        (WORDS.replace("abandon", "abandom", 1), r"Word 1, “abandom”.*“abandon”"),
        (WORDS.replace("art", "x" * 10_000), r"Word 24, “x{20}”, is not on the list\.$"),
        (WORDS.replace("art", "able"), r"do not fit together"),
        ("art " + " ".join(WORDS.split()[:23]), r"do not fit together"),
    ],
)
def test_wrong_words_are_named(words: str, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        Wallet.from_words(words)


@given(st.text())
def test_any_text_is_a_value_error(words: str) -> None:
    with pytest.raises(ValueError, match=r"24 words|Word \d+"):
        wallet.words_entropy(words)


@given(st.binary(min_size=32, max_size=32))
def test_words_and_entropy_are_one_another(entropy: bytes) -> None:
    assert wallet.words_entropy(wallet.entropy_words(entropy)) == entropy


def test_entropy_of_another_length_has_no_words() -> None:
    with pytest.raises(ValueError, match="32 bytes"):
        wallet.entropy_words(bytes(16))


# Keys


def test_every_key_is_the_protocol_s(keys: Wallet) -> None:
    seed = Mnemonic.to_seed(WORDS)
    vault = independent_hkdf(seed, b"lading/vault")
    owner = bytes.fromhex(OWNER[2:])
    assert keys.vault == vault
    assert keys.salt_key(NONCE) == independent_hkdf(vault, b"lading/salt" + NONCE)
    assert keys.owner_secret(NONCE) == independent_hkdf(vault, b"lading/s" + NONCE)
    expected = independent_hkdf(vault, b"lading/m" + owner + (258).to_bytes(8, "big"))
    assert keys.buyer_secret(OWNER, 258) == expected
    assert keys.peer_seed == independent_hkdf(vault, b"lading/peer")
    assert keys.seal_private == independent_hkdf(vault, b"lading/seal")
    assert keys.running_key == independent_hkdf(vault, b"lading/running")
    assert keys.seal_public == nacl.bindings.crypto_scalarmult_base(keys.seal_private)


def test_the_published_keys_of_the_published_words_never_change() -> None:
    """A change here would cut every existing identity off from its data and orders."""
    keys = Wallet.from_words(KEYS["words"])
    nonce = bytes.fromhex(KEYS["nonce"])
    found = {
        "address": keys.address,
        "vault": keys.vault.hex(),
        "salt_key": keys.salt_key(nonce).hex(),
        "owner_secret": keys.owner_secret(nonce).hex(),
        "buyer_secret": keys.buyer_secret(KEYS["owner"], KEYS["counter"]).hex(),
        "peer_seed": keys.peer_seed.hex(),
        "seal_private": keys.seal_private.hex(),
        "seal_public": keys.seal_public.hex(),
        "running_key": keys.running_key.hex(),
    }
    assert found == KEYS["keys"]


def test_no_two_keys_are_equal(keys: Wallet) -> None:
    found = [
        keys.account_key,
        keys.vault,
        keys.salt_key(NONCE),
        keys.salt_key(bytes(32)),
        keys.owner_secret(NONCE),
        keys.owner_secret(bytes(32)),
        keys.buyer_secret(OWNER, 0),
        keys.buyer_secret(OWNER, 1),
        keys.buyer_secret(keys.address, 0),
        keys.peer_seed,
        keys.seal_private,
        keys.seal_public,
        keys.running_key,
    ]
    assert len(set(found)) == len(found)
    assert all(len(key) == 32 for key in found)


def test_an_imported_account_changes_the_account_only(keys: Wallet) -> None:
    key = bytes(31) + b"\1"
    imported = Wallet.from_words(WORDS, key)
    assert imported.account_key == key
    assert imported.address == "0x7E5F4552091A69125d5DfCb7b8C2659029395Bdf" != keys.address
    assert imported.vault == keys.vault


@pytest.mark.parametrize("key", [b"", bytes(31), bytes(32), b"\xff" * 32, bytes(33), "0" * 32])
def test_an_account_key_must_be_one(key: Any) -> None:
    with pytest.raises(ValueError, match=r"account key|secp256k1"):
        Wallet.from_words(WORDS, key)


@pytest.mark.parametrize("nonce", [b"", bytes(31), bytes(33), "0" * 32])
def test_nonces_have_one_length_so_that_infos_cannot_collide(keys: Wallet, nonce: Any) -> None:
    for derive in (keys.salt_key, keys.owner_secret):
        with pytest.raises(ValueError, match="32 bytes"):
            derive(nonce)


@pytest.mark.parametrize(
    ("owner", "counter"), [(OWNER, -1), (OWNER, 2**64), (OWNER, True), (OWNER.lower(), 0), ("", 0)]
)
def test_a_buyer_s_secret_needs_an_owner_and_a_counter(
    keys: Wallet, owner: str, counter: int
) -> None:
    with pytest.raises(ValueError, match=r"counter|checksum|address"):
        keys.buyer_secret(owner, counter)
    assert len(keys.buyer_secret(OWNER, 2**64 - 1)) == 32


def test_no_secret_shows(keys: Wallet) -> None:
    shown = f"{keys} {keys!r} {[keys]} {keys.__class__}"
    for secret in (keys.account_key, keys.vault, keys.peer_seed, keys.seal_private):
        assert secret.hex() not in shown
        assert repr(secret)[2:-1] not in shown
    assert keys.address in shown


# Sealing


def test_what_is_sealed_only_its_addressee_opens(keys: Wallet) -> None:
    sealed = wallet.seal_to(keys.seal_public, b"m" * 32)
    assert len(sealed) == 32 + 48
    assert b"m" * 8 not in sealed
    assert keys.open_sealed(sealed) == b"m" * 32
    assert wallet.seal_to(keys.seal_public, b"m" * 32) != sealed
    stranger = Wallet.from_words(BIP39["vectors"][1]["words"])
    with pytest.raises(ValueError, match="not sealed to this identity"):
        stranger.open_sealed(sealed)


@pytest.mark.parametrize("at", [0, 31, 32, 47, 48, 79])
def test_a_changed_byte_does_not_open(keys: Wallet, at: int) -> None:
    sealed = bytearray(wallet.seal_to(keys.seal_public, b"m" * 32))
    sealed[at] ^= 1
    with pytest.raises(ValueError, match="damaged"):
        keys.open_sealed(bytes(sealed))


@given(st.binary(max_size=200))
def test_any_bytes_are_not_sealed_to_us(sealed: bytes) -> None:
    with pytest.raises(ValueError, match="not sealed to this identity"):
        Wallet.from_words(WORDS).open_sealed(sealed)


@pytest.mark.parametrize("public", [b"", bytes(31), bytes(33), bytes(32), b"\1" + bytes(31)])
def test_sealing_to_no_key_is_refused(public: bytes) -> None:
    with pytest.raises(ValueError, match="X25519"):
        wallet.seal_to(public, b"m")


def test_two_have_a_secret_that_a_third_has_not(keys: Wallet) -> None:
    other, third = (Wallet.from_words(wallet.new_words()) for _ in range(2))
    shared = keys.shared_with(other.seal_public)
    assert shared == other.shared_with(keys.seal_public)
    assert len(shared) == 32
    assert shared == nacl.bindings.crypto_box_beforenm(other.seal_public, keys.seal_private)
    assert shared not in (third.shared_with(keys.seal_public), keys.shared_with(third.seal_public))


@pytest.mark.parametrize("key", [b"", bytes(31), bytes(32)])
def test_there_is_no_secret_with_a_key_that_is_none(keys: Wallet, key: bytes) -> None:
    with pytest.raises(ValueError, match="X25519"):
        keys.shared_with(key)
