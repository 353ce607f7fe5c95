"""What a person asks of the engine: imperative, frozen, complete in themselves.

A page emits one of these and never waits; what came of it arrives as a snapshot or a notice.
Amounts are integers in the currency's smallest unit (``…_units``), times are unix seconds
(``…_at``) or seconds (``…_seconds``). ``order`` is the local key of an order (its thread: 32 hex
characters), ``dataset`` a dataset id on the record (64 hex characters without 0x), ``draft`` the
local key of a dataset being registered. Passwords and words live only as long as the command.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from app.domain.bandwidth import Bandwidth
from app.domain.finding_commands import Search as Search
from app.domain.finding_commands import ShowResults as ShowResults
from app.domain.parcel_commands import ExportParcel as ExportParcel
from app.domain.parcel_commands import ImportParcel as ImportParcel
from app.domain.parcel_commands import LeaveParcel as LeaveParcel
from app.domain.parcel_commands import StopParcel as StopParcel
from app.domain.private_commands import BlockParty as BlockParty
from app.domain.private_commands import KeepContact as KeepContact
from app.domain.private_commands import WriteNote as WriteNote
from app.domain.review_commands import AskReviews as AskReviews
from app.domain.sample_commands import AskSample as AskSample
from app.domain.sample_commands import SetSamplePolicy as SetSamplePolicy
from app.domain.subscription_commands import AcceptSubscription as AcceptSubscription
from app.domain.subscription_commands import CounterSubscription as CounterSubscription
from app.domain.subscription_commands import EndSubscription as EndSubscription
from app.domain.subscription_commands import LimitSubscription as LimitSubscription
from app.domain.subscription_commands import SaveAgreement as SaveAgreement
from app.domain.subscription_commands import Subscribe as Subscribe
from app.domain.terms import TermsChoice
from app.domain.valuation_commands import SaveValuation as SaveValuation
from app.domain.want_commands import AnswerWant as AnswerWant
from app.domain.want_commands import PostWant as PostWant
from app.domain.want_commands import TakeBackWant as TakeBackWant

# --- identity -------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class CreateIdentity:
    name: str
    password: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class RestoreIdentity:
    name: str
    password: str = field(repr=False)
    words: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class ImportIdentity:
    """A web3 keystore (v3) of another wallet; its account becomes the identity's account."""

    name: str
    password: str = field(repr=False)
    keystore: Path
    keystore_password: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class ProveWords:
    """The two words asked for, by position 1…24; an empty mapping means "later"."""

    words: dict[int, str] = field(repr=False)


@dataclass(frozen=True, slots=True)
class LookRound:
    """Browse without an identity; one can be created at any time."""


@dataclass(frozen=True, slots=True)
class Unlock:
    password: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Lock:
    pass


@dataclass(frozen=True, slots=True)
class ChangePassword:
    old: str = field(repr=False)
    new: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class ShowRecoverySheet:
    password: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class ExportIdentity:
    """Writes a web3 keystore (v3) to ``path``, sealed with the same password."""

    path: Path
    password: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class ChangeName:
    name: str


# --- network --------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class JoinPractice:
    pass


@dataclass(frozen=True, slots=True)
class JoinNetwork:
    """A network file as `lading deploy` writes it."""

    path: Path


@dataclass(frozen=True, slots=True)
class Reconnect:
    """Try again now what would be tried again anyway."""


# --- own datasets ---------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class ChooseContent:
    """Start (or start anew) a draft from a file or folder: fingerprint, look for duplicates."""

    draft: str
    path: Path


@dataclass(frozen=True, slots=True)
class OpenDraft:
    """Go on with a draft where it was left."""

    draft: str


@dataclass(frozen=True, slots=True)
class CancelFingerprint:
    draft: str


@dataclass(frozen=True, slots=True)
class Description:
    title: str = ""
    what: str = ""
    field: str = ""
    region: str = ""
    period: str = ""
    personal_data: bool = False
    confidential: bool = False
    comparable: bool = True  # a sketch of a table goes on record, by which edited copies are found
    undeclared: tuple[str, ...] = ()  # of `app.domain.claims.DIMENSIONS`, those left out


@dataclass(frozen=True, slots=True)
class DescribeDraft:
    draft: str
    description: Description
    terms: TermsChoice


@dataclass(frozen=True, slots=True)
class RelateDraft:
    """What a draft is to the registered datasets it is like: a new version of the one with id
    ``parent``, or, if that is empty, different data."""

    draft: str
    parent: str


@dataclass(frozen=True, slots=True)
class PriceDraft:
    draft: str
    token: str
    price_units: int


@dataclass(frozen=True, slots=True)
class RegisterDraft:
    draft: str


@dataclass(frozen=True, slots=True)
class DiscardDraft:
    draft: str


@dataclass(frozen=True, slots=True)
class ChangePrice:
    dataset: str
    price_units: int


@dataclass(frozen=True, slots=True)
class WithdrawListing:
    dataset: str


@dataclass(frozen=True, slots=True)
class LocateContent:
    """The dataset's files were moved; ``path`` is where they are now."""

    dataset: str
    path: Path


# --- browsing and negotiating ---------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class OpenDataset:
    dataset: str


@dataclass(frozen=True, slots=True)
class RequestOffer:
    dataset: str
    token: str
    price_units: int
    terms: TermsChoice
    expires_at: int
    window_seconds: int
    note: str = ""


@dataclass(frozen=True, slots=True)
class CounterOffer:
    order: str
    price_units: int
    terms: TermsChoice
    expires_at: int
    window_seconds: int
    note: str = ""


