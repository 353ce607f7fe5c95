"""Peers and bytes: what they say to each other, and how content is sealed, sent and checked."""

import sys

from p2p.deferred import Deferred

sys.meta_path.insert(0, Deferred())  # before the first of libp2p's modules
