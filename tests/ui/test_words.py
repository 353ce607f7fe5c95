"""How amounts, sizes, times and codes are written."""

from __future__ import annotations

import pytest

from app.domain.snapshots.money import Amount
from app.domain.snapshots.shell import Notice
from app.domain.terms import TermsChoice
from app.ui.phrases import notices, terms, words
from tests.ui.order_samples import ETH, NOW, USDC


@pytest.mark.parametrize(
    ("units", "decimals", "text"),
    [
        (1_200_000_000, 6, "1,200.00"),
        (1_234_567, 6, "1.234567"),
        (1_230_000, 6, "1.23"),
        (1, 6, "0.000001"),
        (0, 6, "0.00"),
        (1_500, 0, "1,500"),
        (-1_500_000, 6, "−1.50"),
        (5, 1, "0.5"),
    ],
)
def test_figures(units: int, decimals: int, text: str) -> None:
    assert words.figure(units, decimals) == text


def test_money_names_its_currency() -> None:
    assert words.money(Amount(340_000_000, USDC)) == "340.00 USDC"


def test_a_fee_is_never_shown_too_low() -> None:
    assert words.fee(132_000_000_000_001, ETH) == "0.000133 ETH"
    assert words.fee(1, ETH) == "0.000001 ETH"
    assert words.fee(None, ETH) == "not known yet"


@pytest.mark.parametrize(
    ("count", "text"),
    [
        (999, "999 bytes"),
        (1000, "1.0 kB"),
        (999_949, "1.0 MB"),
        (4_600_000_000, "4.6 GB"),
        (123_000_000, "123 MB"),
        (10**15, "1000 TB"),
    ],
)
def test_sizes(count: int, text: str) -> None:
    assert words.size(count) == text


def test_the_unit_stands_once() -> None:
    assert words.size_of(2_900_000_000, 4_600_000_000) == "2.9 of 4.6 GB"
    assert words.size_of(900_000, 4_600_000_000) == "900 kB of 4.6 GB"


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (-5, "0 s"),
        (30, "30 s"),
        (240, "4 min"),
        (3 * 3600, "3 hours"),
        (86_400, "24 hours"),
        (7 * 86_400, "7 days"),
    ],
)
def test_durations(seconds: int, text: str) -> None:
    assert words.duration(seconds) == text


def test_all_of_it_only_when_all_of_it() -> None:
    assert words.percent(0.999) == "99%"
    assert words.percent(1.0) == "100%"


def test_one_and_many() -> None:
    assert words.plural(1, "{n} order", "{n} orders") == "1 order"
    assert words.plural(1200, "{n} order", "{n} orders") == "1,200 orders"


def test_ago_becomes_the_moment_after_a_day() -> None:
    assert words.ago(NOW - 20, NOW) == "just now"
    assert words.ago(NOW - 300, NOW) == "5 min ago"
    assert "ago" not in words.ago(NOW - 90_000, NOW)


def test_codes_are_shortened_and_whole() -> None:
    code = "0x7c1f09ae5bd2" + "0" * 48 + "e441"
    assert words.fingerprint(code) == "7c1f 09ae 5bd2 … e441"
    assert words.grouped("0xaabbccdd") == "aabb ccdd"
    assert words.fingerprint("7c1f-09ae") == "7c1f-09ae"


def test_braces_in_other_peoples_words_stay_as_they_are() -> None:
    table = {"x": "Could not reach {other}."}
    assert words.say(table, "x", other="{other}%n") == "Could not reach {other}%n."


def test_every_choice_of_the_licence_has_its_line() -> None:
    lines = terms.lines(TermsChoice(territory="country", country="Norway", months=0))
    assert ("territory", "Where", "Norway") in lines
    assert ("months", "Period", "Without end") in lines
    assert len(lines) == 7
    alone = terms.lines(TermsChoice(exclusive=True))
    assert alone[-1] == ("exclusive", "Other buyers", "None: for one buyer alone")
    assert terms.short(TermsChoice(exclusive=True)).endswith(", for one buyer alone")


def test_a_known_notice_is_written_with_its_values() -> None:
    notice = Notice("peer", "peer.unreachable", "timeout", {"other": "Meridian"})
    title, _, advice = notices.written(notice)
    assert title == "Could not reach Meridian."
    assert "by itself" in advice


def test_an_unknown_notice_keeps_its_own_cause() -> None:
    title, cause, _ = notices.written(Notice("rule", "never.heard", "The price is too low."))
    assert (title, cause) == ("The price is too low.", "")


def test_a_value_the_notice_lacks_does_not_break_the_sentence() -> None:
    assert (
        notices.written(Notice("peer", "peer.unreachable", ""))[0]
        == "Could not reach the other side."
    )
