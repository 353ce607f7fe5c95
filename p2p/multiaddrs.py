"""Addresses as bytes, and which of them anybody on the internet can dial.

The binary form of a TCP multiaddr with an IP address or a name; see
https://github.com/multiformats/multiaddr.
"""

import ipaddress
from typing import Final

from p2p.carriers import Address
from p2p.protobuf import varint

_IP4, _TCP, _IP6, _DNS = 0x04, 0x06, 0x29, 0x35  # multicodec numbers
_LENGTHS: Final = {_IP4: 4, _IP6: 16}
_PUBLIC6: Final = ipaddress.ip_network("2000::/3")  # what is given out (RFC 4291)
_HOLDING_IP4: Final = (  # 6to4 and NAT64 reach any IPv4 address, also private ones
    ipaddress.ip_network("2002::/16"),
    ipaddress.ip_network("64:ff9b::/96"),
)
_PRIVATE4: Final = tuple(
    ipaddress.ip_network(text)
    for text in (
        "0.0.0.0/8",
        "10.0.0.0/8",
        "100.64.0.0/10",  # behind a provider's router (RFC 6598)
        "127.0.0.0/8",
        "169.254.0.0/16",
        "172.16.0.0/12",
        "192.168.0.0/16",
        "224.0.0.0/3",  # multicast and never given out
    )
)


def encode(address: Address) -> bytes:
    """``/ip4/…/tcp/…``, ``/ip6/…/tcp/…`` or ``/dns/…/tcp/…`` in bytes."""
    try:
        ip = ipaddress.ip_address(address.host.partition("%")[0])
        host = varint(_IP4 if ip.version == 4 else _IP6) + ip.packed
    except ValueError:
        name = address.host.encode()
        host = varint(_DNS) + varint(len(name)) + name
    return host + varint(_TCP) + address.port.to_bytes(2, "big")


def decode(raw: bytes) -> Address | None:
    """An IP address and a TCP port, whatever follows them; None for anything else."""
    length = _LENGTHS.get(raw[0]) if raw else None
    if length is None or len(raw) < length + 4 or raw[1 + length] != _TCP:
        return None
    port = int.from_bytes(raw[length + 2 : length + 4], "big")
    return Address(str(ipaddress.ip_address(raw[1 : 1 + length])), port) if port else None


def is_public(address: Address) -> bool:
    """Whether it is an IP address that can be anybody's on the internet: no private network's, and
    none that leads into one."""
    try:
        ip = ipaddress.ip_address(address.host)
    except ValueError:
        return False
    if isinstance(ip, ipaddress.IPv6Address):
        return ip in _PUBLIC6 and not any(ip in network for network in _HOLDING_IP4)
    return not any(ip in network for network in _PRIVATE4)