@dataclass(frozen=True, slots=True)
class SignOffer:
    """The owner's signature under what was negotiated; binding until it expires.

    ``price_units`` and ``terms_fingerprint`` (hex) are what was read; if the order is another by
    now, nothing is signed.
    """

    order: str
    bond_units: int
    price_units: int
    terms_fingerprint: str


@dataclass(frozen=True, slots=True)
class DeclineOrder:
    order: str
    note: str = ""


@dataclass(frozen=True, slots=True)
class SendText:
    """Plain words to the other side, about an order."""

    order: str
    text: str


@dataclass(frozen=True, slots=True)
class AskOwner:
    """A question about a dataset before any offer; opens a thread of its own."""

    dataset: str
    text: str


# --- the trade ------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class OpenOrder:
    order: str


@dataclass(frozen=True, slots=True)
class FundOrder:
    """Sign by paying into holding what was read: see `SignOffer`."""

    order: str
    price_units: int
    terms_fingerprint: str


@dataclass(frozen=True, slots=True)
class PauseDelivery:
    order: str


@dataclass(frozen=True, slots=True)
class ResumeDelivery:
    order: str


@dataclass(frozen=True, slots=True)
class DeliverNext:
    """Before all other deliveries that wait for their turn."""

    order: str


@dataclass(frozen=True, slots=True)
class MoveDelivery:
    """``by`` places back among those that wait for their turn in the same direction, forward if
    less than 0."""

    order: str
    by: int


@dataclass(frozen=True, slots=True)
class PauseAll:
    """All deliveries, both ways, and those that come; only data waits."""


@dataclass(frozen=True, slots=True)
class ResumeAll:
    """Those that were paused alone stay so."""


@dataclass(frozen=True, slots=True)
class ConfirmOrder:
    """Release the payment and rate: overall and five criteria, 1…5 each, and words."""

    order: str
    scores: tuple[int, int, int, int, int, int]
    words: str = ""


@dataclass(frozen=True, slots=True)
class RateOrder:
    """The same rating for an order that was paid because its check period ended."""

    order: str
    scores: tuple[int, int, int, int, int, int]
    words: str = ""


@dataclass(frozen=True, slots=True)
class ReturnPayment:
    """The owner gives the payment back before the data was delivered."""

    order: str


@dataclass(frozen=True, slots=True)
class ReportProblem:
    """What is wrong in the buyer's words; kept for the rating, does not stop the payment."""

    order: str
    words: str


@dataclass(frozen=True, slots=True)
class LetWatch:
    """Write what a second device needs to complain and refund, sealed to the device with this
    watch code, to ``path``; ``coins_wei`` go to an account of its own, for fees."""

    order: str
    code: str
    path: Path
    coins_wei: int


@dataclass(frozen=True, slots=True)
class SaveProof:
    """Write the proof of a dispute as a file that anybody can check."""

    order: str
    path: Path


# --- what is on the screen -------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class LookAt:
    """The person sees these kinds of snapshots from now on: what else there is waits until they
    are asked for. Who never says so is told everything."""

    kinds: frozenset[type]


# --- records, money, settings ---------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class OpenRecords:
    """Show the record entries of one order or dataset; an empty key shows the newest of all."""

    key: str = ""


@dataclass(frozen=True, slots=True)
class GetPracticeDollars:
    pass


@dataclass(frozen=True, slots=True)
class SendMoney:
    """``token`` is the currency's address; the zero address is the chain's own currency."""

    token: str
    to: str
    amount_units: int
    password: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class AddBond:
    token: str
    amount_units: int


@dataclass(frozen=True, slots=True)
class TakeOut:
    """Take free bond or credited payments out of the contract into the identity's account."""

    token: str
    amount_units: int


@dataclass(frozen=True, slots=True)
class AddRelay:
    """Be reached through this relay, too; ``address`` as its operator gave it."""

    address: str


@dataclass(frozen=True, slots=True)
class RemoveRelay:
    """Use this relay no longer; ``address`` as Settings shows it."""

    address: str


@dataclass(frozen=True, slots=True)
class OpenChallenge:
    """Put two registrations side by side. ``one`` is a dataset id (hex) on the network in use or
    the key of a draft; ``other`` a dataset id on ``chain_id``, 0 for the network in use; ``back``
    the page to go back to."""

    one: str
    other: str
    chain_id: int = 0
    back: str = "dataset"


@dataclass(frozen=True, slots=True)
class SaveChallenge:
    """Write what the page shows of both, and what they put on record, to a file."""

    path: Path


@dataclass(frozen=True, slots=True)
class AddNetwork:
    """Check this network, too, for what was registered there. ``addresses`` of its endpoints, as
    typed: separated by spaces or commas."""

    name: str
    addresses: str = field(repr=False)  # they can hold an access key


@dataclass(frozen=True, slots=True)
class RemoveNetwork:
    """Check this network no longer."""

    chain_id: int


@dataclass(frozen=True, slots=True)
class ChangeSettings:
    """Only what is not None changes."""

    appearance: str | None = None  # "system" | "light" | "dark"
    language: str | None = None  # "system" | "en" | "zh_CN"
    downloads: Path | None = None
    auto_lock_minutes: int | None = None  # 0 = never
    share_direct_address: bool | None = None
    find_on_lan: bool | None = None
    open_port: bool | None = None  # of the router
    bandwidth: Bandwidth | None = None
    stay_awake: bool | None = None  # the computer, while data moves
    pause_on_battery: bool | None = None
    leave_by_itself: bool | None = None  # at a relay, while the buyer is away
    at_once: int | None = None  # deliveries that run at the same time, each way
