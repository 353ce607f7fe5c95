"""A listing in the words of other catalogues: Croissant 1.1, DCAT 3, ODCS 3.1; and back.

Sources: mlcommons.org/croissant/1.1; W3C DCAT Version 3 (2024-08-22) as JSON-LD, with DQV for
quality and ODRL 2.2 for the licence; Open Data Contract Standard v3.1.0 with its JSON schema. They
hold what the listing holds, no more: there is no address from which the data could be fetched,
since it is delivered sealed, to who has paid. What reads them back is `app.domain.described`,
and `app.domain.stated` what they say of quality.
"""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

from app.domain import claims, terms
from app.domain.snapshots.datasets import DatasetSnapshot

FORMATS = ("croissant", "dcat", "odcs")
_SEALED = "Delivered sealed, to who has paid."
NO_DOMAIN = "other"
"""A contract has to name one."""
PRICE_UNIT = "licence"
"""What a price is for: ODCS has it per unit, here it is for a licence of the whole."""

_CROISSANT = {
    "@language": "en",
    "@vocab": "https://schema.org/",
    "citeAs": "cr:citeAs",
    "column": "cr:column",
    "conformsTo": "dct:conformsTo",
    "cr": "http://mlcommons.org/croissant/",
    "rai": "http://mlcommons.org/croissant/RAI/",
    "data": {"@id": "cr:data", "@type": "@json"},
    "dataType": {"@id": "cr:dataType", "@type": "@vocab"},
    "equivalentProperty": "cr:equivalentProperty",
    "samplingRate": "cr:samplingRate",
    "dct": "http://purl.org/dc/terms/",
    "examples": {"@id": "cr:examples", "@type": "@json"},
    "extract": "cr:extract",
    "field": "cr:field",
    "fileProperty": "cr:fileProperty",
    "fileObject": "cr:fileObject",
    "fileSet": "cr:fileSet",
    "format": "cr:format",
    "includes": "cr:includes",
    "isLiveDataset": "cr:isLiveDataset",
    "jsonPath": "cr:jsonPath",
    "key": "cr:key",
    "md5": "cr:md5",
    "parentField": "cr:parentField",
    "path": "cr:path",
    "recordSet": "cr:recordSet",
    "references": "cr:references",
    "regex": "cr:regex",
    "repeated": "cr:repeated",
    "replace": "cr:replace",
    "sc": "https://schema.org/",
    "separator": "cr:separator",
    "source": "cr:source",
    "subField": "cr:subField",
    "transform": "cr:transform",
}
_ODRL: dict[str, Any] = {
    "@vocab": "http://www.w3.org/ns/odrl/2/",
    "lading": "urn:lading:terms:1#",
    "xsd": "http://www.w3.org/2001/XMLSchema#",
    **{name: {"@type": "@vocab"} for name in ("action", "leftOperand", "operator")},
    **{name: {"@type": "@id"} for name in ("assigner", "profile", "target")},
    "lading:choices": {"@type": "@json"},
}
_TYPES = {"integer": "sc:Integer", "number": "sc:Float", "date": "sc:Date", "yes_no": "sc:Boolean"}
_LOGICAL = {"integer": "integer", "number": "number", "date": "timestamp", "yes_no": "boolean"}
_MEDIA = {
    "csv": "text/csv",
    "tsv": "text/tab-separated-values",
    "jsonl": "application/jsonlines",
    "json": "application/json",
    "parquet": "application/vnd.apache.parquet",
    "excel": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}


METRIC = "urn:lading:quality:"
"""What the names of our metrics begin with; a dimension follows."""

_CHARACTERISTICS = {
    "accuracy": f"{METRIC}uniqueness",
    "completeness": "urn:iso:std:iso-iec:25012:completeness",
    "consistency": "urn:iso:std:iso-iec:25012:consistency",
    "timeliness": "urn:iso:std:iso-iec:25012:currentness",
    "accessibility": "urn:iso:std:iso-iec:25012:accessibility",
    "conformity": "urn:iso:std:iso-iec:25012:compliance",
}
"""What ISO/IEC 25012:2008 calls the dimensions of GB/T 36344. It has none for rows that repeat no
other, which is all that a program can tell of what the latter counts among accuracy."""

MEASURED = {
    "accuracy": "Share of rows that repeat no other row",
    "completeness": "Share of cells that are filled in",
    "consistency": "Share of lines that have the columns of the first line",
    "timeliness": "The latest date in the table",
    "accessibility": "Format and encoding",
    "conformity": "Share of filled cells that are of their column's kind",
}


