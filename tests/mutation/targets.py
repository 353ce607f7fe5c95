"""What is mutated, which tests have to notice, and how many mutants they have to kill."""

from dataclasses import dataclass, field
from functools import cache

from tests.mutation.operators import NONE, Mutant, mutants
from tests.mutation.running import ROOT, Fate, Imposter, mutated_folder, passes

CONTRACTS = "chain/contracts/"
TESTS = "tests/chain/contracts/test_"
# Tests of compiled contracts, the fastest to fail first. Not among them: comparison with the
# committed artifacts, which every mutant fails, and what runs on a node, from those artifacts.
ALL = (
    "exchange_order", "exchange_fund", "exchange_ledger", "exchange_wallets",
    "exchange_authorization", "complaint_arguments", "exchange_complain", "exchange_hostile",
    "contract_digests", "contract_merkle", "contract_key_stream", "practice_dollar",
    "registry_contract", "registry_titles",
)  # fmt: skip
ORDER, HOSTILE = ("exchange_order",), ("exchange_order", "exchange_hostile", "exchange_ledger")
FUND = ("exchange_fund", "exchange_authorization", "exchange_wallets")
COMPLAIN = ("complaint_arguments", "exchange_complain")
REGISTRY = ("registry_contract", "registry_titles")
FIRST = {
    "chacha": ("contract_key_stream",),
    "merkle": ("contract_merkle",),
    "ecdsa": ("contract_digests", "practice_dollar"),
    "eip712": ("contract_digests",),
    "erc1271": ("exchange_wallets",),
    "funds": HOSTILE,
    "Registry": REGISTRY,
    "PracticeDollar": ("practice_dollar",),
    "Exchange": ORDER,
    "Exchange complain": COMPLAIN,
    "Exchange acknowledge": ("exchange_wallets",),
    "Exchange __init__": ("exchange_fund",),
    "Exchange _fund": FUND,
    "Exchange fund": FUND,
    "Exchange fund_with_permit": FUND,
    "Exchange fund_with_authorization": FUND[1:],
    "Exchange _pay": HOSTILE,
    "funds take_authorized": ("exchange_authorization",),
    "funds take": FUND,
    "funds permit": FUND,
    "funds _check_arrived": HOSTILE,
}
# Smallest programs around modules that need no exchange to be tried.
OPENED = {
    "chacha": "key: bytes32, n: uint256, m: uint256, t: uint256[128]) -> uint256[128]:\n"
    "    return chacha.crypt(key, n, m, t)\n",
    "merkle": "leaf: bytes32, n: uint256, m: uint256, p: DynArray[bytes32, 32]) -> bytes32:\n"
    "    return merkle.root_from_path(leaf, n, m, p)\n",
}
DEPLOYABLE = ("Exchange", "Registry", "PracticeDollar")


@dataclass(frozen=True)
class Target:
    """A file, of which all functions or only some are mutated, and the share to be killed."""

    file: str
    share: float
    tests: tuple[str, ...] = ()
    scopes: frozenset[str] = frozenset()
    exact: frozenset[str] = field(default=frozenset())

    def mutants(self) -> list[Mutant]:
        source = (ROOT / self.file).read_bytes()
        found = mutants(self.file, source)
        return [m for m in found if not self.scopes or m.scope in self.scopes]

    def wanted(self, scope: str) -> float:
        return 1.0 if scope in self.exact else self.share


