"""One network's endpoints as one: which answers count, and the blocks and storage they are about.

An answer counts if a strict majority of the configured endpoints gives it (`chain.quorum`), and
what is read "now" is read at the newest block that a majority has. One endpoint has to be believed.
All methods block and are safe to use from several threads.
"""

from collections.abc import Callable, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any, TypeVar

from chain import answers
from chain.address import Address
from chain.answers import Block, Declined, RpcError
from chain.errors import Refused, Unreachable, WrongNetwork
from chain.network import Network
from chain.quorum import NoQuorum, Quorum

if TYPE_CHECKING:
    from chain.endpoint import Endpoint
    from chain.proofs import Header

DEEPEST_FORK = 64
"""Blocks below the newest one in which endpoints on different forks look for one in common."""

_EXECUTING = ("eth_call", "eth_estimateGas")

T = TypeVar("T")


class Asking:
    """The endpoints of a network, and what they agree on."""

    def __init__(self, network: Network, timeout: float = 10.0) -> None:
        """`timeout`: seconds an endpoint may be silent before it counts as unreachable."""
        from chain.endpoint import Endpoint

        self.network = network
        self._endpoints = [Endpoint(url, timeout) for url in network.rpc_urls]
        self._quorum = Quorum(self._endpoints)
        self._verified: set[Endpoint] = set()
        self.proves: bool | None = None
        """Whether an endpoint could prove what it says of storage, the last time it mattered."""

    @property
    def needed(self) -> int:
        """How many of the endpoints have to say the same."""
        return self._quorum.needed

    def close(self) -> None:
        """Close all connections; the gateway can still be used."""
        for endpoint in self._endpoints:
            endpoint.close()

    def head(self) -> Block:
        """The newest block. Its time is the clock that deadlines go by."""
        return self.newest().block

    def newest(self) -> "Header":
        """The newest block that a majority has. NoQuorum while they are on different forks."""
        from chain import proofs

        if self._quorum.size == 1:
            return self._ask(proofs.header, "eth_getBlockByNumber", "latest", False)
        heads: dict[Endpoint, Header] = {}

        def height(endpoint: "Endpoint") -> int:
            head = self._answer(proofs.header, "eth_getBlockByNumber", "latest", False, of=endpoint)
            heads[endpoint] = head
            return head.number

        reached = self._quorum.common_height(height)
        for head in heads.values():
            if list(heads.values()).count(head) >= self._quorum.needed and head.number == reached:
                return head
        below = (0, *(1 << power for power in range(DEEPEST_FORK.bit_length())))
        for number in (reached - depth for depth in below if depth <= reached):
            try:
                header = self.header(number)
            except NoQuorum:
                continue
            if header is not None:
                return header
        raise NoQuorum("The network's endpoints are on different chains; it will be tried again.")

    def final(self) -> "Header":
        """The newest block with the network's confirmations on top; the first one, if the chain is
        shorter."""
        number = max(self.newest().number - self.network.confirmations, 0)
        header = self.header(number)
        if header is None:
            raise Unreachable("The endpoint has a final block no more. It will be tried again.")
        return header

    def block(self, number: int) -> Block | None:
        """The block at this height now; None if the chain is not that long."""
        header = self.header(number)
        return None if header is None else header.block

    def header(self, number: int) -> "Header | None":
        """As `block`, with what proofs need."""
        from chain import proofs

        def read(value: object) -> "Header | None":
            if value is None:
                return None
            header = proofs.header(value)
            if header.number != number:
                raise ValueError("another block than asked for")
            return header

        return self._ask(read, "eth_getBlockByNumber", hex(number), False)

    def storage(self, account: Address, slots: Sequence[int], at: "Header") -> tuple[int, ...]:
        """The values of a contract's storage slots at the end of a block, at most 16 at once.

        With several endpoints each value is proven against the block's state root, on which they
        agree; where none of them can prove it, a majority has to say the same.
        """
        from chain import proofs

        keys = [f"0x{slot:064x}" for slot in slots]
        if self._quorum.size > 1:
            read = partial(proofs.storage, state_root=at.state_root, address=account, slots=slots)
            try:
                values = self._quorum.any_of(
                    lambda endpoint: self._answer(
                        read, "eth_getProof", account, keys, hex(at.number), of=endpoint
                    )
                )
            except (Unreachable, WrongNetwork):
                self.proves = False
            else:
                self.proves = True
                return values
        return tuple(
            self._number(2**256 - 1, "eth_getStorageAt", account, key, hex(at.number))
            for key in keys
        )

    # Inside

    def _number(self, most: int, method: str, *params: Any) -> int:
        return self._ask(lambda value: answers.number(value, most), method, *params)

    def _octets(self, longest: int, method: str, *params: Any) -> bytes:
        return self._ask(lambda value: answers.octets(value, longest), method, *params)

    def _middle(self, most: int, method: str, *params: Any) -> int:
        """As `_number`, of what honest endpoints may differ on: waiting transactions, fees."""

        def read(value: object) -> int:
            return answers.number(value, most)

        return self._quorum.middle(
            lambda endpoint: self._answer(read, method, *params, of=endpoint)
        )

    def _now(self) -> str:
        """Where to read what is so now: several endpoints need not have the same newest block."""
        return "latest" if self._quorum.size == 1 else hex(self.newest().number)

    def _ask(self, read: Callable[[object], T], method: str, *params: Any) -> T:
        """What a majority of the endpoints answers. `read` checks; ValueError is no use."""
        return self._quorum.agreed(
            lambda endpoint: self._answer(read, method, *params, of=endpoint)
        )

    def _answer(self, read: Callable[[object], T], method: str, *params: Any, of: "Endpoint") -> T:
        """One endpoint's answer, checked; a chain error if there is none."""
        try:
            self._verify(of)
            return read(of.ask(method, *params))
        except RpcError as error:
            self._verified.discard(of)
            if method in _EXECUTING and (reason := answers.revert_reason(error)) is not None:
                raise Refused(reason or "the contract gives no reason") from None
            raise Declined(f"{of.host} declined: {error.message}.") from None
        except ValueError as error:
            self._verified.discard(of)
            raise Unreachable(f"{of.host} answered nonsense: {error}.") from None
        except (Unreachable, WrongNetwork):
            self._verified.discard(of)
            raise

    def _verify(self, endpoint: "Endpoint") -> None:
        """Endpoints are on the network's chain, asked again after each failure."""
        if endpoint in self._verified:
            return
        try:
            chain_id = answers.number(endpoint.ask("eth_chainId"))
        except (ValueError, RpcError):
            raise Unreachable(f"{endpoint.host} does not say which chain it is on.") from None
        if chain_id != self.network.chain_id:
            raise WrongNetwork(f"chain {self.network.chain_id}", f"chain {chain_id}")
        self._verified.add(endpoint)
