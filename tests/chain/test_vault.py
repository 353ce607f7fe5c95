"""The identity file: what goes in comes out, and nothing else ever does."""

import hashlib
import os
import stat
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from nacl import bindings
from nacl.pwhash import argon2id

from chain import vault
from chain.errors import DamagedVault, VaultError, WrongPassword
from chain.vault import Argon2
from chain.wallet import Wallet

WORDS = "abandon " * 23 + "art"
KEY = bytes(31) + b"\7"
PASSWORD = "correct horse"
CHEAP = Argon2(passes=1, memory_kib=1024)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "identity"
    vault.create(path, WORDS, PASSWORD, cost=CHEAP)
    return path


def with_checksum(content: bytes) -> bytes:
    """A file whose plain checksum is right, as someone who alters it on purpose would make it."""
    return content[:-32] + hashlib.sha256(content[:-32]).digest()


# What goes in comes out


def test_a_new_file_opens_to_the_same_wallet(path: Path) -> None:
    assert vault.open(path, PASSWORD) == Wallet.from_words(WORDS)
    assert vault.words(path, PASSWORD) == WORDS


def test_create_returns_the_wallet_and_keeps_an_imported_key(tmp_path: Path) -> None:
    path = tmp_path / "identity"
    made = vault.create(path, WORDS, PASSWORD, KEY, cost=CHEAP)
    assert made.account_key == KEY
    assert vault.open(path, PASSWORD) == made
    assert vault.words(path, PASSWORD) == WORDS


def test_the_file_is_small_private_and_tells_nothing(path: Path, tmp_path: Path) -> None:
    content = path.read_bytes()
    assert len(content) == vault.FILE_BYTES == 169
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert [item.name for item in tmp_path.iterdir()] == ["identity"]
    imported = tmp_path / "imported"
    vault.create(imported, WORDS, PASSWORD, KEY, cost=CHEAP)
    assert len(imported.read_bytes()) == len(content)
    assert bytes(16) not in content  # the entropy of these words is zero bytes
    assert KEY[-8:] not in imported.read_bytes()


def test_the_layout_is_the_published_one(path: Path) -> None:
    """Opened here with libsodium alone, from the offsets in the module's docstring."""
    content = path.read_bytes()
    assert content[:16] == b"LADING\0\1" + (1).to_bytes(4, "big") + (1024).to_bytes(4, "big")
    key = argon2id.kdf(32, PASSWORD.encode(), content[16:32], opslimit=1, memlimit=1024 * 1024)
    plain = bindings.crypto_aead_xchacha20poly1305_ietf_decrypt(
        content[56:137], content[:56], content[32:56], key
    )
    assert plain == bytes(65)
    assert content[137:] == hashlib.sha256(content[:137]).digest()


def test_no_two_files_share_salt_or_nonce(path: Path, tmp_path: Path) -> None:
    other = tmp_path / "other"
    vault.create(other, WORDS, PASSWORD, cost=CHEAP)
    assert path.read_bytes()[16:32] != other.read_bytes()[16:32]
    assert path.read_bytes()[32:56] != other.read_bytes()[32:56]


def test_a_password_is_the_same_however_it_was_composed(tmp_path: Path) -> None:
    path = tmp_path / "identity"
    vault.create(path, WORDS, "Zoe\u0308 größer", cost=CHEAP)
    assert vault.words(path, "Zo\u00eb größer") == WORDS
    with pytest.raises(WrongPassword):
        vault.open(path, "Zoe größer")


# Wrong password


@pytest.mark.parametrize("wrong", ["", "correct horse ", "Correct horse", "x" * 5000, "\ud800"])
def test_a_wrong_password_opens_nothing_and_is_not_repeated(path: Path, wrong: str) -> None:
    for attempt in (
        lambda: vault.open(path, wrong),
        lambda: vault.words(path, wrong),
        lambda: vault.change_password(path, wrong, "new", cost=CHEAP),
    ):
        with pytest.raises(WrongPassword) as caught:
            attempt()
        assert str(caught.value) == "The password does not open this identity file."
    assert vault.words(path, PASSWORD) == WORDS


@pytest.mark.parametrize("bad", ["", "x" * 1025, "\ud800"])
def test_a_password_that_cannot_be_used_is_refused_before_anything_is_written(
    path: Path, tmp_path: Path, bad: str
) -> None:
    before = path.read_bytes()
    with pytest.raises(ValueError, match="password"):
        vault.create(tmp_path / "new", WORDS, bad)
    with pytest.raises(ValueError, match="password"):
        vault.change_password(path, PASSWORD, bad)
    assert not (tmp_path / "new").exists()
    assert path.read_bytes() == before


