"""Everything we ask of and tell to a chain: nonces, fees, receipts, logs, classified errors.

Every answer is checked for type and size before anyone sees it. What an endpoint may have got
wrong is `Unreachable`; what the chain says about a transaction is `Refused`, in the contract's own
words. An endpoint's answers count only after it has named the network's chain. Where a network has
several endpoints, an answer counts if a strict majority of them gives it (`chain.quorum`), and what
is read "now" is read at the newest block that a majority has. One endpoint has to be believed.

Values in wei, times in unix seconds. All methods block and are safe to use from several threads:
call them from worker threads. `web3` is imported by the first gateway, not by this module.
"""

import re
from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal
from typing import TYPE_CHECKING

from eth_hash.auto import keccak

from chain import abi, answers
from chain.address import ZERO_ADDRESS, Address
from chain.answers import Block, Declined, RawLog, RpcError, TxReceipt
from chain.asking import Asking
from chain.errors import ChainError, Refused, Unreachable, WrongNetwork
from chain.quorum import NoQuorum
from chain.transactions import Call, Fees, SignedTx, account_of, raised, sign_transaction

if TYPE_CHECKING:
    from chain.endpoint import Endpoint

__all__ = ["Block", "Call", "Gateway", "RawLog", "SignedTx", "TxReceipt"]

GAS_MARGIN_PERCENT = 20
MAX_GAS = 2**32
MAX_CODE_BYTES = 64 * 1024
MAX_RETURN_BYTES = 64 * 1024
FALLBACK_TIP_WEI = 10**9
"""One gwei, for chains that do not suggest a tip."""
MAX_FEE_WEI = 10**15
"""Wei per gas that no chain asks for: an endpoint that does would burn the user's money."""

_KNOWN = re.compile(r"already (known|imported|exists)|known transaction|same hash was", re.I)
_REFUSALS = (
    (re.compile(r"nonce.*too low|old ?nonce|nonce.*used", re.I),
     "another transaction of this account has taken its place"),
    (re.compile(r"insufficient|not enough", re.I),
     "the account cannot pay for it"),
    (re.compile(r"underpriced|less than block base|fee too low|below base", re.I),
     "its fee is too low now; raise it"),
    (re.compile(r"intrinsic gas|gas limit|gas too|exceeds.*gas", re.I),
     "its gas does not fit"),
    (re.compile(r"invalid (sender|signature|chain)|chain ?id", re.I),
     "it is not signed for this chain"),
)  # fmt: skip
"""What nodes say in their own words about a transaction that can never be mined as it is."""


