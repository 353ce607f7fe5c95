"""What is signed and recorded: agreements, keys, contracts, and the chains that keep them."""

import sys

import py_ecc  # noqa: F401

# py_ecc, which web3, eth_account and eth_keyfile bring in, lets Python recurse 100,000 deep. From
# then on a stranger's deeply nested JSON would not be a RecursionError but overflow the C stack and
# kill the process. It does so when first imported: so it is imported here, before them all, and
# Python's own limit put back.
sys.setrecursionlimit(1000)
