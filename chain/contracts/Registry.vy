# pragma version 0.4.3
# pragma evm-version cancun
# pragma optimize gas
"""
@title Lading: registry of datasets
@license Apache-2.0
@notice Who registered which fingerprint when, what is listed, where people can be reached.
@dev Who can stop it: nobody. There is no owner, administrator, pause, fee or upgrade; a holder
     of a title decides about that title only. Everything here is public for ever: no personal
     data and no free text about persons belongs here.

     A registration is committed first and opened in a later block, and its time is the
     commitment's, so copying a pending transaction gains nothing. Content ids, lengths and
     listings are the registrant's statements: the contract checks only that records and length
     agree. It calls nobody, so it needs no lock against re-entrance. Words and rules: PROTOCOL
     section 3.
"""


# What is registered, but for the listing. `parent` names the dataset this is a new version of
# (zero: none).
struct Registration:
    content_id: bytes32
    root: bytes32
    records: uint64
    length: uint64
    salt_nonce: bytes32
    parent: bytes32


# What `dataset` answers. `committed_at` is unix seconds, never zero for a dataset that exists.
struct Dataset:
    title: address
    committed_at: uint64
    withdrawn: bool


event Committed:
    account: indexed(address)
    commitment: indexed(bytes32)


event Registered:
    dataset: indexed(bytes32)
    registrant: indexed(address)
    content_id: indexed(bytes32)
    committed_at: uint64
    root: bytes32
    records: uint64
    length: uint64
    salt_nonce: bytes32
    parent: bytes32
    listing: Bytes[MAX_LISTING]


event ListingUpdated:
    dataset: indexed(bytes32)
    title: indexed(address)
    listing: Bytes[MAX_LISTING]


event Withdrawn:
    dataset: indexed(bytes32)
    title: indexed(address)


event TitleTransferred:
    dataset: indexed(bytes32)
    sender: indexed(address)
    receiver: indexed(address)


event ProfileSet:
    account: indexed(address)
    name: String[MAX_NAME]
    peer_id: String[MAX_PEER_ID]
    seal_key: bytes32
    addresses: DynArray[String[MAX_ADDRESS], MAX_ADDRESSES]


event Wanted:
    want: indexed(bytes32)
    account: indexed(address)
    expires: uint64
    content: Bytes[MAX_WANT]


event Unwanted:
    want: indexed(bytes32)
    account: indexed(address)


PAYLOAD: constant(uint64) = 4064  # content bytes in a record
MAX_RECORDS: constant(uint64) = 2**32
OPEN_FOR: constant(uint256) = 86400  # seconds in which a commitment can be opened

MAX_LISTING: constant(uint256) = 8192
MAX_BATCH: constant(uint256) = 32
MAX_BATCH_LISTINGS: constant(uint256) = 16384  # bytes of all listings of a batch together
MAX_NAME: constant(uint256) = 64
MAX_PEER_ID: constant(uint256) = 128
MAX_ADDRESS: constant(uint256) = 256
MAX_ADDRESSES: constant(uint256) = 8
MAX_WANT: constant(uint256) = 4096

ADDRESS_MASK: constant(uint256) = 2**160 - 1
TIME_MASK: constant(uint256) = 2**40 - 1
WITHDRAWN: constant(uint256) = 2**200
BLOCK_MASK: constant(uint256) = 2**64 - 1

# dataset id -> title holder (160 bit) | time of the commitment (40) << 160 | withdrawn (1) << 200
_datasets: HashMap[bytes32, uint256]

# account -> commitment -> block time (64 bit) | block number (64) << 64; cleared when opened.
# Both, because some chains have several blocks in a second and on some block.number stands
# still over many blocks.
_commitments: HashMap[address, HashMap[bytes32, uint256]]


# --- registering ---


