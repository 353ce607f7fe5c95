"""libp2p's packages run their own code when a name of theirs is asked for, and then whole."""

import subprocess
import sys
from pathlib import Path

import pytest


def printed(code: str) -> str:
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stderr
    return run.stdout.strip()


def test_a_module_below_a_package_does_not_run_it() -> None:
    code = "import sys, p2p, libp2p.relay.circuit_v2.pb.circuit_pb2; "
    assert printed(code + "print('libp2p.relay.circuit_v2.dcutr' in sys.modules)") == "False"
    assert printed(code.replace("p2p, ", "", 1) + "print('libp2p.host' in sys.modules)") == "True"


def test_a_name_of_a_package_is_there() -> None:
    code = "import p2p, libp2p.peer.id; from libp2p import new_host; print(new_host.__module__)"
    assert printed(code) == "libp2p"


def test_a_name_that_no_package_has_is_missing() -> None:
    import libp2p

    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        libp2p.nothing  # noqa: B018


def test_a_package_whose_own_code_fails_runs_it_again_when_it_is_asked_again(
    tmp_path: Path,
) -> None:
    package = tmp_path / "libp2p"
    package.mkdir()
    (package / "below.py").touch()
    (package / "__init__.py").write_text(
        "import sys; sys.runs = getattr(sys, 'runs', 0) + 1\n"
        "if sys.runs == 1: raise OSError('too many open files')\n"
        "name = sys.runs\n"
    )
    code = (
        f"import sys; sys.path.insert(0, {str(tmp_path)!r}); import p2p, libp2p.below\n"
        "try: libp2p.name\n"
        "except OSError as error: print(error)\n"
        "print(libp2p.name)"
    )
    assert printed(code).splitlines() == ["too many open files", "2"]


def test_what_python_asks_of_every_module_runs_none() -> None:
    code = "import sys, p2p, libp2p.peer.id; hasattr(sys.modules['libp2p'], '__wrapped__'); "
    assert printed(code + "print('libp2p.host' in sys.modules)") == "False"
