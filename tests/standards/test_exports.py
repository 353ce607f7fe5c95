"""What is exported is accepted by the standards' own validators, and what is broken in it is not.

`SOURCE.md` says where each comes from. Nothing is fetched.
"""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable, Iterator
from copy import deepcopy
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.domain import catalogue, terms
from app.domain.snapshots.datasets import Claims, Column, DatasetSnapshot
from app.domain.terms import TermsChoice
from tests.counts import JUDGED
from tests.ui.dataset_samples import OFFERED

HERE = Path(__file__).parent
FEW = 30 if JUDGED else 10  # the validators take their time
pytestmark = [
    # They are other people's, and not of the newest Python.
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),
    pytest.mark.filterwarnings("ignore::FutureWarning"),
    pytest.mark.filterwarnings("ignore::PendingDeprecationWarning"),
]

Json = dict[str, Any]
Break = Callable[[Json], object]

NOT_DECLARED = replace(
    OFFERED,
    card=replace(OFFERED.card, what="", field="", region="", period="", price=None, by=""),
    columns=(),
    rows=None,
    claims=Claims(),
    terms=TermsChoice(use="any", months=0, resale="yes", ai_training=True),
    withdrawn=True,
)
IN_A_COUNTRY = replace(OFFERED, terms=TermsChoice(territory="country", country="Côte d'Ivoire"))
THIRD = replace(OFFERED, parents=("b" * 64, "a" * 64))
EVERY = {
    "whole": OFFERED,
    "not declared": NOT_DECLARED,
    "in a country": IN_A_COUNTRY,
    "third version": THIRD,
}


def said(file: str) -> Any:
    return json.loads(gzip.decompress((HERE / file).read_bytes()))


# what each standard finds wrong; nothing if it is well


def croissant(made: Json) -> list[str]:
    import mlcroissant

    try:
        issues = mlcroissant.Dataset(jsonld=made).metadata.ctx.issues
    except mlcroissant.ValidationError as error:
        return [str(error)]
    return [*issues.errors, *issues.warnings]


@cache
def _contract() -> Any:
    import jsonschema

    schema = said("odcs-3.1.0.schema.json.gz")
    assert schema["properties"]["apiVersion"]["default"] == "v3.1.0"
    made = jsonschema.validators.validator_for(schema)
    made.check_schema(schema)
    return made(schema)


def odcs(made: Json) -> list[str]:
    return [error.message for error in _contract().iter_errors(made)]


@cache
def _shapes(file: str) -> Any:
    import rdflib

    raw = (HERE / file).read_bytes()
    if file.endswith(".gz"):
        return rdflib.Graph().parse(data=gzip.decompress(raw), format="json-ld")
    return rdflib.Graph().parse(data=raw, format="turtle")


def _graph(made: Json) -> Any:
    import rdflib

    return rdflib.Graph().parse(data=json.dumps(made), format="json-ld")


def _with_resources(graph: Any) -> Any:
    """All things with a name are of the class Resource (RDF Schema, 2.1), which shapes ask for."""
    import rdflib

    for thing in {term for term in graph.objects() if isinstance(term, rdflib.URIRef)}:
        graph.add((thing, rdflib.RDF.type, rdflib.RDFS.Resource))
    return graph


def _refused(graph: Any, shapes: str) -> list[str]:
    import pyshacl

    well, _, text = pyshacl.validate(graph, shacl_graph=_shapes(shapes))
    return [] if well else [text]


def dcat(made: Json) -> list[str]:
    graph = _graph(made)
    return [
        *_refused(_with_resources(graph), "dcat-ap-3.0.0.shacl.jsonld.gz"),
        *_refused(graph, "odrl.shacl.ttl"),
        *_unknown(graph),
    ]


def odrl(made: Json) -> list[str]:
    graph = _graph(made)
    return [*_refused(graph, "odrl.shacl.ttl"), *_unknown(graph)]


@cache
def _quality() -> frozenset[str]:
    """The terms of DQV."""
    import rdflib

    read = rdflib.Dataset()
    read.parse(data=gzip.decompress((HERE / "dqv.nq.gz").read_bytes()), format="nquads")
    return frozenset(str(subject) for subject, _, _, _ in read.quads())


NEW_IN_DCAT_3 = {"http://www.w3.org/ns/dcat#version", "http://www.w3.org/ns/dcat#previousVersion"}
"""Of its chapter on versions; the namespace that rdflib has is that of DCAT 2."""


def _unknown(graph: Any) -> Iterator[str]:
    """Names in a vocabulary that it does not have."""
    from rdflib.namespace import DCAT, DCTERMS, FOAF, ODRL2, RDF, RDFS, XSD

    closed = (DCAT, DCTERMS, FOAF, ODRL2, RDF, RDFS)
    names = {term for three in graph for term in three} | {
        term.datatype for three in graph for term in three if getattr(term, "datatype", None)
    }
    for name in map(str, names):
        for vocabulary in closed:
            known = name in vocabulary or name in NEW_IN_DCAT_3
            if name.startswith(str(vocabulary)) and not known:
                yield name
        if name.startswith("http://www.w3.org/ns/dqv#") and name not in _quality():
            yield name
        if name.startswith(str(XSD)) and name not in XSD:
            yield name


CHECKS = {"croissant": croissant, "dcat": dcat, "odcs": odcs}


def made(format: str, shown: DatasetSnapshot = OFFERED) -> Json:
    read: Json = json.loads(catalogue.document(format, shown))
    return read


@pytest.mark.parametrize("which", EVERY)
@pytest.mark.parametrize("format", catalogue.FORMATS)
def test_what_is_exported_is_valid(format: str, which: str) -> None:
    assert CHECKS[format](made(format, EVERY[which])) == []