@external
def commit(commitment: bytes32):
    """
    @notice Fix the time of one registration, or of a batch, without showing what it is.
    @dev A commitment that can still be opened keeps its first time: sending it again changes
         nothing.
    @param commitment keccak256(abi.encode(chain id, registry, sender, keccak256(arguments), salt));
           arguments as in `register` and `register_many`, salt 32 random bytes
    """
    made: uint256 = self._commitments[msg.sender][commitment]
    if made != 0 and block.timestamp <= (made & BLOCK_MASK) + OPEN_FOR:
        return
    self._commitments[msg.sender][commitment] = block.timestamp | (block.number << 64)
    log Committed(account=msg.sender, commitment=commitment)


@external
def register(registration: Registration, listing: Bytes[MAX_LISTING], salt: bytes32):
    """
    @notice Open a commitment, in a later block and within 24 hours.
    @dev arguments = abi.encode(registration, keccak256(listing))
    @param registration The fingerprint and what belongs to it
    @param listing Compressed listing JSON, at most 8 KiB; may be empty
    @param salt The commitment's salt
    """
    arguments: bytes32 = keccak256(abi_encode(registration, keccak256(listing)))
    committed_at: uint256 = self._open(arguments, salt)
    dataset: bytes32 = self._keep(registration, committed_at)
    log Registered(
        dataset=dataset,
        registrant=msg.sender,
        content_id=registration.content_id,
        committed_at=convert(committed_at, uint64),
        root=registration.root,
        records=registration.records,
        length=registration.length,
        salt_nonce=registration.salt_nonce,
        parent=registration.parent,
        listing=listing,
    )


@external
def register_many(
    registrations: DynArray[Registration, MAX_BATCH],
    listing_sizes: DynArray[uint16, MAX_BATCH],
    listings: Bytes[MAX_BATCH_LISTINGS],
    salt: bytes32,
):
    """
    @notice Open one commitment that covers 1 to 32 registrations; all of them or none.
    @dev arguments = abi.encode(registrations, listing_sizes, keccak256(listings))
    @param registrations As in `register`
    @param listing_sizes Bytes of each registration's listing, each at most 8 KiB
    @param listings The listings one after another, at most 16 KiB, without rest
    @param salt The commitment's salt
    """
    assert len(registrations) > 0, "empty batch"
    assert len(registrations) == len(listing_sizes), "listing sizes"
    arguments: bytes32 = keccak256(abi_encode(registrations, listing_sizes, keccak256(listings)))
    committed_at: uint256 = self._open(arguments, salt)
    start: uint256 = 0
    for i: uint256 in range(len(registrations), bound=MAX_BATCH):
        size: uint256 = convert(listing_sizes[i], uint256)
        assert size <= MAX_LISTING and start + size <= len(listings), "listing sizes"
        registration: Registration = registrations[i]
        dataset: bytes32 = self._keep(registration, committed_at)
        log Registered(
            dataset=dataset,
            registrant=msg.sender,
            content_id=registration.content_id,
            committed_at=convert(committed_at, uint64),
            root=registration.root,
            records=registration.records,
            length=registration.length,
            salt_nonce=registration.salt_nonce,
            parent=registration.parent,
            listing=convert(slice(listings, start, size), Bytes[MAX_LISTING]),
        )
        start += size
    assert start == len(listings), "listing sizes"


@internal
def _open(arguments: bytes32, salt: bytes32) -> uint256:
    commitment: bytes32 = keccak256(abi_encode(chain.id, self, msg.sender, arguments, salt))
    made: uint256 = self._commitments[msg.sender][commitment]
    time: uint256 = made & BLOCK_MASK
    assert made != 0, "no such commitment"
    assert block.timestamp > time or block.number > (made >> 64), "commitment too young"
    assert block.timestamp <= time + OPEN_FOR, "commitment too old"
    self._commitments[msg.sender][commitment] = 0
    return time


@internal
def _keep(registration: Registration, committed_at: uint256) -> bytes32:
    """
    @dev The callers log, because a listing costs memory in each function that it passes through.
    @return The dataset's id
    """
    assert registration.records >= 1 and registration.records <= MAX_RECORDS, "records"
    assert registration.length <= registration.records * PAYLOAD, "length"
    assert registration.length > (registration.records - 1) * PAYLOAD, "length"
    dataset: bytes32 = keccak256(abi_encode(self, msg.sender, registration.root, registration.records))
    assert self._datasets[dataset] == 0, "already registered"
    self._datasets[dataset] = convert(msg.sender, uint256) | (committed_at << 160)
    return dataset


