"""Put both contracts on a chain, at the same addresses whoever does it, wherever it is.

Deterministic deployment (EIP-1014) through the proxy that most chains already have at `PROXY`
(https://github.com/Arachnid/deterministic-deployment-proxy): an address follows from the contract's
code and constructor arguments alone. So deploying again changes nothing, and nobody can put other
code there. The practice network has shorter least periods and thus another exchange.
"""

import time
from collections.abc import Callable, Sequence
from dataclasses import replace

from eth_hash.auto import keccak

from chain import abi, answers
from chain.address import ZERO_ADDRESS, Address, address_bytes, address_text
from chain.errors import ChainError, Refused, Unreachable
from chain.gateway import Call, Gateway
from chain.network import Network, Token, check_url
from chain.transactions import account_of

PROXY: Address = "0x4e59b44847b379578588920cA78FbF26c0B4956C"
SALT = keccak(b"lading/1")
MIN_REVEAL_WITHIN = 3600
MIN_WINDOW = 24 * 3600
PRACTICE_MIN_SECONDS = 60
CONFIRMATIONS = 12
PRACTICE_CONFIRMATIONS = 2
MINED_WITHIN = 300.0
"""Seconds that a deployment's transactions may take."""

_POLL_SECONDS = 0.1
_PROXY_DEPLOYER: Address = "0x3fAB184622Dc19b6109349B94811493BF2a45362"
_PROXY_COST_WEI = 10**16
_PROXY_TRANSACTION = bytes.fromhex(
    "f8a58085174876e800830186a08080b853604580600e600039806000f350fe7fffffffffffffffffffffffffffffff"
    "ffffffffffffffffffffffffffffffffe03601600081602082378035828234f58015156039578182fd5b80825250"
    "50506014600cf31ba02222222222222222222222222222222222222222222222222222222222222222a022222222"
    "22222222222222222222222222222222222222222222222222222222"
)
"""Signed by a key that nobody has (Nick's method), for 100,000 gas at 100 gwei on any chain."""


def addresses(*, practice: bool) -> tuple[Address, Address]:
    """(registry, exchange) on every chain; the practice exchange differs from the real one."""
    codes = _creation_codes(practice=practice)
    return create2_address(codes[0]), create2_address(codes[1])


def create2_address(creation_code: bytes) -> Address:
    """Where the proxy puts a contract with this creation code (EIP-1014)."""
    hashed = keccak(b"\xff" + address_bytes(PROXY) + SALT + keccak(creation_code))
    return address_text(hashed[12:])


def deploy(
    rpc_url: str,
    key: bytes | None,
    name: str,
    *,
    practice: bool = False,
    tokens: Sequence[Token | Address] = (),
    confirmations: int | None = None,
    fee_symbol: str = "ETH",
    free_gas: bool = False,
) -> Network:
    """Deploy what is missing and describe the network for others, who import the description.

    `key` pays (32 bytes); None is enough where everything is deployed already. Tokens given by
    address are described as they describe themselves; the chain's own coin is always added, and on
    a practice network the practice dollar comes first. ValueError if ``rpc_url`` is none; Refused,
    with what to do, if the account cannot pay; Unreachable if the chain does not answer or does
    not mine in time.
    """
    check_url(rpc_url)
    registry, exchange = addresses(practice=practice)
    least = (PRACTICE_MIN_SECONDS,) * 2 if practice else (MIN_REVEAL_WITHIN, MIN_WINDOW)
    usual = PRACTICE_CONFIRMATIONS if practice else CONFIRMATIONS
    network = Network(
        name=name,
        chain_id=chain_id_at(rpc_url),
        rpc_urls=(rpc_url,),
        registry=registry,
        exchange=exchange,
        tokens=(),
        confirmations=usual if confirmations is None else confirmations,
        practice=practice,
        start_block=0,
        min_reveal_within=least[0],
        min_window=least[1],
        fee_symbol=fee_symbol,
        free_gas=free_gas,
    )
    gateway = Gateway(network)
    try:
        _deploy_missing(gateway, key, _creation_codes(practice=practice))
        gateway.check()
        listed = [_described(gateway, token) for token in tokens]
        if practice:
            dollar = create2_address(abi.interface("PracticeDollar").creation_code())
            listed.insert(0, describe_token(gateway, dollar))
        if all(token.address != ZERO_ADDRESS for token in listed):
            listed.append(Token(ZERO_ADDRESS, fee_symbol, fee_symbol, 18, permit=False))
        # The practice chain is short, keeps few old states, and is sometimes made anew.
        start_block = 0 if practice else first_block(gateway, registry)
        return replace(network, tokens=tuple(listed), start_block=start_block)
    finally:
        gateway.close()


