"""Keystore files: the published vectors, other wallets' tools, and files that want too much."""

import copy
import json
from pathlib import Path
from typing import Any

import pytest
from eth_account import Account
from hypothesis import given, settings
from hypothesis import strategies as st

from chain import vault
from chain.errors import DamagedVault, WrongPassword
from chain.keystore import export_keystore, import_keystore
from chain.wallet import Wallet

VECTORS = json.loads((Path(__file__).parents[1] / "vectors/keystore_v3.json").read_text())
WALLET = Wallet.from_words("abandon " * 23 + "art")
CHEAP_N = 1 << 10


@pytest.fixture(scope="module")
def exported() -> dict[str, Any]:
    return export_keystore(WALLET, "pässword", scrypt_n=CHEAP_N)


def changed(document: dict[str, Any], path: str, value: object) -> dict[str, Any]:
    """A copy with one entry replaced; `...` takes it out."""
    copied = copy.deepcopy(document)
    *folders, name = path.split(".")
    inner = copied
    for folder in folders:
        inner = inner[folder]
    if value is ...:
        del inner[name]
    else:
        inner[name] = value
    return copied


@pytest.mark.parametrize("kdf", ["pbkdf2", "scrypt"])
def test_the_published_vectors(kdf: str) -> None:
    key = import_keystore(VECTORS[kdf], VECTORS["password"])
    assert key.hex() == VECTORS["key"]
    with pytest.raises(WrongPassword):
        import_keystore(VECTORS[kdf], "Testpassword")


def test_another_wallet_opens_our_file_and_we_open_theirs(exported: dict[str, Any]) -> None:
    assert bytes(Account.decrypt(json.dumps(exported), "pässword")) == WALLET.account_key
    theirs = Account.encrypt(WALLET.account_key, "pässword", kdf="scrypt", iterations=CHEAP_N)
    assert import_keystore(theirs, "pässword") == WALLET.account_key
    assert exported["address"].lower() == WALLET.address[2:].lower()


def test_our_files_cost_what_others_do() -> None:
    assert export_keystore.__kwdefaults__ == {"scrypt_n": 262_144}


def test_the_vault_offers_both() -> None:
    assert vault.export_keystore is export_keystore
    assert vault.import_keystore is import_keystore


def test_keys_in_capitals_are_read(exported: dict[str, Any]) -> None:
    document = {key.capitalize(): value for key, value in exported.items()}
    assert import_keystore(document, "pässword") == WALLET.account_key


@pytest.mark.parametrize("wrong", ["password", "pässword ", "Pässword"])
def test_a_wrong_password_is_said(exported: dict[str, Any], wrong: str) -> None:
    with pytest.raises(WrongPassword):
        import_keystore(exported, wrong)


@pytest.mark.parametrize("wrong", ["", "secret\ud800"])
def test_a_password_that_cannot_be_one(exported: dict[str, Any], wrong: str) -> None:
    with pytest.raises(WrongPassword) as refused:
        import_keystore(exported, wrong)
    with pytest.raises(ValueError, match="password") as caught:
        export_keystore(WALLET, wrong, scrypt_n=CHEAP_N)
    for error in (refused.value, caught.value):
        assert "secret" not in str(error)
        assert error.__suppress_context__ or error.__context__ is None


def test_others_allow_an_empty_password_so_theirs_are_read() -> None:
    theirs = Account.encrypt(WALLET.account_key, "", kdf="scrypt", iterations=CHEAP_N)
    assert import_keystore(theirs, "") == WALLET.account_key


def test_no_secret_is_in_the_file(exported: dict[str, Any]) -> None:
    text = json.dumps(exported)
    assert WALLET.account_key.hex() not in text
    assert WALLET.vault.hex() not in text


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("version", 1),
        ("version", 4),
        ("version", "3"),
        ("version", ...),
        ("crypto", ...),
        ("crypto", []),
        ("crypto.cipher", "aes-256-ctr"),
        ("crypto.cipherparams", {}),
        ("crypto.cipherparams.iv", "00"),
        ("crypto.ciphertext", "00" * 31),
        ("crypto.ciphertext", "zz" * 32),
        ("crypto.ciphertext", None),
        ("crypto.mac", "00" * 33),
        ("crypto.kdf", "argon2id"),
        ("crypto.kdf", ["scrypt"]),
        ("crypto.kdfparams", None),
        ("crypto.kdfparams.salt", ""),
        ("crypto.kdfparams.salt", "00" * 65),
        ("crypto.kdfparams.dklen", 31),
        ("crypto.kdfparams.dklen", 2**40),
        ("crypto.kdfparams.n", 2**40),
        ("crypto.kdfparams.n", 1000),
        ("crypto.kdfparams.n", 1),
        ("crypto.kdfparams.n", True),
        ("crypto.kdfparams.n", 1024.0),
        ("crypto.kdfparams.r", 2**26),
        ("crypto.kdfparams.r", 0),
        ("crypto.kdfparams.p", 2**20),
        ("crypto.kdfparams.p", ...),
        ("address", "00" * 20),
        ("address", 7),
        ("address", "12"),
    ],
)
def test_what_is_no_keystore_is_refused(exported: dict[str, Any], path: str, value: object) -> None:
    with pytest.raises(DamagedVault, match="keystore file"):
        import_keystore(changed(exported, path, value), "pässword")


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("crypto.kdfparams.c", 10_000_001),
        ("crypto.kdfparams.c", 0),
        ("crypto.kdfparams.prf", "hmac-sha1"),
        ("crypto.kdfparams.prf", ...),
    ],
)
def test_what_is_no_pbkdf2_keystore_is_refused(path: str, value: object) -> None:
    with pytest.raises(DamagedVault, match="keystore file"):
        import_keystore(changed(VECTORS["pbkdf2"], path, value), VECTORS["password"])


@pytest.mark.parametrize("path", ["crypto.ciphertext", "crypto.mac", "crypto.kdfparams.salt"])
def test_a_changed_digit_does_not_open(exported: dict[str, Any], path: str) -> None:
    *folders, name = path.split(".")
    inner = exported
    for folder in folders:
        inner = inner[folder]
    digits = inner[name]
    other = ("0" if digits[0] != "0" else "1") + digits[1:]
    with pytest.raises(WrongPassword):
        import_keystore(changed(exported, path, other), "pässword")


def test_a_changed_iv_is_seen_by_the_address(exported: dict[str, Any]) -> None:
    """The format's MAC leaves the IV out: without an address another key would come out."""
    document = changed(exported, "crypto.cipherparams.iv", "00" * 16)
    with pytest.raises(DamagedVault, match=r"another account|does not hold"):
        import_keystore(document, "pässword")


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)


@given(JSON)
def test_any_json_is_no_keystore(document: Any) -> None:
    with pytest.raises(DamagedVault):
        import_keystore(document, "password")


@settings(max_examples=50)
@given(st.sampled_from(["version", "crypto", "address", "id"]), JSON)
def test_any_value_anywhere_is_refused_or_ignored(name: str, value: Any) -> None:
    document = VECTORS["pbkdf2"] | {name: value}
    small = changed(document, "crypto.kdfparams.c", 1) if name != "crypto" else document
    with pytest.raises((DamagedVault, WrongPassword)):
        import_keystore(small, VECTORS["password"])
