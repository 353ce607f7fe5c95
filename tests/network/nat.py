"""Two private networks, each behind a router of its own, and the public one between them.

Network namespaces joined by virtual cables; the routers are nftables, as in most boxes at home:

    a's computer ─ router (masquerade, lets nobody in) ─┐
                                                        ├─ public: relays at 198.51.100.1
    b's computer ─ router (masquerade, lets nobody in) ─┘

A router keeps the port of who goes out where it is free, as Linux does by itself, or draws another
one for each connection: then nobody can foretell it, and only a relay helps.
Only processes of the test run in them (`Namespace.within`). The names carry the test's process id;
what a killed run has left behind is removed by the next one.
"""

import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import Final

PUBLIC: Final = "198.51.100.1"  # RFC 5737: meant for documentation, so nothing real is there
_PREFIX: Final = "lading-test"
_NUMBERS: Final = count()
_ROUTER: Final = """
table ip router {
  chain out {
    type nat hook postrouting priority srcnat
    oifname "out" masquerade PORTS
  }
}
table inet wall {
  chain through {
    type filter hook forward priority filter; policy drop
    iifname "home" accept
    ct state established,related accept
  }
  chain to_itself {
    type filter hook input priority filter; policy drop
    iifname { "home", "lo" } accept
    ct state established,related accept
    meta l4proto ipv6-icmp accept
  }
}
"""


@dataclass(frozen=True)
class Namespace:
    """A network of its own, by the name that ``ip netns`` knows."""

    name: str

    @property
    def within(self) -> tuple[str, ...]:
        """Words before a command that make it run there; it keeps its process id."""
        return ("ip", "netns", "exec", self.name)

    def ip(self, *commands: str) -> None:
        """Each as after ``ip``, in this namespace."""
        _run(["ip", "-n", self.name, "-batch", "-"], "\n".join(commands))

    def nft(self, rules: str) -> None:
        _run([*self.within, "nft", "-f", "-"], rules)

    def reaches(self, host: str, port: int) -> bool:
        """Whether a TCP connection can be made from here."""
        dial = "import socket, sys; socket.create_connection((sys.argv[1], int(sys.argv[2])), 2)"
        command = [*self.within, sys.executable, "-S", "-c", dial, host, str(port)]
        return subprocess.run(command, check=False, capture_output=True).returncode == 0

    def said(self, *command: str) -> str:
        """What a command prints there."""
        return subprocess.check_output([*self.within, *command], text=True)

    @contextmanager
    def running(self, *arguments: str) -> Iterator[None]:
        """Python there with these arguments, once it has said a line."""
        command = [*self.within, sys.executable, *arguments]
        with subprocess.Popen(command, stdout=subprocess.PIPE) as process:
            assert process.stdout is not None
            try:
                assert process.stdout.readline()
                yield
            finally:
                process.kill()

    @contextmanager
    def listening(self) -> Iterator[int]:
        """The port of somebody who takes any connection, for as long as the block runs."""
        listen = (
            "import socket; s = socket.create_server(('', 0)); print(s.getsockname()[1]); input()"
        )
        command = [*self.within, sys.executable, "-S", "-u", "-c", listen]
        with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
            assert process.stdout is not None
            try:
                yield int(process.stdout.readline())
            finally:
                process.kill()


@dataclass(frozen=True)
class Home:
    """A private network behind its router, whose public address is ``outside``."""

    computer: Namespace
    router: Namespace
    number: int

    @property
    def outside(self) -> str:
        return f"198.51.100.{self.number}"

    def inside(self, host: int) -> str:
        return f"192.168.{self.number}.{host}"

    def let_in_ipv6(self) -> None:
        """From now on the router stops nobody who speaks it, as where nobody set up a wall."""
        self.router.nft("insert rule inet wall through meta nfproto ipv6 accept")

    def plug_in(self, computer: Namespace, host: int) -> None:
        """From now on that computer is in this network, with that number."""
        computer.ip(
            f"link add net type veth peer name port-{host} netns {self.router.name}",
            f"address add {self.inside(host)}/24 dev net",
            "link set net up",
            f"route add default via {self.inside(1)}",
        )
        self.router.ip(f"link set port-{host} master home", f"link set port-{host} up")

    def unplug(self, computer: Namespace) -> None:
        """The cable is gone, and the address with it; no connection is told."""
        computer.ip("link delete net")

    def renumber(self, computer: Namespace, old: int, new: int) -> None:
        """The router gives that computer another address; no connection is told."""
        computer.ip(
            f"address delete {self.inside(old)}/24 dev net",
            f"address add {self.inside(new)}/24 dev net",
            f"route replace default via {self.inside(1)}",
        )


