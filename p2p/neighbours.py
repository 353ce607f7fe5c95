"""Addresses on the local network: where others can dial this host, and who is near.

Found by multicast DNS as libp2p does it (service ``_p2p._udp.local``, TXT ``dnsaddr=<multiaddr>``;
https://github.com/libp2p/specs/blob/master/discovery/mdns.md), with two differences that keep it
safe: only addresses a neighbour can really dial are told, and nothing found is dialled by itself.
A host that listens on loopback only neither tells nor looks.
"""

import ipaddress
import secrets
import socket
from collections.abc import Callable, Sequence
from typing import Final

import ifaddr
from zeroconf import IPVersion, ServiceBrowser, ServiceInfo, ServiceStateChange, Zeroconf

from p2p.carriers import Address, read_address
from p2p.limits import ADDRESSES, NEIGHBOURS

_SERVICE: Final = "_p2p._udp.local."
_DNSADDR: Final = "dnsaddr="
_NAME_MILLISECONDS: Final = 3000


def everywhere(port: int) -> tuple[str, ...]:
    """Where to listen to be reached on every interface, by IPv4 and, where there is any, IPv6."""
    both = [Address("0.0.0.0", port).multiaddr()]
    try:
        with socket.socket(socket.AF_INET6, socket.SOCK_STREAM) as probe:
            probe.bind(("::", 0))
        both.append(Address("::", port).multiaddr())
    except OSError:  # switched off
        pass
    return tuple(both)


def reachable(listening: Sequence[Address], peer_id: str) -> tuple[str, ...]:
    """Multiaddrs of a host that listens there: "every interface" becomes the address of each, or
    loopback where no interface has one."""
    found: dict[str, None] = {}
    alone: dict[str, None] = {}
    for address in listening:
        ip = ipaddress.ip_address(address.host.partition("%")[0])
        if not ip.is_unspecified:
            found[address.multiaddr(peer_id)] = None
            continue
        for host in _interfaces(ip.version):
            found[Address(host, address.port).multiaddr(peer_id)] = None
        loopback = "127.0.0.1" if ip.version == 4 else "::1"
        alone[Address(loopback, address.port).multiaddr(peer_id)] = None
    return tuple(found or alone)


def _interfaces(version: int) -> list[str]:
    """Addresses of this machine that others on its networks can dial."""
    found: list[str] = []
    for adapter in ifaddr.get_adapters():
        for own in adapter.ips:
            text = own.ip if isinstance(own.ip, str) else own.ip[0]
            ip = ipaddress.ip_address(text)
            if ip.version == version and not ip.is_loopback and not ip.is_link_local:
                found.append(text)
    return found


class Neighbours:
    """Tells the local network about a host and reports others, from ``open`` to ``close``.

    ``found(peer id, multiaddrs)`` is called from a thread of the library, for at most NEIGHBOURS
    peers.
    """

    def __init__(
        self,
        peer_id: str,
        addresses: Sequence[str],
        found: Callable[[str, tuple[str, ...]], None],
    ) -> None:
        self._peer_id = peer_id
        self._told = [text for text in addresses if _dialable(text)][:ADDRESSES]
        self._found = found
        self._seen: set[str] = set()
        self._zeroconf: Zeroconf | None = None

    def open(self) -> None:
        """Begin, if there is an address to tell. OSError if the network does not allow it."""
        if not self._told:
            return
        entries = [(_DNSADDR + text).encode() for text in self._told]
        first = read_address(self._told[0])
        name = secrets.token_hex(16)
        self._zeroconf = Zeroconf(ip_version=IPVersion.V4Only)
        self._zeroconf.register_service(
            ServiceInfo(
                _SERVICE,
                f"{name}.{_SERVICE}",
                port=first.port if first is not None else 0,
                properties=b"".join(bytes([len(entry)]) + entry for entry in entries),
                server=f"{name}.local.",
                parsed_addresses=[first.host] if first is not None else [],
            )
        )
        ServiceBrowser(self._zeroconf, _SERVICE, handlers=[self._changed])

    def close(self) -> None:
        """Withdraw what was told and stop."""
        if self._zeroconf is not None:
            self._zeroconf.close()
            self._zeroconf = None

    def _changed(
        self, zeroconf: Zeroconf, service_type: str, name: str, state_change: ServiceStateChange
    ) -> None:
        if state_change is not ServiceStateChange.Removed:
            info = zeroconf.get_service_info(service_type, name, timeout=_NAME_MILLISECONDS)
            if info is not None:
                self.read(info.text or b"")

    def read(self, text: bytes) -> None:
        """Take what a neighbour's TXT record says: any bytes; what is unusable is left out."""
        told: dict[str, list[str]] = {}
        at = 0
        while at < len(text):
            entry = text[at + 1 : at + 1 + text[at]].decode(errors="replace")
            at += 1 + text[at]
            address = entry.removeprefix(_DNSADDR)
            if address != entry and _dialable(address) and "/p2p/" in address:
                told.setdefault(address.rpartition("/")[2], []).append(address)
        for peer_id, addresses in list(told.items())[:1]:  # one record speaks for one peer
            known = peer_id in self._seen
            if peer_id != self._peer_id and (known or len(self._seen) < NEIGHBOURS):
                self._seen.add(peer_id)
                self._found(peer_id, tuple(addresses[:ADDRESSES]))


def _dialable(text: str) -> bool:
    """Whether a multiaddr is a real address on some network: not loopback, not "any"."""
    address = read_address(text)
    try:
        ip = ipaddress.ip_address(address.host) if address is not None else None
    except ValueError:  # a host name: nobody needs one on the local network
        return False
    return ip is not None and not (ip.is_loopback or ip.is_unspecified or ip.is_multicast)
