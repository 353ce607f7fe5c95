"""The committed artifacts: what the sources give, small enough for every chain, without extras."""

import json
from pathlib import Path

import pytest

import chain.contracts.__main__ as compiler
from chain.contracts import DEPLOYABLES, SOURCES, artifact

LARGEST_CODE = 24_576  # bytes, EIP-170


def functions(name: str) -> set[str]:
    return {entry["name"] for entry in artifact(name).abi if entry["type"] == "function"}


@pytest.fixture(scope="module")
def compiled() -> dict[str, str]:
    return compiler.compile_all()


@pytest.fixture
def folder(tmp_path: Path, compiled: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> Path:
    """Another place for artifacts, with what the compiler gave once."""
    monkeypatch.setattr(compiler, "ARTIFACTS", tmp_path / "artifacts")
    monkeypatch.setattr(compiler, "compile_all", lambda: compiled)
    return tmp_path / "artifacts"


def test_artifacts_are_what_the_sources_give(compiled: dict[str, str]) -> None:
    for name in DEPLOYABLES:
        assert (compiler.ARTIFACTS / f"{name}.json").read_text(encoding="utf-8") == compiled[name]


def test_check_passes_what_write_wrote_and_names_what_differs(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert compiler.main(["--check"]) == 1
    assert "Registry, Exchange, PracticeDollar" in capsys.readouterr().err
    assert compiler.main(["--write"]) == 0
    assert compiler.main(["--check"]) == 0
    (folder / "Exchange.json").write_text("{}", encoding="utf-8")
    assert compiler.main(["--check"]) == 1
    assert "differ from the sources: Exchange." in capsys.readouterr().err


def test_a_source_that_does_not_compile_is_said(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    for name in DEPLOYABLES:
        (tmp_path / f"{name}.vy").write_text("# pragma version 0.4.3\nx: nothing\n")
    monkeypatch.setattr(compiler, "SOURCES", tmp_path)
    assert compiler.main(["--check"]) == 1
    assert "nothing" in capsys.readouterr().err


def test_another_compiler_is_refused(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(compiler, "COMPILER", "0.4.2")
    assert compiler.main(["--check"]) == 1
    assert "the contracts need 0.4.2" in capsys.readouterr().err


@pytest.mark.parametrize("name", DEPLOYABLES)
def test_code_fits_every_chain_and_carries_no_metadata(name: str) -> None:
    found = artifact(name)
    assert found.name == name
    assert 0 < len(found.bytecode) <= LARGEST_CODE
    assert b"vyper" not in found.bytecode


@pytest.mark.parametrize("name", DEPLOYABLES)
def test_every_deployable_says_who_can_stop_it(name: str) -> None:
    source = (SOURCES / f"{name}.vy").read_text(encoding="utf-8")
    assert "Who can stop it: nobody." in source


def test_unknown_artifact() -> None:
    with pytest.raises(KeyError):
        artifact("../Registry")


def test_nothing_but_what_the_protocol_names() -> None:
    assert functions("Registry") == {
        "commit", "register", "register_many", "update_listing", "withdraw", "transfer_title",
        "set_profile", "want", "unwant", "title_of", "dataset", "committed_at",
    }  # fmt: skip
    assert functions("Exchange") == {
        "fund", "fund_with_permit", "fund_with_authorization", "acknowledge", "reveal", "complain",
        "confirm", "accept", "refund", "rate", "deposit", "deposit_with_permit", "withdraw",
        "cancel_all", "order_id", "registry", "min_reveal_within", "min_window", "orders",
        "ledger", "epochs",
    }  # fmt: skip
    assert functions("PracticeDollar") == {
        "mint", "transfer", "transferFrom", "approve", "permit", "receiveWithAuthorization",
        "DOMAIN_SEPARATOR", "name", "symbol", "version", "decimals", "MAX_MINT", "totalSupply",
        "balanceOf", "allowance", "nonces", "authorizationState",
    }  # fmt: skip


def test_settings_are_written_down() -> None:
    for name in DEPLOYABLES:
        document = json.loads((compiler.ARTIFACTS / f"{name}.json").read_text(encoding="utf-8"))
        assert document["compiler"].startswith("vyper 0.4.3")
        assert document["settings"] == {
            "bytecode_metadata": False,
            "evm_version": "cancun",
            "experimental_codegen": False,
            "optimize": "gas",
        } | ({"nonreentrancy_by_default": True} if name == "Exchange" else {})


def test_what_has_no_lock_calls_nobody() -> None:
    for name in ("Registry", "PracticeDollar"):
        source = (SOURCES / f"{name}.vy").read_text(encoding="utf-8")
        assert not any(word in source for word in ("extcall", "staticcall", "raw_call", "send("))
    assert "extcall" in (SOURCES / "funds.vy").read_text(encoding="utf-8")