@dataclass(frozen=True)
class Homes:
    public: Namespace
    a: Home
    b: Home

    def have_ipv6(self) -> None:
        """Both networks have public IPv6 addresses as well; the routers let in answers only."""
        for home, other in ((self.a, self.b), (self.b, self.a)):
            home.router.ip(
                f"address add 2001:db8::{home.number}/64 dev out nodad",
                f"address add 2001:db8:{home.number}::1/64 dev home nodad",
                f"route add 2001:db8:{other.number}::/64 via 2001:db8::{other.number}",
            )
            home.computer.ip(
                f"address add 2001:db8:{home.number}::2/64 dev net nodad",
                f"route add default via 2001:db8:{home.number}::1",
            )
            _run([*home.router.within, "tee", "/proc/sys/net/ipv6/conf/all/forwarding"], "1")


def refusal() -> str:
    """Why this machine lets nobody make networks; empty if it does."""
    for tool in ("ip", "nft"):
        if shutil.which(tool) is None:
            return f"{tool} is not installed: make system-packages"
    try:
        with _namespaces() as namespace:
            namespace("probe").nft("table ip probe")
    except subprocess.CalledProcessError as error:
        return f"networks cannot be made here: {error.stderr.strip()}"
    return ""


@contextmanager
def homes(*, keep_ports: bool) -> Iterator[Homes]:
    """All of it, and nothing of it afterwards."""
    ports = "" if keep_ports else "fully-random"
    with _namespaces() as namespace:
        public = namespace("public")
        public.ip(
            "link add street type bridge",
            f"address add {PUBLIC}/24 dev street",
            "link set street up",
        )
        yield Homes(public, *(_home(public, namespace, number, ports) for number in (2, 3)))


@contextmanager
def cable(*, lost: int, held: int, takes: int = 0) -> Iterator[Homes]:
    """Two computers without routers, joined by a cable on which so many packets of a hundred are
    lost and held back, and each takes so many milliseconds (`tests.network.cable`); nothing of it
    afterwards."""
    with _namespaces() as namespace:
        middle = namespace("middle")
        ends = [Home(each, each, number) for number in (2, 3) if (each := namespace(f"{number}"))]
        program, numbers = str(Path(__file__).with_name("cable.py")), (lost, held, takes)
        with middle.running("-S", program, "end-2", "end-3", *map(str, numbers)):
            for home in ends:
                middle.ip(f"link set end-{home.number} netns {home.computer.name}")
                home.computer.ip(
                    f"address add {home.outside}/24 dev end-{home.number}",
                    f"link set end-{home.number} up",
                )
            yield Homes(middle, *ends)


def _home(
    public: Namespace, namespace: Callable[[str], Namespace], number: int, ports: str
) -> Home:
    home = Home(namespace(f"computer-{number}"), namespace(f"router-{number}"), number)
    home.router.ip(
        f"link add out type veth peer name home-{number} netns {public.name}",
        f"address add {home.outside}/24 dev out",
        "link set out up",
        "link add home type bridge",
        f"address add {home.inside(1)}/24 dev home",
        "link set home up",
    )
    public.ip(f"link set home-{number} master street", f"link set home-{number} up")
    _run([*home.router.within, "tee", "/proc/sys/net/ipv4/ip_forward"], "1")
    home.router.nft(_ROUTER.replace("PORTS", ports))
    home.plug_in(home.computer, 2)
    return home


@contextmanager
def _namespaces() -> Iterator[Callable[[str], Namespace]]:
    """Makes namespaces by name; all are deleted at the end of the block."""
    _sweep()
    number = next(_NUMBERS)
    made: list[Namespace] = []

    def make(what: str) -> Namespace:
        space = Namespace(f"{_PREFIX}-{os.getpid()}-{number}-{what}")
        _run(["ip", "netns", "add", space.name])
        made.append(space)
        space.ip("link set lo up")
        return space

    try:
        yield make
    finally:
        for space in made:
            _run(["ip", "netns", "delete", space.name])


def _sweep() -> None:
    """Remove what tests left behind whose process is no more."""
    for left in Path("/run/netns").glob(f"{_PREFIX}-*"):
        owner = left.name.removeprefix(_PREFIX + "-").partition("-")[0]
        if not Path("/proc", owner).exists():
            subprocess.run(["ip", "netns", "delete", left.name], check=False, capture_output=True)


def _run(command: Sequence[str], said: str = "") -> None:
    subprocess.run(command, input=said, text=True, check=True, capture_output=True)
