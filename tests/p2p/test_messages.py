"""The ten messages: one encoding each, and any other bytes a PeerError."""

import json
from typing import Any

import pytest
import rfc8785
from hypothesis import given
from hypothesis import strategies as st

from p2p.errors import PeerError
from p2p.limits import MESSAGE_BYTES, TEXT_BYTES
from p2p.messages import (
    Counter,
    Decline,
    DeliveryReceipt,
    Key,
    Message,
    Request,
    SignedConfirmation,
    SignedOffer,
    SignedSubscription,
    SubscriptionEnding,
    Text,
    decode,
    encode,
)
from tests.p2p.seeds import seeds

IDS: dict[str, Any] = {"id": "0" * 31 + "a", "thread": "f" * 32}
NUMBERS: dict[str, Any] = {
    "price": 2**255,
    "bond": 0,
    "window": 86400,
    "reveal_within": 3600,
    "expires": 1_800_000_000,
    "terms": {"use": ["research", 1, 0.5, None, True], "π": "ü"},
    "note": "Grüße\n你好",
}
ALL: list[Message] = [
    Request(
        **IDS,
        **NUMBERS,
        dataset=b"d" * 32,
        token="0x" + "0" * 40,
        mask_commit=b"m" * 32,
        sealed_mask=b"s" * 80,
    ),
    Counter(**IDS, **NUMBERS, round=3),
    SignedOffer(**IDS, offer={"price": "12"}, signature=b"s" * 65),
    Decline(**IDS, note="too dear"),
    Text(**IDS, text="hello"),
    Text(**IDS, text="hello", dataset=b"d" * 32),
    DeliveryReceipt(**IDS, order=b"o" * 32, root=b"r" * 32, signature=b"s" * 65),
    Key(**IDS, order=b"o" * 32, secret=b"\x02" * 32),
    SignedConfirmation(
        **IDS,
        order=b"o" * 32,
        root=b"r" * 32,
        scores=b"\5" * 6,
        review={"words": "good"},
        signature=b"s" * 65,
    ),
    SignedSubscription(
        **IDS,
        subscription={"price": "12"},
        terms={"use": "any"},
        signature=b"s" * 65,
        note="for a year",
    ),
    SubscriptionEnding(**IDS, subscription=b"i" * 32, at=1_800_000_000, signature=b"s" * 65),
]


@pytest.mark.parametrize("message", ALL, ids=lambda m: type(m).__name__)
def test_what_is_encoded_is_decoded(message: Message) -> None:
    assert decode(encode(message)) == message


def test_the_encoding_is_this_one() -> None:
    assert encode(ALL[3]) == (
        b'{"id":"0000000000000000000000000000000a","note":"too dear",'
        b'"thread":"ffffffffffffffffffffffffffffffff","type":"decline","v":1}'
    )


def test_money_is_text_and_bytes_are_hex() -> None:
    document = json.loads(encode(ALL[0]))
    assert document["price"] == str(2**255)
    assert document["dataset"] == "64" * 32
    assert document["expires"] == 1_800_000_000


@pytest.mark.parametrize("message", ALL, ids=lambda m: type(m).__name__)
def test_a_missing_or_unknown_field_is_refused(message: Message) -> None:
    document = json.loads(encode(message))
    for name in document:
        with pytest.raises(PeerError):
            decode(rfc8785.dumps({k: v for k, v in document.items() if k != name}))
    with pytest.raises(PeerError):
        decode(rfc8785.dumps({**document, "more": 1}))


@pytest.mark.parametrize(
    ("index", "field", "value"),
    [
        (0, "id", "0" * 31),
        (0, "id", "0" * 31 + "A"),
        (0, "dataset", "64" * 31),
        (0, "dataset", "6G" + "64" * 31),
        (0, "dataset", "D4" * 32),
        (0, "token", "0" * 42),
        (0, "price", 5),
        (0, "price", "05"),
        (0, "price", "-1"),
        (0, "price", str(2**256)),
        (0, "window", 0),
        (0, "window", True),
        (0, "window", 1.5),
        (0, "expires", 2**40),
        (0, "terms", []),
        (0, "sealed_mask", "00" * 79),
        (0, "note", None),
        (1, "round", 0),
        (1, "round", 1001),
        (3, "note", "a\x00b"),
        (3, "note", "a\x1bb"),
        (3, "note", "x" * (TEXT_BYTES + 1)),
        (3, "v", 2),
        (3, "v", True),
        (3, "v", "1"),
        (3, "type", "bye"),
        (3, "type", ["decline"]),
        (7, "secret", "00" * 33),
        (8, "scores", "05" * 7),
        (9, "subscription", "12"),
        (9, "terms", None),
        (9, "signature", "73" * 64),
        (10, "subscription", "69" * 31),
        (10, "at", 2**40),
        (10, "at", "1800000000"),
        (10, "signature", "73" * 66),
    ],
)
def test_a_field_out_of_bounds_is_refused(index: int, field: str, value: Any) -> None:
    document = json.loads(encode(ALL[index]))
    with pytest.raises(PeerError):
        decode(rfc8785.dumps({**document, field: value}))