def test_an_error_carries_no_cause_that_would_carry_the_password(path: Path) -> None:
    for attempt in (
        lambda: vault.open(path, "secret\ud800"),
        lambda: vault.create(path.with_name("new"), WORDS, "secret\ud800"),
    ):
        with pytest.raises((WrongPassword, ValueError)) as caught:
            attempt()
        assert caught.value.__suppress_context__
        assert "secret" not in str(caught.value)


# Damage


@pytest.mark.parametrize("at", range(vault.FILE_BYTES))
def test_every_damaged_byte_is_seen_as_damage(path: Path, at: int) -> None:
    content = bytearray(path.read_bytes())
    content[at] ^= 1
    path.write_bytes(content)
    with pytest.raises(DamagedVault, match="recovery sheet"):
        vault.open(path, PASSWORD)


@pytest.mark.parametrize("at", [11, 15, 16, 31, 32, 55, 56, 120, 121, 136])
def test_no_altered_byte_opens_even_with_a_right_checksum(path: Path, at: int) -> None:
    content = bytearray(path.read_bytes())
    content[at] ^= 2  # the first two are passes and memory, and stay within their limits
    path.write_bytes(with_checksum(bytes(content)))
    with pytest.raises(WrongPassword):
        vault.open(path, PASSWORD)


@pytest.mark.parametrize("size", [0, 1, 7, 8, 55, 56, 57, 136, 137, 168])
def test_a_file_cut_short_is_damaged(path: Path, size: int) -> None:
    path.write_bytes(path.read_bytes()[:size])
    with pytest.raises(DamagedVault):
        vault.open(path, PASSWORD)


@pytest.mark.parametrize("more", [b"\0", bytes(32), bytes(10_000)])
def test_a_longer_file_is_damaged(path: Path, more: bytes) -> None:
    path.write_bytes(path.read_bytes() + more)
    with pytest.raises(DamagedVault):
        vault.open(path, PASSWORD)
    path.write_bytes(with_checksum(path.read_bytes()))
    with pytest.raises(DamagedVault):
        vault.open(path, PASSWORD)


def test_a_newer_version_is_not_called_damage(path: Path) -> None:
    content = bytearray(path.read_bytes() + bytes(20))
    content[7] = 2
    path.write_bytes(with_checksum(bytes(content)))
    with pytest.raises(VaultError, match="update Lading") as caught:
        vault.open(path, PASSWORD)
    assert not isinstance(caught.value, DamagedVault | WrongPassword)


