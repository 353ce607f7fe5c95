"""The one step of an installation that is not copying files: p2p/_lanes.c is compiled.

Without a C compiler Lading does the same with the standard library, and takes longer for large
datasets.
"""

import os
import shutil
import subprocess
import sysconfig
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

SOURCE = Path("p2p", "_lanes.c")
MADE = Path("p2p", "_lanes.abi3.so")
# One file for all versions of Python from 3.11 on: its stable interface (PEP 384).
STABLE = "-DPy_LIMITED_API=0x030b0000"
FLAGS = ("-std=c11", "-O3", "-Wall", "-Wextra", "-shared", "-fPIC", STABLE)


class CompiledLanes(BuildHookInterface[Any]):
    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        if not self._compiled():
            self.app.display_warning("p2p/_lanes.c is not compiled: the standard library hashes.")
            return
        build_data["pure_python"] = False
        build_data["tag"] = f"cp311-abi3-{_platform()}"
        build_data["artifacts"].append(MADE.as_posix())

    def _compiled(self) -> bool:
        compiler = shutil.which(os.environ.get("CC", "cc"))
        if compiler is None or os.name != "posix":
            return False
        root = Path(self.root)
        late = ("-undefined", "dynamic_lookup") if _platform().startswith("macosx") else ()
        include = "-I" + sysconfig.get_path("include")
        # In its place only when it is whole: another installation may use it.
        part = root / MADE.with_suffix(".part")
        command = [compiler, *FLAGS, *late, include, "-o", str(part), str(root / SOURCE)]
        if subprocess.run(command, check=False).returncode:
            return False
        part.replace(root / MADE)
        return True


def _platform() -> str:
    return sysconfig.get_platform().replace("-", "_").replace(".", "_")