@pytest.mark.parametrize(
    "change",
    [
        lambda data: data + b" ",
        lambda data: b" " + data,
        lambda data: data.replace(b'"v":1', b'"v":1.0'),
        lambda data: data.replace(b'"v":1', b'"v":1,"v":1'),
        lambda data: data.replace(b"too dear", b"too d\\u0065ar"),
        lambda data: data.replace(b'"note"', b'"thread"'),
        lambda data: b"\xef\xbb\xbf" + data,
        lambda data: data[:-1],
    ],
)
def test_another_way_to_write_it_is_refused(change: Any) -> None:
    with pytest.raises(PeerError):
        decode(change(encode(ALL[3])))


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"null",
        b"[]",
        b'"{}"',
        b"[" * 60000,
        b'{"a":' * 12000,
        b"9" * 6000,
        b'{"v":1e999}',
        b'{"v":NaN}',
        b'{"v":' + b"9" * 4000 + b"}",
        b'{"\\ud800":1}',
        b"\xff\xfe",
        b"{}" + b" " * MESSAGE_BYTES,
    ],
)
def test_hostile_json_is_refused(data: bytes) -> None:
    with pytest.raises(PeerError):
        decode(data)


@seeds(
    *((encode(message),) for message in ALL),
    *((encode(message)[:-1],) for message in ALL),
    *((encode(message) + b"\n",) for message in ALL),
    (b"",),
    (b"{}",),
    (encode(ALL[3]).replace(b'"v":1', b'"v":2'),),
    (encode(ALL[3]).replace(b'"v":1', b'"v":true'),),
    (encode(ALL[3]).replace(b"decline", b"refused"),),
    (encode(ALL[3]).replace(b"too dear", b"\\u0000"),),
    (encode(ALL[3]).replace(b"too dear", b"x" * (MESSAGE_BYTES + 1)),),
    (encode(ALL[4]).replace(b"hello", b"x" * TEXT_BYTES),),
    (encode(ALL[4]).replace(b"hello", b"x" * (TEXT_BYTES + 1)),),
    (encode(ALL[0]).replace(b'"price":"', b'"price":"0'),),
    (encode(ALL[0]).replace(b'"price":"', b'"price":"-'),),
    (encode(ALL[1]).replace(b"0.5", b"0.50"),),
    (encode(ALL[1]).replace(b"0.5", b"[" * 40 + b"]" * 40),),
)
@given(st.binary(max_size=200))
def test_any_bytes_are_a_message_or_a_peer_error(data: bytes) -> None:
    _only_peer_error(data)


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=40),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=9), inner),
    max_leaves=12,
)


@given(st.sampled_from(ALL), st.data())
def test_any_value_in_any_field_is_a_message_or_a_peer_error(
    message: Message, data: st.DataObject
) -> None:
    document = json.loads(encode(message))
    field = data.draw(st.sampled_from(sorted(document)))
    document[field] = data.draw(_JSON)
    _only_peer_error(json.dumps(document, sort_keys=True, separators=(",", ":")).encode())


@seeds(
    *((message, 0, ord("{")) for message in ALL),  # as it is
    *((message, -1, ord("]")) for message in ALL),
    (ALL[3], 5, ord("\\")),
    (ALL[3], 5, 0),
    (ALL[0], 20, ord("A")),
    (ALL[2], 9, 0xFF),
)
@given(st.sampled_from(ALL), st.integers(min_value=0), st.integers(0, 255))
def test_a_flipped_byte_is_another_message_or_a_peer_error(
    message: Message, place: int, byte: int
) -> None:
    data = bytearray(encode(message))
    data[place % len(data)] = byte
    _only_peer_error(bytes(data))


def _only_peer_error(data: bytes) -> None:
    try:
        message = decode(data)
    except PeerError:
        return
    assert encode(message) == data


def test_own_mistakes_are_value_errors_that_name_the_field() -> None:
    with pytest.raises(ValueError, match="price"):
        Counter(**IDS, **{**NUMBERS, "price": -1}, round=1)
    with pytest.raises(ValueError, match="thread"):
        Text(id="0" * 32, thread="1", text="")
    deep: dict[str, Any] = {}
    for _ in range(40):
        deep = {"deep": deep}
    with pytest.raises(ValueError, match="terms"):
        Counter(**IDS, **{**NUMBERS, "terms": deep}, round=1)


def test_a_message_too_long_is_not_encoded() -> None:
    fits = Counter(**IDS, **{**NUMBERS, "terms": {"a": "x" * 60000}}, round=1)
    assert decode(encode(fits)) == fits
    with pytest.raises(ValueError, match="65536"):
        encode(Counter(**IDS, **{**NUMBERS, "terms": {"a": "x" * 66000}}, round=1))


def test_the_secret_is_not_shown() -> None:
    assert "02" * 4 not in repr(ALL[7])
    assert "\\x02" not in repr(ALL[7])