@pytest.mark.parametrize(
    ("passes", "memory_kib"),
    [(0, 1024), (65, 1024), (2**32 - 1, 1024), (1, 0), (1, 1023), (1, 2**20 + 1), (1, 2**32 - 1)],
)
def test_a_hostile_file_makes_us_work_for_nothing(
    path: Path, passes: int, memory_kib: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    content = path.read_bytes()
    cost = passes.to_bytes(4, "big") + memory_kib.to_bytes(4, "big")
    path.write_bytes(with_checksum(content[:8] + cost + content[16:]))

    def never(*_: object, **__: object) -> bytes:
        raise AssertionError("the password was stretched")

    monkeypatch.setattr(argon2id, "kdf", never)
    with pytest.raises(DamagedVault, match="more work"):
        vault.open(path, PASSWORD)


@pytest.mark.parametrize(
    "plain",
    [
        bytes(32) + b"\2" + bytes(32),
        bytes(32) + b"\1" + bytes(32),
        bytes(32) + b"\1" + b"\xff" * 32,
        bytes(32) + b"\0" + KEY,
    ],
    ids=["unknown marker", "key zero", "key beyond the order", "key without marker"],
)
def test_what_opens_must_be_what_we_write(path: Path, plain: bytes) -> None:
    header = path.read_bytes()[:56]
    key = argon2id.kdf(32, PASSWORD.encode(), header[16:32], opslimit=1, memlimit=1 << 20)
    sealed = bindings.crypto_aead_xchacha20poly1305_ietf_encrypt(plain, header, header[32:], key)
    path.write_bytes(with_checksum(header + sealed + bytes(32)))
    with pytest.raises(DamagedVault, match="does not hold"):
        vault.open(path, PASSWORD)


@settings(max_examples=50)
@given(st.binary(max_size=300))
def test_any_file_is_damaged(tmp_path_factory: pytest.TempPathFactory, content: bytes) -> None:
    path = tmp_path_factory.getbasetemp() / "any"
    path.write_bytes(content)
    with pytest.raises(DamagedVault):
        vault.open(path, PASSWORD)


# Files


def test_no_file_is_ever_replaced_by_a_new_identity(path: Path) -> None:
    before = path.read_bytes()
    with pytest.raises(VaultError, match="already"):
        vault.create(path, WORDS, "another", cost=CHEAP)
    assert path.read_bytes() == before


def test_a_missing_or_unreadable_file_is_said(tmp_path: Path) -> None:
    with pytest.raises(VaultError, match="no identity file"):
        vault.open(tmp_path / "none", PASSWORD)
    with pytest.raises(VaultError, match="cannot be read"):
        vault.open(tmp_path, PASSWORD)
    with pytest.raises(VaultError, match="cannot be written"):
        vault.create(tmp_path / "no folder" / "identity", WORDS, PASSWORD, cost=CHEAP)


def test_wrong_words_make_no_file(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="fit together"):
        vault.create(tmp_path / "identity", "art " + "abandon " * 23, PASSWORD, cost=CHEAP)
    assert list(tmp_path.iterdir()) == []


def test_a_changed_password_is_the_only_one(path: Path) -> None:
    before = path.read_bytes()
    vault.change_password(path, PASSWORD, "new", cost=Argon2(2, 2048))
    assert vault.words(path, "new") == WORDS
    with pytest.raises(WrongPassword):
        vault.open(path, PASSWORD)
    after = path.read_bytes()
    assert after[8:16] == (2).to_bytes(4, "big") + (2048).to_bytes(4, "big")
    assert after[16:56] != before[16:56]


def test_a_changed_password_keeps_an_imported_key(tmp_path: Path) -> None:
    path = tmp_path / "identity"
    vault.create(path, WORDS, PASSWORD, KEY, cost=CHEAP)
    vault.change_password(path, PASSWORD, "new", cost=CHEAP)
    assert vault.open(path, "new").account_key == KEY


def test_a_failed_write_leaves_the_old_file(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = path.read_bytes()

    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(VaultError, match="No space left"):
        vault.change_password(path, PASSWORD, "new", cost=CHEAP)
    assert path.read_bytes() == before
    assert [item.name for item in path.parent.iterdir()] == ["identity"]


def test_too_little_memory_is_said(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def none(*_: object, **__: object) -> bytes:
        raise bindings.crypto_pwhash.exc.RuntimeError("no memory")

    monkeypatch.setattr(argon2id, "kdf", none)
    with pytest.raises(VaultError, match="1 MiB of memory"):
        vault.open(path, PASSWORD)


# Cost


@pytest.mark.parametrize(
    ("seconds_per_pass", "passes"),
    [(1.0, 3), (0.17, 3), (0.09, 6), (0.04, 13), (0.001, vault.MAX_PASSES)],
)
def test_the_cost_is_raised_until_it_takes_half_a_second(
    seconds_per_pass: float, passes: int
) -> None:
    cost = vault.calibrate(lambda cost: cost.passes * seconds_per_pass)
    assert cost == Argon2(passes, vault.USUAL_MEMORY_KIB)


def test_a_guess_that_fell_short_is_measured_again() -> None:
    # The first measurement includes what only happens once, so it promises too much.
    cost = vault.calibrate(lambda cost: 0.3 if cost.passes == 3 else cost.passes * 0.06)
    assert cost.passes * 0.06 >= vault.MIN_SECONDS


def test_less_memory_is_asked_for_where_there_is_less() -> None:
    def measure(cost: Argon2) -> float:
        if cost.memory_kib > 128 * 1024:
            raise MemoryError
        return cost.passes * 0.09

    assert vault.calibrate(measure) == Argon2(6, 128 * 1024)


def test_there_is_a_least_memory() -> None:
    asked: list[int] = []

    def measure(cost: Argon2) -> float:
        asked.append(cost.memory_kib // 1024)
        raise MemoryError

    with pytest.raises(VaultError, match="64 MiB"):
        vault.calibrate(measure)
    assert asked == [256, 128, 64]


def test_without_a_cost_it_is_calibrated(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(vault, "calibrate", lambda: Argon2(2, 1024))
    vault.create(tmp_path / "identity", WORDS, PASSWORD)
    assert (tmp_path / "identity").read_bytes()[11] == 2