BROKEN: list[tuple[str, str, Break]] = [
    ("croissant", "no licence", lambda it: it.pop("license")),
    ("croissant", "no such type", lambda it: _fields(it)[0].update(dataType="sc:Nothing")),
    ("croissant", "no such file", lambda it: it["distribution"][0].update({"@id": "other"})),
    ("croissant", "no format", lambda it: it["distribution"][0].pop("encodingFormat")),
    ("croissant", "a date that is none", lambda it: it.update(datePublished="soon")),
    ("dcat", "no title", lambda it: it.pop("dcterms:title")),
    ("dcat", "no description", lambda it: it.pop("dcterms:description")),
    ("dcat", "rights as words", lambda it: it.update({"dcterms:accessRights": "sealed"})),
    ("dcat", "no way to it", lambda it: _distribution(it).pop("dcat:accessURL")),
    ("dcat", "a type in words", lambda it: _distribution(it).update({"dcat:mediaType": "CSV"})),
    ("dcat", "no such term", lambda it: it.update({"dcat:colour": "blue"})),
    ("dcat", "no such measure", lambda it: it.update({"dqv:hasQuality": "good"})),
    ("dcat", "no rule", lambda it: it["odrl:hasPolicy"].update(permission=[], prohibition=[])),
    ("odcs", "no version", lambda it: it.pop("version")),
    ("odcs", "of another version", lambda it: it.update(apiVersion="v9.9.9")),
    ("odcs", "no such type", lambda it: _properties(it)[0].update(logicalType="colour")),
    ("odcs", "no such dimension", lambda it: _checks(it)[0].update(dimension="joy")),
    ("odcs", "a price in words", lambda it: it["price"].update(priceAmount="much")),
]  # fmt: skip


def _fields(it: Json) -> Any:
    return it["recordSet"][0]["field"]


def _properties(it: Json) -> Any:
    return it["schema"][0]["properties"]


def _checks(it: Json) -> Any:
    return _properties(it)[0]["quality"]


def _distribution(it: Json) -> Any:
    return it["dcat:distribution"]


@pytest.mark.parametrize(
    ("format", "spoil"), [pytest.param(f, s, id=f"{f}: {n}") for f, n, s in BROKEN]
)
def test_what_is_broken_is_refused(format: str, spoil: Break) -> None:
    spoilt = made(format)
    spoil(spoilt)
    assert CHECKS[format](spoilt) != []


# ODRL


def policy(choice: TermsChoice) -> Json:
    about: Json = made("dcat", replace(OFFERED, terms=choice))["odrl:hasPolicy"]
    return about


CHOICES = st.builds(
    TermsChoice,
    use=st.sampled_from(["internal", "product", "research", "any"]),
    months=st.integers(0, 1200),
    territory=st.sampled_from(["world", "china", "eu"]),
    resale=st.sampled_from(["no", "derived", "yes"]),
    ai_training=st.booleans(),
)


@settings(max_examples=FEW)
@given(CHOICES)
def test_every_licence_is_odrl(choice: TermsChoice) -> None:
    assert odrl(policy(choice)) == []


@pytest.mark.parametrize(
    "spoil",
    [
        lambda it: it.pop("@id"),
        lambda it: it.pop("assigner"),
        lambda it: it.pop("target"),
        lambda it: it["permission"][0].pop("action"),
        lambda it: it["permission"][0].update(action="lookAt"),
        lambda it: it["permission"][0]["constraint"][0].pop("operator"),
        lambda it: it["permission"][0]["constraint"][0].update(operator="about"),
        lambda it: it["permission"][0]["constraint"][0].update(leftOperand="mood"),
        lambda it: it["permission"][0]["constraint"][0].pop("rightOperand"),
        lambda it: it["@context"].pop("action"),
    ],
)
def test_a_broken_licence_is_refused(spoil: Break) -> None:
    spoilt = deepcopy(policy(TermsChoice()))
    spoil(spoilt)
    assert odrl(spoilt) != []


@given(CHOICES)
@settings(max_examples=FEW)
def test_what_is_signed_says_the_same_under_the_official_context(choice: TermsChoice) -> None:
    """The signed document names W3C's context, the exported one writes out what it needs of it."""
    from rdflib.compare import isomorphic

    exported = policy(choice)
    signed = terms.document(choice, OFFERED.card.dataset)
    official, own = signed["@context"]
    assert official == "http://www.w3.org/ns/odrl.jsonld"
    context = json.loads((HERE / "odrl.jsonld").read_text())["@context"]
    named = {"@id": exported["@id"], "assigner": exported["assigner"]}
    raw = {"lading:choices": {"@type": "@json"}}
    one = _graph(signed | named | {"@context": [context, own | raw]})
    assert len(one) > 10
    assert isomorphic(one, _graph(exported))


# whatever an owner writes

WORDS = st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=30).filter(
    lambda text: text.strip() == text
)
COLUMNS = st.builds(
    Column,
    name=WORDS,
    kind=st.sampled_from(["integer", "number", "date", "text", "yes_no", "empty"]),
    complete=st.floats(0, 1),
)


@settings(max_examples=FEW)
@given(
    WORDS, WORDS, st.lists(COLUMNS, max_size=4), st.integers(0, 10_000), st.integers(0, 2**40)
)  # fmt: skip
def test_whatever_is_said_is_exported_validly(
    title: str, word: str, columns: list[Column], share: int, size: int
) -> None:
    about = replace(
        OFFERED.card, title=title, what=word, field=word, region=word, by=word, size_bytes=size
    )
    claimed = Claims(accuracy=share, conformity=share, timeliness=word)
    shown = replace(OFFERED, card=about, columns=tuple(columns), claims=claimed)
    for format, check in CHECKS.items():
        assert check(made(format, shown)) == [], format