# --- the holder of a title ---


@external
def update_listing(dataset: bytes32, listing: Bytes[MAX_LISTING]):
    """
    @notice Replace the listing; a withdrawn dataset is on offer again.
    @param listing As in `register`
    """
    kept: uint256 = self._held(dataset)
    if kept & WITHDRAWN != 0:
        self._datasets[dataset] = kept ^ WITHDRAWN
    log ListingUpdated(dataset=dataset, title=msg.sender, listing=listing)


@external
def withdraw(dataset: bytes32):
    """
    @notice Say that the dataset is no longer on offer. Title, time and running orders stay.
    """
    kept: uint256 = self._held(dataset)
    assert kept & WITHDRAWN == 0, "already withdrawn"
    self._datasets[dataset] = kept | WITHDRAWN
    log Withdrawn(dataset=dataset, title=msg.sender)


@external
def transfer_title(dataset: bytes32, receiver: address):
    """
    @notice Hand the title over. The dataset's id and time stay; offers of the former holder can
            no longer be funded.
    """
    kept: uint256 = self._held(dataset)
    assert receiver != empty(address), "no receiver"
    self._datasets[dataset] = (kept & ~ADDRESS_MASK) | convert(receiver, uint256)
    log TitleTransferred(dataset=dataset, sender=msg.sender, receiver=receiver)


@internal
@view
def _held(dataset: bytes32) -> uint256:
    kept: uint256 = self._datasets[dataset]
    assert kept & ADDRESS_MASK == convert(msg.sender, uint256), "not the title holder"
    return kept


# --- people ---


@external
def set_profile(
    name: String[MAX_NAME],
    peer_id: String[MAX_PEER_ID],
    seal_key: bytes32,
    addresses: DynArray[String[MAX_ADDRESS], MAX_ADDRESSES],
):
    """
    @notice Say how the sender can be reached; the newest event counts. Public for ever.
    @param peer_id libp2p peer id; empty: not reachable any more
    @param seal_key X25519 public key
    @param addresses Multiaddresses to dial
    """
    log ProfileSet(account=msg.sender, name=name, peer_id=peer_id, seal_key=seal_key, addresses=addresses)


@external
def want(content: Bytes[MAX_WANT], expires: uint64):
    """
    @notice Say what the sender looks for, at most 4 KiB, until `expires` (unix seconds).
    @dev The want's id is keccak256(abi.encode(registry, sender, keccak256(content), expires)).
    """
    assert convert(expires, uint256) >= block.timestamp, "expired"
    want_id: bytes32 = keccak256(abi_encode(self, msg.sender, keccak256(content), expires))
    log Wanted(want=want_id, account=msg.sender, expires=expires, content=content)


@external
def unwant(want: bytes32):
    """
    @notice Take a want back. Nothing is kept on chain: it counts only for the account's own wants.
    """
    log Unwanted(want=want, account=msg.sender)


# --- reading ---


@external
@view
def title_of(dataset: bytes32) -> address:
    """
    @return Who holds the title; the zero address if there is no such dataset
    """
    return convert(self._datasets[dataset] & ADDRESS_MASK, address)


@external
@view
def dataset(id: bytes32) -> Dataset:
    """
    @return (title holder, time of the commitment in unix seconds, withdrawn); zeros if unknown
    """
    kept: uint256 = self._datasets[id]
    return Dataset(
        title=convert(kept & ADDRESS_MASK, address),
        committed_at=convert((kept >> 160) & TIME_MASK, uint64),
        withdrawn=kept & WITHDRAWN != 0,
    )


@external
@view
def committed_at(account: address, commitment: bytes32) -> uint64:
    """
    @return When `account` made the commitment, unix seconds; 0 if never, or opened since
    """
    return convert(self._commitments[account][commitment] & BLOCK_MASK, uint64)
