"""The tree of errors: who is caught by whom, and that a sentence survives."""

from chain import errors


def test_every_error_is_a_chain_error() -> None:
    found = [item for item in vars(errors).values() if isinstance(item, type)]
    assert len(found) == 8
    assert all(issubclass(item, errors.ChainError) for item in found)


def test_only_the_vault_s_own_errors_are_vault_errors() -> None:
    assert issubclass(errors.WrongPassword, errors.VaultError)
    assert issubclass(errors.DamagedVault, errors.VaultError)
    assert not issubclass(errors.WrongPassword, errors.DamagedVault)
    assert not issubclass(errors.InvalidSignature, errors.VaultError)


def test_a_refusal_keeps_its_reason_and_is_no_outage() -> None:
    refused = errors.Refused("not enough for the fee")
    assert refused.reason == str(refused) == "not enough for the fee"
    assert not isinstance(refused, errors.Unreachable)
    assert errors.Unreachable("timed out").cause == "timed out"


def test_a_wrong_network_says_what_was_expected_and_found() -> None:
    wrong = errors.WrongNetwork("chain 31337", "chain 1")
    assert (wrong.expected, wrong.found) == ("chain 31337", "chain 1")
    assert "chain 31337" in str(wrong)
    assert "chain 1." in str(wrong)
