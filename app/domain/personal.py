"""What looks like personal data: by the name of a column, by its values, and in any text.

Numbers count only if their check digits are right, so that a column of other long numbers is not
taken for one of persons: the Chinese resident identity number (GB 11643-1999, ISO 7064 MOD 11-2)
with a date of birth in it, and payment cards (ISO/IEC 7812, Luhn). A hint for the owner, who
decides; names of persons are known by the name of their column alone, and neither what is written
in words nor what lies in compressed files is seen.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from datetime import date

_EMAIL = re.compile(r"[^@\s]{1,64}@[^@\s]{1,255}\.[a-zA-Z]{2,24}")
_PHONE = re.compile(
    r"\+\d{1,3}[ -]?\(?\d{1,4}\)?([ -]?\d{2,4}){2,4}"  # E.164, also as it is written
    r"|(\(?\d{2,4}\)?[ -])\d{3,4}[ -]?\d{3,4}"
    r"|(\+?86)?[ -]?1[3-9]\d[ -]?\d{4}[ -]?\d{4}|0\d{2,3}-\d{7,8}"
)
_SSN = re.compile(r"\d{3}-\d{2}-\d{4}")
_RESIDENT = re.compile(r"[1-9]\d{16}[\dXx]")
_CARD = re.compile(r"[2-6]\d{3}([ -]?)\d{4}\1\d{4}\1\d{1,7}|[2-6]\d{12,18}")
_FOUND = re.compile(
    r"[\w.+-]{1,64}@[\w-]{1,63}(\.[\w-]{1,63})*\.[a-zA-Z]{2,24}"
    r"|(?<![\w.-])\+\d{1,3}[ -]?(\(?\d{1,4}\)?[ -]?){2,5}\d{2,4}(?!\w)"
    r"|(?<![\w./-])(\(\d{2,4}\) ?|\d{2,4}[ -])\d{3,4}[ -]\d{3,4}(?![\w./-])"
    r"|(?<![\w./-])0\d{2,3}-\d{7,8}(?![\w./-])"
    r"|(?<![A-Za-z0-9.-])(\+?86[ -]?)?1[3-9]\d[ -]?\d{4}[ -]?\d{4}(?![A-Za-z0-9.])"
    r"|(?<![A-Za-z0-9.-])(\d{17}[\dXx]|\d{3}-\d{2}-\d{4})(?![A-Za-z0-9.-])"
)
_FOUND_CARD = re.compile(r"(?<![\w.-])[2-6]\d{3}([ -]?)\d{4}\1\d{4}\1\d{1,7}(?![\w.-])")
LONGEST_BYTES = 320
"""Of what is looked for: text that is cut needs as much of its surroundings."""

_WEIGHTS = tuple(pow(2, 17 - at, 11) for at in range(17))
_CHECK = "10X98765432"

_PERSONS = (
    "first|last|full|sur|given|family|middle|maiden|nick|real|legal|person|people|customer|client|"
    "patient|student|pupil|teacher|employee|staff|contact|user|member|guest|owner|tenant|holder|"
    "recipient|receiver|sender|buyer|seller|payer|payee|applicant|candidate|passenger|driver|doctor|"
    "insured|beneficiary|subscriber"
)
_PLACES = "home|street|postal|post|mailing|delivery|shipping|billing|residential|customer|contact"
# Of names in small letters, whose words are parted by _.
_NAMES = {
    "email": re.compile(r"e_?mail|邮箱|电子邮[件箱]|邮件地址"),
    "phone": re.compile(
        r"phone|mobile|电话|手机|联系方式|微信号|(^|_)(tel|fax|whatsapp|wechat)(_(no|nr|num|number))?$"
    ),
    "name": re.compile(
        rf"(^|_)({_PERSONS})_?names?$|^name$|^surname$|姓名|^名字$|^户主$"
        r"|^(收件|收货|寄件|发件|联系|紧急联系|法定代表|申请|投保|被保险|受益|持卡)人(名字|名称)?$"
    ),
    "id": re.compile(
        r"passport|social_?security|^ssn$|身份证|护照|证件号|社保号|驾驶证|病历号"
        r"|(^|_)(id_?card|national_?id|identity_(card|no|number)|citizen_id|driv(ers?|ing)_licen[cs]e)"
        r"(_|$)"
    ),
    "card": re.compile(
        r"(^|_)(credit|debit|bank)?_?card_?(number|no|num)$|银行卡|银行账号|^卡号$|^iban$"
    ),
    "address": re.compile(
        rf"^({_PLACES})?_?address(_line)?(_?\d)?$|住址"
        r"|^(家庭|居住|联系|收货|收件|通讯|通信|户籍|邮寄|详细|身份证|客户)?地址$"
    ),
    "birth": re.compile(r"birth_?(day|date)|date_of_birth|^dob$|出生(日期|年月)|生日"),
}
_WORDS = re.compile(r"[\s_.-]+")
_HUMP = re.compile(r"(?<=[a-z])(?=[A-Z])")


def by_name(name: str) -> str:
    """Why a column of this name may hold personal data: "email", "phone", "name", "id", "card",
    "address", "birth"; empty if nothing speaks for it."""
    plain = _WORDS.sub("_", _HUMP.sub("_", name.strip())).lower()
    return next((code for code, pattern in _NAMES.items() if pattern.search(plain)), "")


SHARE, PLAIN_SHARE = 0.05, 0.25
"""From this share on values say what a column may hold. Plain digits may be like a telephone's or a
card's by chance: up to a tenth of long numbers."""


