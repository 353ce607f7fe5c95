"""Install the system libraries that Lading's tools and windows need, from the distribution only.

With ``bench``: the programs that `make bench` compares with, and nothing else. sshd is not started.

As root: at once. On a terminal: after asking. Otherwise: print the line to run, and exit 1.
Uses nothing but the standard library, since it runs before anything is installed.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys

PACKAGES = (
    # a library among the dependencies may have to be compiled
    "gcc",
    "python3-dev",
    "libgmp-dev",
    # Qt without a screen
    "libglib2.0-0",
    "libgl1",
    "libegl1",
    "libxkbcommon0",
    "libfontconfig1",
    "libdbus-1-3",
    # a real window
    "libxkbcommon-x11-0",
    "libxcb-cursor0",
    "libxcb-icccm4",
    "libxcb-keysyms1",
    "libxcb-shape0",
    # a screen for the tests
    "xvfb",
    "xauth",
    # networks behind routers for the tests
    "iproute2",
    "nftables",
)
PEERS = ("openssh-client", "openssh-server", "openssl", "rsync")
INSTALL = ["apt-get", "install", "--yes", "--no-install-recommends"]


def missing(packages: tuple[str, ...]) -> list[str]:
    """Which of the packages are not installed; all of them where dpkg cannot tell."""
    found = subprocess.run(
        ["dpkg-query", "--show", "--showformat", "${Package} ${db:Status-Abbrev}\n", *packages],
        capture_output=True,
        text=True,
        check=False,
    )
    installed = {
        line.split()[0] for line in found.stdout.splitlines() if line.split()[1:2] == ["ii"]
    }
    return [name for name in packages if name not in installed]


def main() -> int:
    packages = PEERS if sys.argv[-1] == "bench" else PACKAGES
    if shutil.which("apt-get") is None or shutil.which("dpkg-query") is None:
        print("This is not Debian or Ubuntu; install the equivalents of:", *packages)
        return 0
    wanted = missing(packages)
    if not wanted:
        return 0
    # In run level 1 no service is started because it was installed.
    quietly = ["env", "RUNLEVEL=1"] if packages is PEERS else []
    command = [*quietly, *INSTALL, *wanted]
    if os.geteuid() != 0:
        command = ["sudo", *command]
        line = " ".join(command)
        if not sys.stdin.isatty():
            print(f"System libraries are missing. Run this once, then try again:\n  {line}")
            return 1
        print(f"System libraries are missing. This would install them:\n  {line}")
        if input("Install them now? [y/N] ").strip().lower() not in ("y", "yes"):
            return 1
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    prefix = command[: -len(wanted) - len(INSTALL)]
    subprocess.run([*prefix, "apt-get", "update", "--quiet"], env=environment, check=True)
    subprocess.run(command, env=environment, check=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
