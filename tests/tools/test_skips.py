"""Where changes are judged, what is skipped has failed: one test, and a whole file."""

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
PROBES = {
    "call": "import pytest\n\n\ndef test_one():\n    pytest.skip('not here')\n",
    "file": "import pytest\n\npytest.importorskip('no_such_module')\n",
    "module": "import pytest\n\npytest.skip('not here', allow_module_level=True)\n",
}


def run(folder: Path, **environment: str) -> tuple[int, str]:
    (folder / "conftest.py").write_bytes((ROOT / "tests" / "conftest.py").read_bytes())
    for name, probe in PROBES.items():
        (folder / f"test_{name}.py").write_text(probe)
    plain = {name: value for name, value in os.environ.items() if name != "CI"}
    command = (sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-c", os.devnull)
    ran = subprocess.run(
        [*command, "--continue-on-collection-errors", "--rootdir", str(folder), str(folder)],
        env=plain | environment,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    return ran.returncode, ran.stdout + ran.stderr


def test_what_is_skipped_in_ci_has_failed(tmp_path: Path) -> None:
    code, said = run(tmp_path, CI="1")
    assert code == 1, said
    assert "1 failed" in said
    assert "2 errors" in said  # files that could not be collected
    assert said.count("Skipped where nothing may be") >= len(PROBES)


def test_on_a_developers_machine_it_is_skipped(tmp_path: Path) -> None:
    code, said = run(tmp_path)
    assert code == 0, said
    assert "3 skipped" in said
