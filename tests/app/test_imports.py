"""The window shows before anything heavy is loaded: its pages know snapshots and commands only."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
HEAVY = {"web3", "libp2p", "sqlalchemy", "trio"}
NEVER = {"httpx", "rich", "libp2p.host.basic_host"}
"""What libp2p would load beside what is used of it: 39 MiB of every window and node."""

LOADS = """
import importlib, json, pkgutil, sys
for name in sys.argv[1:]:
    module = importlib.import_module(name)
    for found in pkgutil.walk_packages(getattr(module, "__path__", []), name + "."):
        importlib.import_module(found.name)
print(json.dumps(sorted(sys.modules)))
"""


def loaded_by(*modules: str) -> set[str]:
    """All modules a new process has after importing these, with everything below them."""
    ran = subprocess.run(
        [sys.executable, "-c", LOADS, *modules],
        env=os.environ | {"QT_QPA_PLATFORM": "offscreen"},
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == 0, ran.stderr
    return set(json.loads(ran.stdout))


def test_a_window_and_every_page_load_nothing_heavy() -> None:
    loaded = loaded_by("app.ui", "app.bridge", "app.cli.window", "app.cli.windows")
    pages = {f"app.ui.pages.{path.stem}" for path in (ROOT / "app/ui/pages").glob("[a-z]*.py")}
    assert {"app.ui.window", *pages} <= loaded
    assert not HEAVY & loaded


def test_the_command_line_loads_neither_windows_nor_engine() -> None:
    loaded = loaded_by("app.cli.main", "app.cli.fingerprint", "app.cli.deploy", "app.cli.demo")
    assert not (HEAVY | {"PySide6"}) & loaded


def test_the_engine_does() -> None:
    """But web3 comes with the first question, eth_keyfile with the first keystore file."""
    loaded = loaded_by("app.engine.engine")
    assert loaded >= HEAVY - {"web3"}
    assert not {"web3", "eth_keyfile"} & loaded


def test_the_process_that_reads_a_file_loads_what_measures_it_and_no_loop(tmp_path: Path) -> None:
    (tmp_path / "table.csv").write_text("n,word\n" + "".join(f"{n},x{n}\n" for n in range(9)))
    work = tmp_path / "work"
    work.mkdir()
    read = ("-m", "app.engine.profiling", tmp_path / "table.csv", work)
    ran = subprocess.run(
        [sys.executable, "-P", "-X", "importtime", *read],
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        cwd=work,
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == 0, ran.stderr
    loaded = {line.rpartition("|")[2].strip() for line in ran.stderr.splitlines()}
    assert "app.engine.measuring" in loaded
    assert not HEAVY & loaded


def test_an_app_keeps_no_source_of_what_it_imports() -> None:
    code = (
        "import linecache, sys; from app.cli.window import make_application; make_application();"
        "import app.engine.engine; print(sorted({'sqlalchemy', 'app'} & {name.split('.')[0]"
        " for name, module in sys.modules.items()"
        " if getattr(module, '__file__', None) in linecache.cache}))"
    )
    ran = subprocess.run(
        [sys.executable, "-c", code],
        env=os.environ | {"QT_QPA_PLATFORM": "offscreen"},
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (ran.stdout, ran.stderr) == ("[]\n", "")


def test_what_nobody_uses_of_a_library_is_not_loaded() -> None:
    loaded = loaded_by("app.engine.engine", "chain.endpoint", "chain.transactions", "p2p.host")
    assert {"libp2p.security.noise.transport", "web3"} <= loaded
    assert not NEVER & loaded