VYPER = (
    Target(CONTRACTS + "Exchange.vy", 0.95, exact=frozenset({"complain", "reveal"})),
    Target(CONTRACTS + "ecdsa.vy", 1.0),
    Target(CONTRACTS + "eip712.vy", 1.0),
    Target(CONTRACTS + "erc1271.vy", 1.0),
    Target(CONTRACTS + "merkle.vy", 1.0),
    Target(CONTRACTS + "chacha.vy", 1.0),
    Target(CONTRACTS + "funds.vy", 0.95),
    Target(CONTRACTS + "PracticeDollar.vy", 0.95),
    Target(CONTRACTS + "Registry.vy", 0.95),
)
VERIFYING = frozenset(
    {
        *("digest", "recover", "order_id", "verify_binding", "decode_binding", "dataset_id"),
        *("key_commit", "mask_commit", "delivery_key", "_check_members", "_require", "_exactly"),
        *("_from_json", "_member_from_json", "PeerBinding.__post_init__", "Offer.__post_init__"),
        *("Confirmation.__post_init__", "Receipt.__post_init__", "Domain.__post_init__"),
    }
)
READING = frozenset(
    {
        *("Manifest.decode", "Manifest.__post_init__", "FileEntry.__post_init__"),
        *("check_path", "check_layout", "_path_problem", "_folded", "_check_distinct"),
    }
)
PYTHON = (
    Target("chain/eip712.py", 1.0, ("chain/test_eip712", "chain/test_agreement")),
    Target(
        "chain/agreement.py",
        1.0,
        ("chain/test_agreement", "chain/test_agreement_json"),
        VERIFYING,
    ),
    Target("chain/proofs.py", 1.0, ("chain/test_proofs", "chain/test_block_headers")),
    Target(
        "p2p/merkle.py",
        1.0,
        ("p2p/test_merkle",),
        frozenset({"leaf_hash", "node_hash", "root_from_path", "verify", "RootHasher.root"}),
    ),
    Target("p2p/records.py", 0.95, ("p2p/test_records",)),
    Target("p2p/sealing.py", 1.0, ("p2p/test_sealing",)),
    Target("p2p/openings.py", 1.0, ("p2p/test_openings",)),
    Target("p2p/manifest.py", 0.95, ("p2p/test_manifest",), READING),
    Target("p2p/unsealing.py", 1.0, ("p2p/test_unsealing",), frozenset({"unseal"})),
)
TARGETS = {target.file: target for target in (*VYPER, *PYTHON)}


def judge(mutant: Mutant) -> Fate:
    """In a process of its own: what the tests make of this mutant."""
    return _judge_vyper(mutant) if mutant.file.endswith(".vy") else _judge_python(mutant)


# --- Python ---


def _judge_python(mutant: Mutant) -> Fate:
    try:
        imposter = Imposter(mutant)
        compile(imposter.source, mutant.file, "exec")
    except SyntaxError:
        return Fate.STILLBORN
    imposter.take_place()
    for name in TARGETS[mutant.file].tests:
        if not passes(f"tests/{name}.py"):
            return Fate.KILLED
    return Fate.SURVIVED


# --- Vyper ---


@cache
def originals() -> dict[str, object]:
    """The deployable contracts as they are; compiled in the parent, for all children."""
    from tests.chain.contracts.escrow_world import compiled

    made = {name: compiled(name) for name in DEPLOYABLE}
    for each in made.values():
        assert each.compiler_data.bytecode
    return made


def _judge_vyper(mutant: Mutant) -> Fate:
    import boa

    import chain.contracts
    from tests.chain.contracts import escrow_world

    module = mutant.file.removeprefix(CONTRACTS).removesuffix(".vy")
    kept = originals()
    with mutated_folder(mutant, ROOT / CONTRACTS) as folder:
        boa.interpret.set_cache_dir(str(folder / "cache"))  # nobody asks for a mutant again
        try:
            if module in OPENED:
                _compile_opened(module, folder)
                made = {}
            else:
                made = _compile(module, folder)
        except Exception:
            return Fate.STILLBORN
        untouched = mutant.operator == NONE
        if (
            made
            and not untouched
            and all(
                new.compiler_data.bytecode == kept[name].compiler_data.bytecode
                for name, new in made.items()
            )
        ):
            return Fate.SAME
        chain.contracts.SOURCES = escrow_world.SOURCES = folder
        first = FIRST.get(f"{module} {mutant.scope}") or FIRST[module]
        if module in OPENED:
            if not passes(*(f"{TESTS}{name}.py" for name in first)):
                return Fate.KILLED
            if untouched:
                return Fate.SURVIVED
            made = _compile(module, folder)
        escrow_world.compiled = (kept | made).__getitem__
        stages = [*first, *(name for name in ALL if name not in first and not untouched)]
        if passes(*(f"{TESTS}{name}.py" for name in stages)):
            return Fate.SURVIVED
    return Fate.KILLED


def _compile(module: str, folder: object) -> dict[str, object]:
    """The deployable contracts that the module is part of."""
    import boa

    parts = {"Registry": ("Registry",), "PracticeDollar": ("PracticeDollar",)}
    both = ("Exchange", "PracticeDollar") if module in ("ecdsa", "eip712") else ("Exchange",)
    made = {}
    for name in parts.get(module, both):
        made[name] = boa.load_partial(f"{folder}/{name}.vy")
        assert made[name].compiler_data.bytecode
    return made


def _compile_opened(module: str, folder: object) -> None:
    import boa

    boa.interpret.set_search_paths([str(folder)])
    head = f"# pragma version 0.4.3\nimport {module}\n@external\n@pure\ndef f("
    assert boa.loads_partial(head + OPENED[module]).compiler_data.bytecode
    boa.interpret.set_search_paths([])
