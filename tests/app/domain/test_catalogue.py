"""Descriptions in other catalogues' words: what they hold, and that hostile ones do no harm."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain import catalogue, described, listing
from app.domain.commands import Description
from app.domain.errors import RuleError
from app.domain.snapshots.datasets import Claims
from app.domain.snapshots.money import Amount
from app.domain.terms import TermsChoice
from tests.ui.dataset_samples import COIN, DOLLAR, OFFERED


def _made(format: str) -> Any:
    return json.loads(catalogue.document(format, OFFERED))


def test_croissant_has_what_its_specification_asks_for() -> None:
    made = _made("croissant")
    assert made["conformsTo"] == "http://mlcommons.org/croissant/1.1"
    assert made["@type"] == "sc:Dataset"
    required = {"@context", "name", "description", "license", "url", "creator", "datePublished"}
    assert required <= made.keys()
    (files,) = made["distribution"]
    assert (files["@type"], files["encodingFormat"]) == ("cr:FileSet", "text/csv")
    (rows,) = made["recordSet"]
    ids = [field["@id"] for field in rows["field"]]
    assert len(set(ids)) == len(ids) == len(OFFERED.columns)
    assert rows["field"][0]["source"]["fileSet"]["@id"] == files["@id"]


def test_dcat_tells_licence_and_quality() -> None:
    made = _made("dcat")
    assert made["@type"] == "dcat:Dataset"
    policy = made["odrl:hasPolicy"]
    assert TermsChoice(**policy["lading:choices"]) == OFFERED.terms
    assert isinstance(policy["@context"], dict), "there is nothing to fetch"
    measured = {
        one["dqv:isMeasurementOf"]["@id"].rpartition(":")[2]: one["dqv:value"]
        for one in made["dqv:hasQualityMeasurement"]
    }
    assert measured["completeness"] == 0.9935
    assert "conformity" not in measured, "it is not declared"


def test_a_contract_checks_what_is_declared() -> None:
    made = _made("odcs")
    assert {"apiVersion", "kind", "id", "version", "status"} <= made.keys()
    assert made["apiVersion"] == "v3.1.0"
    (table,) = made["schema"]
    checks = {one.get("dimension", one.get("metric")): one for one in table["quality"]}
    assert checks["rowCount"]["mustBe"] == 43_800
    assert checks["completeness"]["metric"] == "missingValues"
    assert checks["completeness"]["mustBeLessOrEqualTo"] == 0.65
    assert made["status"] == "active"
    gone = json.loads(catalogue.document("odcs", replace(OFFERED, withdrawn=True)))
    assert gone["status"] == "retired"


def test_quality_has_the_names_of_the_standards() -> None:
    """ISO/IEC 25012:2008 has fifteen characteristics; ODCS 3.1 has one of its own for repeats."""
    iso = "urn:iso:std:iso-iec:25012:"
    named = {
        one["dqv:isMeasurementOf"]["@id"].rpartition(":")[2]: one["dqv:isMeasurementOf"][
            "dqv:inDimension"
        ]["@id"]
        for one in _made("dcat")["dqv:hasQualityMeasurement"]
    }
    assert named["timeliness"] == f"{iso}currentness"
    assert named["accuracy"] == "urn:lading:quality:uniqueness"
    conforming = replace(OFFERED, claims=Claims(conformity=9000))
    (one,) = catalogue.dcat(conforming)["dqv:hasQualityMeasurement"]
    assert one["dqv:isMeasurementOf"]["dqv:inDimension"]["@id"] == f"{iso}compliance"
    (table,) = _made("odcs")["schema"]
    (repeats,) = (one for one in table["quality"] if one.get("metric") == "duplicateValues")
    assert repeats["dimension"] == "uniqueness"


def test_a_version_has_its_number_and_names_the_one_before() -> None:
    third = replace(OFFERED, parents=("b" * 64, "a" * 64))
    before = f"urn:lading:dataset:{'b' * 64}"
    assert [_made(format)["version"] for format in ("croissant", "odcs")] == ["1.0.0"] * 2
    assert "isBasedOn" not in _made("croissant")
    made = catalogue.croissant(third)
    assert (made["version"], made["isBasedOn"]) == ("3.0.0", before)
    said = catalogue.dcat(third)
    assert (said["dcat:version"], said["dcat:previousVersion"]) == ("3.0.0", {"@id": before})
    contract = catalogue.odcs(third)
    assert contract["version"] == "3.0.0"
    assert {"property": "previousVersion", "value": before} in contract["customProperties"]


@pytest.mark.parametrize("format", catalogue.FORMATS)
def test_what_was_saved_is_read_again(format: str) -> None:
    about = OFFERED.card
    raw = catalogue.document(format, OFFERED)
    found = described.described(raw, Description(field="x", undeclared=("accuracy",)))
    assert found == Description(
        about.title,
        about.what,
        about.field,
        about.region,
        about.period,
        undeclared=("accuracy",),  # what is typed stays
    )
    assert OFFERED.terms != TermsChoice()
    assert described.licensed(raw) == OFFERED.terms
    raw = catalogue.document(format, replace(OFFERED, card=replace(about, field="")))
    assert described.described(raw, Description(field="x")).field == "x"
    policy = raw.replace(b'"months": 24', b'"months": 25')
    assert policy != raw
    assert described.licensed(policy) == TermsChoice(), "it says two things"


PRICED = {"priceAmount": 1200.5, "priceCurrency": "PRAC", "priceUnit": "licence"}


def contract(price: object) -> bytes:
    return json.dumps({"kind": "DataContract", "name": "Wind", "price": price}).encode()


@pytest.mark.parametrize("units", [1, 10**6, 1_200_000_001, listing.MAX_PRICE_UNITS // 10**6])
def test_the_price_of_a_contract_is_read_again(units: int) -> None:
    price = Amount(units, DOLLAR)
    raw = catalogue.document("odcs", replace(OFFERED, card=replace(OFFERED.card, price=price)))
    asked = described.asked(raw)
    assert asked is not None
    assert asked.price([COIN, DOLLAR]) == price
    for other in ("croissant", "dcat"):
        assert described.asked(catalogue.document(other, OFFERED)) is None


@pytest.mark.parametrize(
    ("changes", "units"),
    [
        ({}, 1_200_500_000),
        ({"priceCurrency": "prac", "priceUnit": "License"}, 1_200_500_000),
        ({"priceUnit": None}, 1_200_500_000),
        ({"priceAmount": 1e3}, 1_000_000_000),
        ({"priceCurrency": "EUR"}, None),
        ({"priceCurrency": None}, None),
        ({"priceUnit": "megabyte"}, None),
        ({"priceAmount": 0}, None),
        ({"priceAmount": -1}, None),
        ({"priceAmount": 0.0000001}, None),
        ({"priceAmount": 10**40}, None),
        ({"priceAmount": 1e308}, None),
    ],
)
def test_a_price_is_one_of_ours_or_none(changes: dict[str, Any], units: int | None) -> None:
    asked = described.asked(contract(PRICED | changes))
    assert asked is not None
    price = asked.price([COIN, DOLLAR])
    assert price == (None if units is None else Amount(units, DOLLAR))


@pytest.mark.parametrize(
    "price",
    [
        *(None, [], "1200", {}, {"priceAmount": True}, {"priceAmount": "12"}),
        *({"priceAmount": float("nan")}, {"priceAmount": float("inf")}, {"priceAmount": [1]}),
        {"priceAmount": 10**400},
    ],
)
def test_what_is_no_price_is_none(price: object) -> None:
    assert described.asked(contract(price)) is None


TEXTS = [
    {"@language": "de", "@value": "Wind"},
    {"@language": "en-GB", "@value": "Wind at sea"},
    {"@language": "zh", "@value": "海风"},
]


def test_what_is_said_in_several_languages_is_read_in_one() -> None:
    raw = json.dumps({"@type": "dcat:Dataset", "dcterms:title": TEXTS}).encode()
    languages = ("zh_CN", "en", "de", "fr")
    titles = [described.described(raw, language=one).title for one in languages]
    assert titles == ["海风", "Wind at sea", "Wind", "Wind at sea"]


@pytest.mark.parametrize(
    ("name", "said", "read"),
    [
        ("dcterms:temporal", {"dcat:startDate": {"@value": "2023-01-01"}}, "2023-01-01"),
        ("temporalCoverage", {"startDate": "2023", "endDate": "2024"}, "2023 – 2024"),
        ("dcterms:spatial", {"@id": "http://e.eu/country/DEU", "skos:prefLabel": "D"}, "D"),
        ("dcterms:spatial", {"@id": "http://e.eu/country/Hong_Kong"}, "Hong Kong"),
        ("spatialCoverage", {"@type": "Place", "name": {"en": "Riga", "lv": "Rīga"}}, "Riga"),
        ("dcat:keyword", ["wind", "sea"], "wind"),
    ],
)
def test_coverage_is_read_however_it_is_said(name: str, said: object, read: str) -> None:
    raw = json.dumps({"@type": "dcat:Dataset", "name": "T", name: said}).encode()
    found = described.described(raw)
    assert read in (found.region, found.period, found.field)


def test_a_contract_says_its_usage_too() -> None:
    about = {"purpose": "Load.", "usage": "For models.", "limitations": "Two days are missing."}
    raw = json.dumps({"kind": "DataContract", "description": about}).encode()
    assert described.described(raw).what == "Load.\nFor models.\nTwo days are missing."


def test_descriptions_of_others_are_read() -> None:
    graph = {"@graph": [{"@type": "dcat:Catalog"}, {"@type": ["dcat:Dataset"], "dct:title": "T"}]}
    assert described.described(json.dumps(graph).encode()).title == "T"
    languages = {
        "@type": "http://www.w3.org/ns/dcat#Dataset",
        "dcterms:title": [{"@language": "en", "@value": "T" * 500}],
    }
    assert described.described(json.dumps(languages).encode()).title == "T" * 120


@pytest.mark.parametrize(
    ("raw", "code"),
    [
        (b"", "json"),
        (b"\xff\xff", "json"),
        (b"[" * 100_000, "json"),
        (b'"' + b'\\"' * 1_000_000, "json"),
        (b"[" * 64 + b'"[[[[[["' + b"]" * 64, "kind"),
        (b"name: yaml", "json"),
        (b"# ours\napiVersion: v3.1.0\nkind: DataContract\n", "yaml"),
        (b'[{"@type": ["http://x#Dataset"], "http://purl.org/dc/terms/title": []}]', "expanded"),
        (b"[]", "kind"),
        (b'{"@type": "sc:Person", "name": "x"}', "kind"),
        (b'{"@type": "sc:Dataset"}', "empty"),
        (b'{"@type": "sc:Dataset", "name": {"name": {"name": {"name": {"name": {}}}}}}', "empty"),
        (b" " * (described.MOST_BYTES + 1), "long"),
    ],
)
def test_what_is_none_is_refused_with_the_reason(raw: bytes, code: str) -> None:
    with pytest.raises(RuleError) as refused:
        described.described(raw)
    assert refused.value.code == f"catalogue.{code}"


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                [
                    *("name", "description", "@value", "customProperties", "property", "value"),
                    *("@id", "@language", "startDate", "en", "lading:choices", "target"),
                    *("priceAmount", "priceCurrency", "priceUnit"),
                ]
            ),
            inner,
            max_size=4,
        )
    ),
    max_leaves=12,
)


@given(
    st.dictionaries(
        st.sampled_from(
            ["name", "description", "customProperties", "keywords", "usageInfo", "price"]
        ),
        _JSON,
    )
)
def test_any_json_is_read_or_refused(said: dict[str, Any]) -> None:
    raw = json.dumps(said | {"@type": "sc:Dataset"}).encode()
    try:
        assert described.licensed(raw) == TermsChoice()
        described.asked(raw.replace(b'"sc:Dataset"', b'"sc:Dataset", "kind": "DataContract"'))
        found = described.described(raw)
    except RuleError:
        return
    assert len(found.title) <= 120