def document(format: str, shown: DatasetSnapshot) -> bytes:
    """The description of a dataset in one of `FORMATS`, as JSON in UTF-8."""
    make = {"croissant": croissant, "dcat": dcat, "odcs": odcs}[format]
    return (json.dumps(make(shown), ensure_ascii=False, indent=2) + "\n").encode()


def croissant(shown: DatasetSnapshot) -> dict[str, Any]:
    about = shown.card
    made: dict[str, Any] = {
        "@context": _CROISSANT,
        "@type": "sc:Dataset",
        "conformsTo": "http://mlcommons.org/croissant/1.1",
        "name": about.title,
        "description": about.what or about.title,
        "url": _urn(shown),
        "identifier": f"sha256:{shown.fingerprint}",
        "creator": {"@type": "sc:Organization", "name": about.by or about.by_code},
        "datePublished": _day(about.registered_at),
        "version": _version(shown),
        "citeAs": f"{about.by or about.by_code}: {about.title}. {_urn(shown)}",
        "license": f"urn:lading:terms:{about.dataset}",
        "usageInfo": _licence(shown),
        "isAccessibleForFree": False,
        "distribution": [
            {
                "@type": "cr:FileSet",
                "@id": "files",
                "name": "files",
                "description": _SEALED,
                "encodingFormat": _media(shown),
                "includes": "**",
            }
        ],
    }
    if shown.parents:
        made["isBasedOn"] = _named(shown.parents[0])
    if about.region:
        made["spatialCoverage"] = about.region
    if about.period:
        made["temporalCoverage"] = about.period
    if about.field:
        made["keywords"] = [about.field]
    if shown.columns:
        fields = [
            {
                "@type": "cr:Field",
                "@id": f"rows/{at}",
                "name": column.name or str(at),
                "dataType": _TYPES.get(column.kind, "sc:Text"),
                "source": {"fileSet": {"@id": "files"}, "extract": {"column": column.name}},
            }
            for at, column in enumerate(shown.columns, start=1)
        ]
        made["recordSet"] = [
            {"@type": "cr:RecordSet", "@id": "rows", "name": "rows", "field": fields}
        ]
    return made


def dcat(shown: DatasetSnapshot) -> dict[str, Any]:
    about = shown.card
    made: dict[str, Any] = {
        "@context": {
            "dcat": "http://www.w3.org/ns/dcat#",
            "dcterms": "http://purl.org/dc/terms/",
            "dqv": "http://www.w3.org/ns/dqv#",
            "foaf": "http://xmlns.com/foaf/0.1/",
            "odrl": "http://www.w3.org/ns/odrl/2/",
            "rdfs": "http://www.w3.org/2000/01/rdf-schema#",
            "skos": "http://www.w3.org/2004/02/skos/core#",
            "xsd": "http://www.w3.org/2001/XMLSchema#",
        },
        "@type": "dcat:Dataset",
        "@id": _urn(shown),
        "dcterms:title": about.title,
        "dcterms:description": about.what or about.title,
        "dcterms:identifier": about.dataset,
        "dcterms:issued": {"@type": "xsd:date", "@value": _day(about.registered_at)},
        "dcterms:publisher": {"@type": "foaf:Agent", "foaf:name": about.by or about.by_code},
        "dcterms:accessRights": {"@type": "dcterms:RightsStatement", "rdfs:label": _SEALED},
        "dcat:version": _version(shown),
        "odrl:hasPolicy": _licence(shown),
        "dcat:distribution": {
            "@type": "dcat:Distribution",
            "dcat:accessURL": {"@id": _urn(shown)},  # it is had by asking its owner
            "dcat:mediaType": {
                "@type": "dcterms:MediaType",
                "@id": f"https://www.iana.org/assignments/media-types/{_media(shown)}",
            },
            "dcat:byteSize": {"@type": "xsd:nonNegativeInteger", "@value": str(about.size_bytes)},
        },
    }
    if shown.parents:
        made["dcat:previousVersion"] = {"@id": _named(shown.parents[0])}
    if about.field:
        made["dcat:keyword"] = about.field
    if about.region:
        made["dcterms:spatial"] = {"@type": "dcterms:Location", "dcterms:title": about.region}
    if about.period:
        made["dcterms:temporal"] = {"@type": "dcterms:PeriodOfTime", "dcterms:title": about.period}
    said = claims.document(shown.claims)
    if said:
        made["dqv:hasQualityMeasurement"] = [
            {
                "@type": "dqv:QualityMeasurement",
                "dqv:isMeasurementOf": {
                    "@id": f"{METRIC}{name}",
                    "@type": "dqv:Metric",
                    "dqv:inDimension": {"@id": _CHARACTERISTICS[name]},
                    "skos:definition": MEASURED[name],
                },
                "dqv:value": value / claims.WHOLE if isinstance(value, int) else value,
            }
            for name, value in said.items()
        ]
    return made


