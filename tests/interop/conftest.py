"""js-libp2p, installed from its lock file where Node is; nothing of it is in the repository."""

import shutil
import subprocess
from pathlib import Path

import pytest
from filelock import FileLock

HERE = Path(__file__).parent


@pytest.fixture(scope="session")
def node() -> str:
    """The path of Node, with js-libp2p installed. Fails, and does not skip, if that fails."""
    found, npm = shutil.which("node"), shutil.which("npm")
    if found is None or npm is None:
        pytest.skip("Node is not installed here.")
    lock = HERE / "package-lock.json"
    modules = HERE / "node_modules"
    stamp = modules / ".package-lock.json"  # npm's own note of what it has installed
    with FileLock(HERE / "node_modules.lock"):
        if not stamp.exists() or stamp.stat().st_mtime < lock.stat().st_mtime:
            subprocess.run(
                [npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund"],
                cwd=HERE,
                check=True,
                timeout=240,
            )
            stamp.touch()
    return found
