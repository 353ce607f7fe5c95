# pragma version 0.4.3
"""
@title Signatures of people and of contract wallets
@license Apache-2.0
@dev ECDSA first, which is also right for an account with delegated code (EIP-7702); then the
     account's own code is asked (ERC-1271), by a static call of which at most one word comes back.
     That code may burn the gas of whoever sends the transaction; it can change nothing.
     Its answer counts for now only: it may be another one later.
"""

import ecdsa

MAX_SIGNATURE: constant(uint256) = 1024
MAGIC: constant(bytes4) = 0x1626ba7e  # isValidSignature(bytes32,bytes)


@internal
@view
def signed(account: address, digest: bytes32, signature: Bytes[MAX_SIGNATURE]) -> bool:
    """
    @param account Whose signature it should be; not zero
    @param signature r ‖ s ‖ v, or whatever the account's code takes
    """
    if len(signature) == 65 and ecdsa.signer(digest, slice(signature, 0, 65)) == account:
        return True
    if not account.is_contract:
        return False
    success: bool = False
    answer: Bytes[32] = b""
    success, answer = raw_call(
        account,
        abi_encode(digest, signature, method_id=MAGIC),
        max_outsize=32,
        is_static_call=True,
        revert_on_failure=False,
    )
    return success and len(answer) == 32 and convert(answer, bytes32) == convert(MAGIC, bytes32)