def odcs(shown: DatasetSnapshot) -> dict[str, Any]:
    about = shown.card
    table: dict[str, Any] = {
        "name": "rows",
        "physicalType": "file",
        "logicalType": "object",
        "description": about.what or about.title,
        "properties": [
            {
                "name": column.name or str(at),
                "logicalType": _LOGICAL.get(column.kind, "string"),
                "quality": [
                    {
                        "type": "library",
                        "metric": "missingValues",
                        "dimension": "completeness",
                        "unit": "percent",
                        "mustBeLessOrEqualTo": round(100 - int(column.complete * 1000) / 10, 1),
                    }
                ],
            }
            for at, column in enumerate(shown.columns, start=1)
        ],
        "quality": _checks(shown),
    }
    made: dict[str, Any] = {
        "apiVersion": "v3.1.0",
        "kind": "DataContract",
        "id": _urn(shown),
        "name": about.title,
        "version": _version(shown),
        "status": "retired" if shown.withdrawn else "active",
        "domain": about.field or NO_DOMAIN,
        "description": {"purpose": about.what or about.title},
        "schema": [table],
        "contractCreatedTs": _moment(about.registered_at),
        "customProperties": [
            {"property": "odrl", "value": _licence(shown)},
            {"property": "region", "value": about.region},
            {"property": "period", "value": about.period},
            *(
                {"property": "previousVersion", "value": _named(parent)}
                for parent in shown.parents[:1]
            ),
        ],
    }
    if about.price is not None:
        currency = about.price.currency
        made["price"] = {
            "priceAmount": about.price.units / 10**currency.decimals,
            "priceCurrency": currency.symbol,
            "priceUnit": PRICE_UNIT,
        }
    return made


def _checks(shown: DatasetSnapshot) -> list[dict[str, Any]]:
    checks: list[dict[str, Any]] = []
    if shown.rows is not None:
        checks.append(
            {"type": "library", "metric": "rowCount", "unit": "rows", "mustBe": shown.rows}
        )
    metrics = {
        "accuracy": "duplicateValues",
        "completeness": "missingValues",
        "conformity": "invalidValues",
    }
    for name, value in claims.document(shown.claims).items():
        if name in metrics and isinstance(value, int):
            most = round(100 - value / 100, 2)
            rule = {"type": "library", "metric": metrics[name], "mustBeLessOrEqualTo": most}
            dimension = "uniqueness" if name == "accuracy" else name
            checks.append(rule | {"dimension": dimension, "unit": "percent"})
        else:
            said = f"{value / 100:g} %" if isinstance(value, int) else value
            rule = {"type": "text", "name": name, "description": f"{MEASURED[name]}: {said}"}
            checks.append(rule if name == "accessibility" else rule | {"dimension": name})
    return checks


def _licence(shown: DatasetSnapshot) -> dict[str, Any]:
    """ODRL 2.2: what both sides of an order sign, with a name and who grants it, which the signed
    Offer says there. Its context is written out, so that nobody has to fetch it."""
    about = shown.card
    named = {
        "@id": f"urn:lading:terms:{about.dataset}",
        "assigner": f"urn:lading:owner:{about.by_code}",
    }
    return terms.document(shown.terms, about.dataset) | named | {"@context": _ODRL}


def _version(shown: DatasetSnapshot) -> str:
    """Its number in the line of versions, in the form that Croissant and ODCS recommend."""
    return f"{len(shown.parents) + 1}.0.0"


def _urn(shown: DatasetSnapshot) -> str:
    return _named(shown.card.dataset)


def _named(dataset: str) -> str:
    return f"urn:lading:dataset:{dataset}"


def _media(shown: DatasetSnapshot) -> str:
    return _MEDIA.get(shown.claims.accessibility.split(" ")[0], "application/octet-stream")


def _day(at: int) -> str:
    return _moment(at)[:10]


def _moment(at: int) -> str:
    return datetime.fromtimestamp(at, UTC).isoformat().replace("+00:00", "Z")
