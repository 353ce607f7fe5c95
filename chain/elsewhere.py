"""A registry on another chain, which is read and never written to.

The registry has the same address on every chain (`chain.deploy`), so a name and endpoints are all
there is to know of one. What its chain says of times is that chain's word.
"""

from collections.abc import Sequence
from dataclasses import replace

from chain.address import Address
from chain.deploy import (
    CONFIRMATIONS,
    MIN_REVEAL_WITHIN,
    MIN_WINDOW,
    addresses,
    chain_id_at,
    first_block,
)
from chain.errors import WrongNetwork
from chain.gateway import Gateway
from chain.network import Network


def find_network(name: str, rpc_urls: Sequence[str], registry: Address) -> Network:
    """The network that all these endpoints are on, with the block its registry began in. Blocks.

    ValueError, in words, for a name or addresses that cannot be; Unreachable if an endpoint does
    not answer; WrongNetwork if they are on several chains or no registry is there.
    """
    network = Network(
        name=name,
        chain_id=1,
        rpc_urls=tuple(rpc_urls),
        registry=registry,
        exchange=addresses(practice=False)[1],  # not looked at
        tokens=(),
        confirmations=CONFIRMATIONS,
        practice=False,
        start_block=0,
        min_reveal_within=MIN_REVEAL_WITHIN,
        min_window=MIN_WINDOW,
        fee_symbol="ETH",
        free_gas=False,
    )
    first, *others = (chain_id_at(url) for url in rpc_urls)
    for other in others:
        if other != first:
            raise WrongNetwork(f"chain {first}", f"chain {other}")
    network = replace(network, chain_id=first)
    gateway = Gateway(network)
    try:
        check_registry(gateway)
        return replace(network, start_block=first_block(gateway, registry))
    finally:
        gateway.close()


def check_registry(gateway: Gateway) -> None:
    """WrongNetwork if there is another chain, or no registry on it."""
    registry = gateway.network.registry
    if not gateway.code(registry):
        raise WrongNetwork(f"Lading's registry at {registry}", "no contract there")
