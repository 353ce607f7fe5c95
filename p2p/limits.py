"""Every bound on what a peer may send, hold open or keep us waiting for, in one place.

Sizes are bytes, times are seconds. A peer that exceeds one loses the stream or the connection; it
never makes us hold more memory than the sums named here.
"""

from typing import Final

# Messages (PROTOCOL §4). A whole negotiation step fits easily: the largest parts are the terms and
# the review, both documents a person reads.
MESSAGE_BYTES: Final = 64 * 1024
TEXT_BYTES: Final = 4096
DOCUMENT_DEPTH: Final = 16  # terms are ODRL, about six deep; bounds recursion on foreign JSON
BINDING_BYTES: Final = 4096  # an encoded PeerBinding is about 500
HELLO_BYTES: Final = 2 * BINDING_BYTES + 64  # a stranger's JSON: no longer than its binding in hex
ROUNDS: Final = 1000  # counters of one negotiation

# Frames on a delivery stream. One chunk with its index is the largest.
CHUNK_BYTES: Final = 1024 * 1024
LEAVES_BYTES: Final = 1024 * 1024  # leaf hashes travel in blocks of 32,768
FRAME_BYTES: Final = CHUNK_BYTES + 16
MANIFEST_BYTES: Final = 16 * 1024 * 1024
OPENING_RECORDS: Final = -(-(4 + MANIFEST_BYTES) // 4064)  # records that hold the largest manifest
PATH_HASHES: Final = 32  # a tree of 2^32 records is 32 high
RECORDS: Final = 2**32
SAMPLE_RECORDS: Final = 256  # in one sample: 1.3 MB with the longest paths

# Delivery's own credit: chunks sent and not yet written to the buyer's disk. 16 MiB keep a link of
# 1 Gbit/s with 100 ms round trip busy and bound what a slow disk makes either side hold.
CHUNKS_UNACKNOWLEDGED: Final = 16
CHUNKS_TOGETHER: Final = 6  # named, or acknowledged: a loop turns as often as for one; two such fit

# Direct connections ("lines") of a delivery.
OFFER_BYTES: Final = 8192  # JSON between chunks: a secret, ADDRESSES multiaddrs
LINE_SECONDS: Final = 5.0  # to dial and be answered; meanwhile the session carries the chunks
LINE_WAIT_SECONDS: Final = 2.0  # the first chunk waits for the line
LINE_SILENCE_SECONDS: Final = 15.0  # no byte of an announced chunk: the session carries on
LINE_AGAIN_CHUNKS: Final = 64  # at least so many between two lines of one delivery

PROGRESS_SECONDS: Final = 0.05  # at most 20 progress calls a second

# Connections. Two people need one; a second appears when both dial at the same moment.
CONNECTIONS: Final = 128
CONNECTIONS_PER_PEER: Final = 4
CONNECTIONS_PER_ADDRESS: Final = 16  # a strange host cannot occupy all places
HANDSHAKES: Final = 32  # inbound connections that have not proved a peer id yet
HANDSHAKES_BURST: Final = 64  # of one address at once; each costs some milliseconds
HANDSHAKES_PER_SECOND: Final = 1.0  # of one address after that
FAILED_HANDSHAKES: Final = 1.0  # what one that came to nothing counts besides
FAULT_HANDSHAKES: Final = 16  # what a broken protocol counts as for the address it came from
FAULT_SECONDS: Final = 60.0  # an address is never kept out longer: honest people may share it
REFUSED: Final = 64  # turned away and not told yet: whoever waits for it does not come again
REFUSED_SECONDS: Final = 1.0  # until they are told
HURRIED_SECONDS: Final = 0.002  # after telling one beyond these at once: at most 500 a second are
ADDRESSES: Final = 8  # dialled for one peer
STREAMS_PER_CONNECTION: Final = 16  # opened by the other side, at the same time
STREAMS_ALWAYS: Final = 4  # of these; honest peers have one to talk and one for each delivery
STREAMS_MORE: Final = 256  # above that, of all connections together
HANDSHAKE_BYTES: Final = 16 * 1024  # before Noise has finished; the real exchange is about 1 KiB
NEGOTIATION_BYTES: Final = 1024  # multistream-select on one stream
PING_BYTES: Final = 32  # of /ipfs/ping/1.0.0

# Yamux. The window the specification starts with; the buyer of a delivery opens its own wider.
WINDOW_BYTES: Final = 256 * 1024
DELIVERY_WINDOW_BYTES: Final = 16 * 1024 * 1024  # as many bytes as may be unacknowledged
UNREAD_BYTES: Final = 32 * 1024 * 1024  # in streams others opened, of all connections together
WIDE_WINDOWS_BYTES: Final = 96 * 1024 * 1024  # that windows are wider by, all together
NOISE_BYTES: Final = 65519  # one message of Noise holds
YAMUX_HEADER_BYTES: Final = 12
YAMUX_FRAME_BYTES: Final = 6 * NOISE_BYTES - YAMUX_HEADER_BYTES  # a chunk: two full ones and a rest
CONTROL_FRAMES: Final = 256  # answers (pings, resets) owed to a peer that does not read them
FRAME_COST_BYTES: Final = 512  # what the handling of any frame counts as, however short it is
BULK_BYTES: Final = 4096  # data of this size in one frame pays for itself: credit bounds it
UNASKED_BURST_BYTES: Final = 256 * 1024  # 512 frames that neither answer nor carry anything
UNASKED_PER_SECOND: Final = 8 * 1024  # after that: 16 frames, and one for each that we send
ASKED_BURST_BYTES: Final = 8 * 1024 * 1024  # of streams we opened; bytes for streams that are over
ASKED_PER_SECOND: Final = 2 * 1024 * 1024
OPENINGS_BURST: Final = 64  # streams the other side opens at once; each is a negotiation
OPENINGS_PER_SECOND: Final = 2.0
PINGS_BURST: Final = 10  # of /ipfs/ping/1.0.0 on one stream
PINGS_PER_SECOND: Final = 1.0

# Relays (circuit relay v2). Both sides of a circuit keep to these; an operator sets what a relay
# gives away in `p2p.relay.Bounds` and `p2p.kept_store.Keeping`.
RELAYS: Final = 4  # a host keeps places at; its profile has room for their addresses and its own
CIRCUIT_MESSAGE_BYTES: Final = 4096  # of the hop and stop protocols; a real one is about 200
CIRCUIT_LEAST_BYTES: Final = 4_000_000  # a relay that carries less would never deliver a part
CIRCUIT_WINDOW_BYTES: Final = 1024 * 1024  # of one circuit under way, each way
CIRCUIT_IDLE_SECONDS: Final = 60.0  # the two ends ping each other more often
RESERVATION_SECONDS: Final = 3600  # a place is for, until it is asked for again
RESERVATION_LEAST_SECONDS: Final = 60  # whatever a relay says: no more than two requests a minute
RELAY_AGAIN_SECONDS: Final = 2.0  # a relay that failed is asked again; twice as long each time
RELAY_LONGEST_SECONDS: Final = 120.0
RENDEZVOUS_BYTES: Final = 4096  # of a message; a record of eight addresses is about 1 KiB
RENDEZVOUS_SECONDS: Final = 7200  # a record is kept, unless its peer tells another before
RENDEZVOUS_AGAIN_SECONDS: Final = 60.0  # at the least, between two times of telling the same
KEPT_UNANSWERED: Final = 4  # blocks of a parcel sent to a relay and not yet on its disk
DIRECT_FIRST_SECONDS: Final = 3.0  # direct addresses are tried alone for so long
SHORTCUTS: Final = 8  # times that one delivery through a relay dials what has become known
OWN_ADDRESSES_SECONDS: Final = 5.0  # this computer may be in another network: looked at so often

# Hole punching. Nothing waits for it: a delivery goes on through the relay meanwhile.
HOLE_MESSAGE_BYTES: Final = 4096  # as the protocol says
HOLE_ADDRESSES: Final = 4  # told, and dialled
HOLE_OBSERVE_SECONDS: Final = 5.0  # a relay has to say where it sees us
HOLE_DIAL_SECONDS: Final = 2.0  # to dial as usual before
HOLE_ROUND_TRIP_SECONDS: Final = 2.0  # half of what is believed of a round trip
HOLE_SECONDS: Final = 8.0  # for both to dial: the first packet is sent again after 1, 3, 7 s
HOLE_AGAIN_SECONDS: Final = 0.5  # after a router has refused
IDENTIFY_BYTES: Final = 16 * 1024  # of other implementations' relays, with their addresses

# Ports that routers open.
ROUTER_SECONDS: Final = 20.0  # to find one and have its answer; to have it close the port
ROUTER_LEASE_SECONDS: Final = 3600  # asked for; renewed at half of what is given
ROUTER_LEAST_SECONDS: Final = 30.0  # between two questions, whatever is given
ROUTER_AGAIN_SECONDS: Final = 600.0  # after no router opened the port

# Time. A frozen peer answers no ping; a slow one does, so work on its disk may take long.
HANDSHAKE_SECONDS: Final = 10.0
DIAL_SECONDS: Final = 10.0
HELLO_SECONDS: Final = 15.0
PING_SECONDS: Final = 10.0
SILENCE_SECONDS: Final = 25.0  # nothing heard, two pings unanswered: the peer is gone
IDLE_SECONDS: Final = 60.0  # a stream on which the other side should be sending
CHUNK_SECONDS: Final = 300.0  # to take one chunk in, on a thin or limited line
WORK_SECONDS: Final = 1800.0  # the other side hashes or reads a large dataset

# Talk. Backpressure, not refusal: a message above the rate waits for its answer.
TALK_BURST: Final = 100
TALK_PER_SECOND: Final = 10.0
PARTING_BYTES: Final = (
    4096  # under way when an exchange ends: acknowledgements of 9 bytes, 16 at most
)
TALK_BYTES: Final = 8192  # a longer message counts as several: reading JSON is what costs
PEERS_REMEMBERED: Final = 1024  # whose pace is known
REASON_BYTES: Final = 512

# Neighbours found on the local network.
NEIGHBOURS: Final = 256
