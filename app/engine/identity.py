"""The unlocked identity: what it signs and what only it can open."""

from __future__ import annotations

from nacl.exceptions import CryptoError
from nacl.secret import SecretBox

from chain import agreement
from chain.agreement import (
    Confirmation,
    Domain,
    Offer,
    PeerBinding,
    Receipt,
    SampleGrant,
    Subscription,
    SubscriptionEnd,
)
from chain.network import Network
from chain.wallet import Wallet

BINDING_SECONDS = 30 * 86_400


class Identity:
    """Signs for one wallet on one network; secrets stay inside."""

    def __init__(self, wallet: Wallet, network: Network) -> None:
        self.wallet = wallet
        self.address = wallet.address
        self.exchange = Domain(network.chain_id, network.exchange)
        self.registry = Domain(network.chain_id, network.registry)
        self._box = SecretBox(wallet.running_key)

    def sign(
        self,
        value: Offer | Receipt | Confirmation | SampleGrant | Subscription | SubscriptionEnd,
    ) -> bytes:
        """The 65-byte signature of a value whose contract is the exchange."""
        return agreement.sign(self.exchange, value, self.wallet.account_key)

    def binding(self, peer_id: str, now: int) -> bytes:
        """The signed statement that this identity is reached under ``peer_id`` (EIP-712)."""
        binding = PeerBinding(
            self.address, peer_id, self.wallet.seal_public, now - 300, now + BINDING_SECONDS
        )
        signature = agreement.sign(self.registry, binding, self.wallet.account_key)
        return agreement.encode_binding(binding, signature)

    def seal(self, secret: bytes) -> bytes:
        """``secret`` as it may lie in the journal; only this identity's running key opens it."""
        return bytes(self._box.encrypt(secret))

    def unseal(self, sealed: bytes) -> bytes:
        """ValueError if this identity did not seal it or the bytes are damaged."""
        try:
            return bytes(self._box.decrypt(sealed))
        except CryptoError as error:
            raise ValueError("a secret in the journal is damaged") from error
