"""Where changes are judged, what is skipped has failed: one test, and a whole file."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PROBES = {
    "call": "import pytest\n\n\ndef test_one():\n    pytest.skip('not here')\n",
    "file": "import pytest\n\npytest.importorskip('no_such_module')\n",
    "module": "import pytest\n\npytest.skip('not here', allow_module_level=True)\n",
}


def run(folder: Path, probe: str, **environment: str) -> tuple[int, str]:
    (folder / "conftest.py").write_bytes((ROOT / "tests" / "conftest.py").read_bytes())
    (folder / "test_probe.py").write_text(PROBES[probe])
    plain = {name: value for name, value in os.environ.items() if name != "CI"}
    command = (sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-c", os.devnull)
    ran = subprocess.run(
        [*command, "--rootdir", str(folder), str(folder)],
        env=plain | environment,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    return ran.returncode, ran.stdout + ran.stderr


@pytest.mark.parametrize("probe", PROBES)
def test_what_is_skipped_in_ci_has_failed(tmp_path: Path, probe: str) -> None:
    code, said = run(tmp_path, probe, CI="1")
    assert code in (1, 2), said  # a test failed, a file could not be collected
    assert "Skipped where nothing may be" in said


@pytest.mark.parametrize("probe", PROBES)
def test_on_a_developers_machine_it_is_skipped(tmp_path: Path, probe: str) -> None:
    code, said = run(tmp_path, probe)
    assert code in (0, 5), said  # 5: nothing was collected
    assert "skipped" in said