class Gateway(Asking):
    """One network's endpoints as one chain."""

    def check(self) -> None:
        """Is this the network we were told about?

        WrongNetwork: another chain, no contract at an address, or two that do not belong together.
        Unreachable: no endpoint answers.
        """
        network = self.network
        for name, place in (("registry", network.registry), ("exchange", network.exchange)):
            if not self.code(place):
                raise WrongNetwork(f"Lading's {name} at {place}", "no contract there")
        exchange = abi.interface("Exchange")
        found = {
            name: self.call(network.exchange, exchange.calldata(name))
            for name in ("registry", "min_reveal_within", "min_window")
        }
        expected = {
            "registry": abi.encode(("address",), (network.registry,)),
            "min_reveal_within": abi.encode(("uint256",), (network.min_reveal_within,)),
            "min_window": abi.encode(("uint256",), (network.min_window,)),
        }
        if found != expected:
            wrong = ", ".join(name for name in expected if found[name] != expected[name])
            raise WrongNetwork(
                f"Lading's exchange at {network.exchange}", f"another contract there ({wrong})"
            )

    # Reading

    def logs(
        self,
        from_block: int,
        to_block: int,
        addresses: Sequence[Address],
        topics: Sequence[bytes | None] = (),
    ) -> list[RawLog]:
        """The contracts' events in a range of blocks, both ends included, in the chain's order.

        `topics`: only events whose first topics are these; None stands for any. A range that an
        endpoint finds too large is asked for in halves.
        """
        known = {address.lower(): address for address in addresses}
        question = {
            "fromBlock": hex(from_block),
            "toBlock": hex(to_block),
            "address": list(addresses),
            "topics": [None if topic is None else answers.hex_text(topic) for topic in topics],
        }

        def read(value: object) -> tuple[RawLog, ...]:
            logs = answers.logs(value, from_block, to_block, known)
            for log in logs:
                if len(log.topics) < len(topics) or any(
                    wanted not in (None, found)
                    for wanted, found in zip(topics, log.topics, strict=False)
                ):
                    raise ValueError("an event that was not asked for")
            return tuple(logs)

        def timeless(value: object) -> tuple[RawLog, ...]:
            return tuple(replace(log, block_time=None) for log in read(value))

        try:
            try:
                return list(self._ask(read, "eth_getLogs", question))
            except NoQuorum:  # not all endpoints tell a block's time with its logs
                return list(self._ask(timeless, "eth_getLogs", question))
        except Declined:
            if from_block >= to_block:
                raise
        middle = (from_block + to_block) // 2
        earlier = self.logs(from_block, middle, addresses, topics)
        return earlier + self.logs(middle + 1, to_block, addresses, topics)

    def receipt(self, tx_hash: bytes) -> TxReceipt | None:
        """The receipt of a transaction that is in the chain now; None if it is not, or no more."""

        def read(value: object) -> TxReceipt | None:
            receipt = None if value is None else answers.receipt(value)
            if receipt is not None and receipt.hash != tx_hash:
                raise ValueError("the receipt of another transaction")
            return receipt

        receipt = self._ask(read, "eth_getTransactionReceipt", answers.hex_text(tx_hash))
        if receipt is None:
            return None
        # Some nodes still serve receipts of blocks that a reorganisation has replaced.
        block = self.block(receipt.block_number)
        return receipt if block is not None and block.hash == receipt.block_hash else None

    def calldata(self, tx_hash: bytes) -> bytes | None:
        """What a transaction in the chain called its receiver with, at most 64 KiB; None if there
        is no such transaction."""

        def read(value: object) -> bytes | None:
            if value is None:
                return None
            if not isinstance(value, dict) or answers.word(value.get("hash")) != tx_hash:
                raise ValueError("another transaction than asked for")
            return answers.octets(value.get("input"), MAX_RETURN_BYTES)

        return self._ask(read, "eth_getTransactionByHash", answers.hex_text(tx_hash))

    def code(self, account: Address, block: int | None = None) -> bytes:
        """The contract's code now, or at the end of an earlier block; empty if there is none."""
        when = self._now() if block is None else hex(block)
        return self._octets(MAX_CODE_BYTES, "eth_getCode", account, when)

    def call(self, to: Address, data: bytes) -> bytes:
        """What a contract answers, at most 64 KiB; empty if there is no contract. Refused if it
        reverts."""
        question = {"to": to, "data": answers.hex_text(data)}
        return self._octets(MAX_RETURN_BYTES, "eth_call", question, self._now())

    def pending_nonce(self, account: Address) -> int:
        """The number of the account's next transaction, those waiting at the endpoint included."""
        return self._middle(2**63, "eth_getTransactionCount", account, "pending")

    def mined_nonce(self, account: Address) -> int:
        """How many transactions of the account are in the chain: a lower number is used up."""
        return self._number(2**63, "eth_getTransactionCount", account, self._now())

    def native_balance(self, account: Address) -> int:
        """The account's wei."""
        return self._number(2**256 - 1, "eth_getBalance", account, self._now())

    def token_balance(self, token: Address, account: Address) -> int:
        """The account's smallest units of a token; token zero is the chain's own coin."""
        if token == ZERO_ADDRESS:
            return self.native_balance(account)
        return self._token_number(token, "balanceOf", account)

    def allowance(self, token: Address, owner: Address, spender: Address) -> int:
        """What `spender` may take of the owner's tokens, in smallest units."""
        return self._token_number(token, "allowance", owner, spender)

    def permit_nonce(self, token: Address, owner: Address) -> int:
        """The number that the owner's next EIP-2612 permit must carry."""
        return self._token_number(token, "nonces", owner)

    def permit_separator(self, token: Address) -> bytes:
        """The token's EIP-712 domain separator, which its permits are signed under."""
        answer = self.call(token, abi.interface("PracticeDollar").calldata("DOMAIN_SEPARATOR"))
        return _word(answer, token)

    def fee_wei(self, gas: int) -> int:
        """The most that this much gas can cost if sent now."""
        return gas * self._fees().max_fee_wei

    def estimate(self, call: Call, sender: Address) -> int:
        """Gas the call takes after everything that waits to be mined, without margin.

        Refused with the contract's reason if it would revert.
        """
        question = {
            "from": sender,
            "to": call.to,
            "data": answers.hex_text(call.data),
            "value": hex(call.value),
        }
        return self._middle(MAX_GAS, "eth_estimateGas", question, "pending")

    # Sending

    def sign(self, call: Call, key: bytes, nonce: int) -> SignedTx:
        """Sign a transaction with 20 % more gas than it takes now, at present fees.

        Refused if it would revert, or if the account cannot pay for it.
        """
        gas = self.estimate(call, account_of(key)) * (100 + GAS_MARGIN_PERCENT) // 100
        return self._affordable(call, nonce, gas, self._fees(), key)

    def bump(self, call: Call, previous: SignedTx, key: bytes) -> SignedTx:
        """The same transaction for at least 12.5 % more, which replaces one that waits too long.

        Refused if the account cannot pay for it.
        """
        fees = raised(self._fees(), previous)
        return self._affordable(call, previous.nonce, previous.gas, fees, key)

    def broadcast(self, raw: bytes) -> None:
        """Give a signed transaction to all endpoints; fine if one takes it or knows it already.

        Refused if one refuses it and none takes it: the reason says whether the same again can
        succeed. Unreachable if none answers.
        """
        outcomes: list[ChainError] = []
        for endpoint in self._endpoints:
            try:
                self._verify(endpoint)
                endpoint.ask("eth_sendRawTransaction", answers.hex_text(raw))
            except RpcError as error:
                if not _KNOWN.search(error.message):
                    outcomes.append(_refusal(endpoint, error))
            except (Unreachable, WrongNetwork) as error:
                outcomes.append(error)
        if len(outcomes) < len(self._endpoints):
            return
        refusals = [outcome for outcome in outcomes if isinstance(outcome, Refused)]
        if not refusals:
            raise outcomes[0]
        if self.receipt(keccak(raw)) is None:  # mined already: its number is taken by itself
            raise refusals[0]

    # Inside

    def _affordable(self, call: Call, nonce: int, gas: int, fees: Fees, key: bytes) -> SignedTx:
        if fees.max_fee_wei > MAX_FEE_WEI:
            raise Unreachable("The endpoints ask for an impossible fee; nothing was sent.")
        needed = call.value + gas * fees.max_fee_wei
        balance = self.native_balance(account_of(key))
        if balance < needed:
            raise Refused(
                f"not enough {self.network.fee_symbol}: this can take up to {_coins(needed)}, "
                f"and the account has {_coins(balance)}"
            )
        return sign_transaction(self.network.chain_id, call, nonce, gas, fees, key)

    def _fees(self) -> Fees:
        """Twice the base fee and the suggested tip: good for six full blocks in a row; nothing
        where the network says that recording is free."""
        if self.network.free_gas:
            return Fees(0, 0)
        base_fee = self._ask(answers.base_fee_wei, "eth_getBlockByNumber", self._now(), False)
        if base_fee is None:
            price = self._middle(2**128, "eth_gasPrice")
            return Fees(price, price, dynamic=False)
        try:
            tip = self._middle(2**128, "eth_maxPriorityFeePerGas")
        except Unreachable:
            tip = FALLBACK_TIP_WEI
        return Fees(2 * base_fee + tip, tip)

    def _token_number(self, token: Address, function: str, *accounts: Address) -> int:
        # Our practice token's interface is ERC-20's and EIP-2612's.
        answer = self.call(token, abi.interface("PracticeDollar").calldata(function, *accounts))
        return int.from_bytes(_word(answer, token), "big")


def _refusal(endpoint: "Endpoint", error: RpcError) -> ChainError:
    """Whether the chain refuses a transaction, or only this endpoint will not take it now."""
    for pattern, reason in _REFUSALS:
        if pattern.search(error.message):
            return Refused(reason)
    return Declined(f"{endpoint.host} declined: {error.message}.")


def _word(answer: bytes, token: Address) -> bytes:
    if len(answer) != 32:
        raise Unreachable(f"There is no answer from a token at {token}. Check the network file.")
    return answer


def _coins(wei: int) -> str:
    """Wei as whole coins, rounded up, without needless zeros."""
    return f"{Decimal(-(-wei // 10**10)).scaleb(-8).normalize():f}"
