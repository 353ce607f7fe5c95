"""libp2p's packages run their own code when a name of theirs is asked for, and then whole."""

import subprocess
import sys

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


def test_what_python_asks_of_every_module_runs_none() -> None:
    code = "import sys, p2p, libp2p.peer.id; hasattr(sys.modules['libp2p'], '__wrapped__'); "
    assert printed(code + "print('libp2p.host' in sys.modules)") == "False"