def by_values(values: Sequence[str]) -> str:
    """Why a column with these values may hold personal data; "" as in `by_value`."""
    found: Counter[str] = Counter()
    clear: Counter[str] = Counter()
    for value in values:
        if code := by_value(value):
            found[code] += 1
            clear[code] += code in ("email", "id") or not value.isdecimal()
    for code, count in found.most_common():
        if clear[code] >= SHARE * len(values) or count >= PLAIN_SHARE * len(values):
            return code
    return ""


def by_value(value: str) -> str:
    """The same of one value, without white space around it; "name" is never said."""
    if len(value) < 7 or len(value) > 320:
        return ""
    if "@" in value:
        return "email" if _EMAIL.fullmatch(value) else ""
    if value[0] not in "+(0123456789":
        return ""
    if is_resident_number(value) or _SSN.fullmatch(value):
        return "id"
    if is_card_number(value):
        return "card"
    return "phone" if _PHONE.fullmatch(value) and not _is_date(value) else ""


def is_resident_number(value: str) -> bool:
    """A Chinese resident identity number: 17 digits with a date that exists, and the check digit
    that belongs to them."""
    if not _RESIDENT.fullmatch(value) or not value.isascii():
        return False
    try:
        born = date(int(value[6:10]), int(value[10:12]), int(value[12:14]))
    except ValueError:
        return False
    total = sum(int(digit) * weight for digit, weight in zip(value, _WEIGHTS, strict=False))
    return born.year >= 1850 and _CHECK[total % 11] == value[17].upper()


def is_card_number(value: str) -> bool:
    """13 to 19 digits as cards have them, with the right check digit (Luhn)."""
    if not _CARD.fullmatch(value) or not value.isascii():
        return False
    digits = [int(digit) for digit in value if digit.isdigit()][::-1]
    doubled = (2 * digit - 9 * (digit > 4) for digit in digits[1::2])
    return 13 <= len(digits) <= 19 and (sum(digits[::2]) + sum(doubled)) % 10 == 0


def _is_date(value: str) -> bool:
    return re.fullmatch(r"\d{2,4}-\d{1,2}-\d{1,4}", value) is not None


def looks_personal(raw: bytes) -> bool:
    """Whether some of it looks like personal data. UTF-8, UTF-16 and the like are read as far as
    their characters are ASCII."""
    text = raw.replace(b"\0", b"").decode("utf-8", errors="replace")
    return _FOUND.search(text) is not None or any(
        is_card_number(found.group()) for found in _FOUND_CARD.finditer(text)
    )