def describe_token(gateway: Gateway, address: Address) -> Token:
    """A token in its own words. Refused if there is no ERC-20 token at the address."""
    token = abi.interface("PracticeDollar")

    def ask(question: str) -> bytes:
        return gateway.call(address, token.calldata(question))

    try:
        symbol, title = (abi.text(abi.blob(ask(each), 0, 256)) for each in ("symbol", "name"))
        decimals = abi.number(abi.word_at(ask("decimals"), 0), 0, 8)
        try:
            permit = len(ask("DOMAIN_SEPARATOR")) == 32
        except Refused:
            permit = False
        return Token(address, answers.plain(symbol), answers.plain(title), decimals, permit)
    except (ValueError, Refused):
        raise Refused(f"there is no ERC-20 token at {address}; check the address") from None


def _described(gateway: Gateway, token: Token | Address) -> Token:
    return token if isinstance(token, Token) else describe_token(gateway, token)


def _creation_codes(*, practice: bool) -> list[bytes]:
    registry = abi.interface("Registry").creation_code()
    least = (PRACTICE_MIN_SECONDS,) * 2 if practice else (MIN_REVEAL_WITHIN, MIN_WINDOW)
    exchange = abi.interface("Exchange").creation_code(create2_address(registry), *least)
    return [registry, exchange] + (
        [abi.interface("PracticeDollar").creation_code()] if practice else []
    )


def chain_id_at(rpc_url: str) -> int:
    from chain.endpoint import Endpoint

    endpoint = Endpoint(rpc_url)
    try:
        return answers.number(endpoint.ask("eth_chainId"), 2**53 - 1)
    except (ValueError, answers.RpcError):
        raise Unreachable(f"{endpoint.host} does not say which chain it is on.") from None
    finally:
        endpoint.close()


def _deploy_missing(gateway: Gateway, key: bytes | None, codes: Sequence[bytes]) -> None:
    missing = [code for code in codes if not gateway.code(create2_address(code))]
    if not missing:
        return
    if key is None:
        raise Refused("the contracts are not on this chain yet; deploying them needs an account")
    if not gateway.code(PROXY):
        _deploy_proxy(gateway, key)
    nonce = gateway.pending_nonce(account_of(key))
    sent: list[Address] = []
    for code in missing:
        call = Call(PROXY, SALT + code)
        try:
            transaction = gateway.sign(call, key, nonce + len(sent))
        except Refused:
            if not sent:
                raise
            # The exchange wants to see the registry, and not every node looks at what is pending.
            _wait_for_code(gateway, sent)
            transaction = gateway.sign(call, key, nonce + len(sent))
        gateway.broadcast(transaction.raw)
        sent.append(create2_address(code))
    _wait_for_code(gateway, sent)


def _deploy_proxy(gateway: Gateway, key: bytes) -> None:
    short = _PROXY_COST_WEI - gateway.native_balance(_PROXY_DEPLOYER)
    if short > 0:
        payment = Call(_PROXY_DEPLOYER, b"", short)
        nonce = gateway.pending_nonce(account_of(key))
        gateway.broadcast(gateway.sign(payment, key, nonce).raw)
        _wait(lambda: gateway.native_balance(_PROXY_DEPLOYER) >= _PROXY_COST_WEI)
    gateway.broadcast(_PROXY_TRANSACTION)
    _wait_for_code(gateway, [PROXY])


def _wait_for_code(gateway: Gateway, places: Sequence[Address]) -> None:
    _wait(lambda: all(gateway.code(place) for place in places))


def _wait(done: Callable[[], bool]) -> None:
    deadline = time.monotonic() + MINED_WITHIN
    while not done():
        if time.monotonic() > deadline:
            raise Unreachable(
                "The chain has not mined the deployment within five minutes. Deploy again later; "
                "what is there already will be used."
            )
        time.sleep(_POLL_SECONDS)


def first_block(gateway: Gateway, contract: Address) -> int:
    """The block that created the contract; 0 if the endpoint has forgotten states that old."""
    low, high = 0, gateway.head().number
    try:
        while low < high:
            middle = (low + high) // 2
            if gateway.code(contract, middle):
                high = middle
            else:
                low = middle + 1
    except ChainError:
        return 0
    return low
