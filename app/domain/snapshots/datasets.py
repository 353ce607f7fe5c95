"""Own datasets, the registration under way, and what others registered."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from app.domain.commands import Description
from app.domain.finding_commands import Search
from app.domain.precedence import Standing
from app.domain.ratings import Mark
from app.domain.snapshots.money import Amount, Currency
from app.domain.snapshots.samples import Sample, SampleAllowance
from app.domain.snapshots.valuation import ValuationFacts
from app.domain.terms import TermsChoice

RecordState = Literal["draft", "being_recorded", "recorded", "final", "failed", "withdrawn"]


@dataclass(frozen=True, slots=True)
class OwnDataset:
    key: str  # dataset id, or the draft's key while it is one
    title: str
    size_bytes: int
    records: int
    files: int
    price: Amount | None
    state: RecordState
    registered_at: int | None
    orders: int
    rating: float | None
    present: bool  # the files are where they were
    path: str


@dataclass(frozen=True, slots=True)
class DatasetsSnapshot:
    """``fee_wei`` is the recording fee expected for a change of price or a withdrawal."""

    rows: tuple[OwnDataset, ...] = ()
    fee_wei: int | None = None
    fee_currency: Currency | None = None


@dataclass(frozen=True, slots=True)
class Progress:
    done_bytes: int
    total_bytes: int
    speed_bytes: int  # per second
    left_seconds: int | None

    @classmethod
    def after(cls, seconds: float, done_bytes: int, total_bytes: int) -> Progress:
        """At the mean speed since it began, ``seconds`` ago."""
        speed = int(done_bytes / seconds) if seconds > 0 else 0
        left = (total_bytes - done_bytes) // speed if speed else None
        return cls(done_bytes, total_bytes, speed, left)


@dataclass(frozen=True, slots=True)
class Match:
    """A registration of the same content."""

    dataset: str
    title: str
    by: str
    by_me: bool
    at: int
    network: str
    chain_id: int = 0
    elsewhere: bool = False  # on another network: there is no page of it here


@dataclass(frozen=True, slots=True)
class Alike:
    """A registered table that is like this one, though its content is another. ``score`` 0…1 rests
    on the columns named in ``alike`` (of this table, the most alike first); ``other`` were compared
    too and are not. ``standing``: what it is beside this one, "first" beside what is not registered
    yet."""

    match: Match
    score: float
    alike: tuple[str, ...]
    other: tuple[str, ...] = ()
    standing: Standing = "first"


@dataclass(frozen=True, slots=True)
class Column:
    """What a listing says of a column is its name, kind and completeness; the rest is known of a
    table that was read here. ``fits``: 0…1 of its values are of its kind. ``least``, ``most`` and
    ``quantiles`` (5, 25, 50, 75, 95 %) are numbers or dates as text, empty of other kinds."""

    name: str
    kind: str  # "integer" | "number" | "date" | "text" | "yes_no" | "empty"
    complete: float  # 0…1 of the rows looked at
    personal: str = ""  # what it may be (`app.domain.personal.by_name`), or empty
    fits: float = 1.0
    different: int | None = None  # about
    least: str = ""
    most: str = ""
    quantiles: tuple[str, ...] = ()
    shape: str = ""  # what most values look like: digits as 9, letters as A


@dataclass(frozen=True, slots=True)
class Profile:
    """What was found in a file; ``rows`` is None where there is no table. ``columns`` are the first
    of ``columns_found``. ``problem``, one of `app.domain.profile_check.PROBLEMS`, says why a table
    is not read; ``facts`` are codes with a number or a short text."""

    format: (
        str  # "csv", "tsv", "jsonl", "json", "parquet", "excel"; of others see `app.engine.formats`
    )
    rows: int | None
    columns: tuple[Column, ...] = ()
    sketch: bytes = b""  # `app.domain.similarity`; empty where there is nothing to compare by
    encoding: str = ""
    columns_found: int = 0
    broken: int = 0  # lines that do not have the columns of the first one; not among the rows
    repeated: float | None = None  # 0…1 of the rows repeat another one
    repeated_exact: bool = True
    newest: str = ""  # the latest date in it
    problem: str = ""
    facts: tuple[tuple[str, str], ...] = ()
    head: int = 1  # lines that are no rows: the names and what stands above them; 0: no names


@dataclass(frozen=True, slots=True)
class Claims:
    """What is declared about a table's quality (`app.domain.claims`): shares of 10,000; None or
    empty is what is not declared."""

    accuracy: int | None = None
    completeness: int | None = None
    consistency: int | None = None
    timeliness: str = ""
    accessibility: str = ""
    conformity: int | None = None


@dataclass(frozen=True, slots=True)
class Comparison:
    """One declared figure against the one found in what was received. ``what``: "rows" or a
    dimension; ``tolerance`` in the unit of both."""

    what: str
    declared: int | str
    received: int | str | None
    verdict: Literal["same", "better", "differs"]
    tolerance: int = 0


Check = Literal["none_yet", "checking", "new", "known", "not_comparable", "unreachable"]


@dataclass(frozen=True, slots=True)
class RegisterSnapshot:
    """The draft on the Register page. ``content_id`` and ``fingerprint`` (the root) are hex,
    empty until the reading pass is done. ``fee_wei`` is the recording fee expected for both
    record entries, None while unknown."""

    draft: str
    path: str = ""
    reading: Progress | None = None
    content_id: str = ""
    fingerprint: str = ""
    records: int = 0
    size_bytes: int = 0
    files: int = 0
    check: Check = "none_yet"
    matches: tuple[Match, ...] = ()  # the first one first
    unclear: bool = False  # which of them was first cannot be told
    unchecked: tuple[str, ...] = ()  # names of networks that could not be looked through
    alike: tuple[Alike, ...] = ()  # the most alike first
    parent: str | None = None  # dataset id this is a new version of, "" if it is different data
    before: tuple[tuple[str, str], ...] = ()  # id and title of what it can be a new version of
    profile: Profile | None = None
    looking: float | None = None  # 0…1 of its values were looked at
    must_be_confidential: bool = False  # content under 64 KiB, or personal data
    description: Description = Description()
    terms: TermsChoice = TermsChoice()
    price: Amount | None = None
    currencies: tuple[Currency, ...] = ()
    fee_wei: int | None = None
    fee_currency: Currency | None = None
    listing_bytes: int = 0  # of the 8,192 allowed
    state: RecordState = "draft"
    dataset: str = ""  # id, once recorded
    valuation: ValuationFacts | None = None  # once the files were read
    opened: int = 0  # how often drafts were asked for so far; once more than before: show this one


@dataclass(frozen=True, slots=True)
class Card:
    """A dataset in Browse."""

    dataset: str
    title: str
    what: str
    field: str
    region: str
    period: str
    size_bytes: int
    records: int
    price: Amount | None
    by: str
    by_code: str
    mine: bool
    online: bool
    rating: float | None
    ratings: int
    registered_at: int
    later_copy: bool  # the same content was registered earlier by somebody else
    unclear: bool = False  # at about the same time as by somebody else on another network


@dataclass(frozen=True, slots=True)
class Count:
    """So many of the results have this value."""

    value: str
    count: int


@dataclass(frozen=True, slots=True)
class BrowseSnapshot:
    """What was found for ``search``: ``total`` results, of which ``cards`` are those from the one
    at ``first``. ``more``: only the newest ``total`` of what fits are shown and counted.
    ``looking``: it has not been looked through everything yet. Rows keep their places within an
    ``edition``."""

    search: Search = Search()
    cards: tuple[Card, ...] = ()
    first: int = 0
    edition: int = 0
    total: int = 0
    more: bool = False
    looking: bool = False
    fields: tuple[Count, ...] = ()
    regions: tuple[Count, ...] = ()
    licences: tuple[Count, ...] = ()
    labels: tuple[str, ...] = ()  # the person's own
    syncing: bool = False  # the record is still being read
    currencies: tuple[Currency, ...] = ()  # prices of `Search` count in the first of them
    read: int = 0  # listings that can be found, of those there are
    to_read: int = 0
    read_per_second: int = 0  # while there are some to read


@dataclass(frozen=True, slots=True)
class OwnNote:
    """What the person keeps to itself: about a dataset, and about who offers it."""

    note: str = ""
    labels: tuple[str, ...] = ()
    contact: bool = False
    blocked: bool = False


@dataclass(frozen=True, slots=True)
class Newer:
    """The last version after a dataset, by the same owner."""

    dataset: str
    title: str
    at: int


@dataclass(frozen=True, slots=True)
class Version:
    what: str
    """"registered", "price_changed", "withdrawn", "title_transferred"; of another dataset:
    "same_content", "version_of" (this one is a new version of it) or "newer_version"; and
    "same_elsewhere", the same content on another ``network``."""
    at: int
    by: str
    dataset: str = ""
    network: str = ""
    chain_id: int = 0


@dataclass(frozen=True, slots=True)
class Rating:
    """``words`` of the review behind it, None where that is not here: on record is its hash, the
    review itself is with buyer and owner. ``differs``: what the buyer's program found to be other
    than declared, as in `Comparison.what`."""

    by: str
    at: int
    scores: tuple[int, int, int, int, int, int]
    words: str | None
    price: Amount | None
    mark: Mark = ""
    differs: tuple[str, ...] = ()


WordsState = Literal["", "can", "asking", "asked"]
"""Whether ratings' words that are not here can be asked for, are, or have been."""


@dataclass(frozen=True, slots=True)
class DatasetSnapshot:
    """The dataset page. ``can_offer`` is False for own, withdrawn and unknown datasets."""

    card: Card
    fingerprint: str
    content_id: str
    confidential: bool
    files: int
    columns: tuple[Column, ...]
    rows: int | None
    terms: TermsChoice
    personal_data: bool
    history: tuple[Version, ...]
    ratings: tuple[Rating, ...]
    can_offer: bool
    withdrawn: bool
    currencies: tuple[Currency, ...] = ()
    min_window_seconds: int = 86_400
    open_order: str = ""  # an order of mine about it, if there is one
    subscription: str = ""  # mine to its new versions, if there is one
    claims: Claims = Claims()
    means: tuple[float, ...] = ()  # of the ratings that count (`app.domain.ratings`)
    alike: tuple[Alike, ...] = ()
    sample: Sample | None = None  # None where none can be asked for
    allowance: SampleAllowance | None = None  # of an own dataset
    valuation: ValuationFacts | None = None  # of an own dataset
    newer: Newer | None = None
    parents: tuple[str, ...] = ()  # ids of the versions before it by the same owner, nearest first
    owner: str = ""  # address
    private: OwnNote = OwnNote()
    words: WordsState = ""
