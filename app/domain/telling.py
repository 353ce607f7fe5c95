"""What tells one dataset from another in words: two texts or two names of columns, compared the
way people mean them."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from functools import lru_cache

from app.domain import wording


def _set_of(text: str) -> frozenset[str]:
    return frozenset(text.split())


_SAY_NOTHING = _set_of(
    "a about after all also an and any are as at available be been before between both but by can"
    " data dataset datasets each file files for from has have how in include includes including"
    " info information into is it its list many more most need needed of off on only or other our"
    " over per please record recorded records set sets so some such table tables than that the"
    " their them then there these they this those to until up us use used various very want wanted"
    " was we were what when where which who will with within without you your"
    " 数据 据集 集合 资料 信息 以及 包括 需要 我们 关于 可以 相关 各种"
)
"""Words that stand in the description of anything."""

_SAY_LITTLE = _set_of(
    "category class code comment count country date day description group hour id index key label"
    " month name no note notes number quantity status text time timestamp title total type unit"
    " units value year 编号 日期 时间 名称 姓名 类型 数量 备注 状态 序号 单位 年份"
)
"""Names of columns that stand in tables of anything."""

_BETWEEN = re.compile(r"[\W_]+")


@lru_cache(maxsize=4096)
def words(text: str) -> Mapping[str, str]:
    """Words that say something, of a language without spaces the pairs of characters. What is the
    same for one and for several of a thing, and how it is written here."""
    return {
        _one_of(word): word
        for word in sorted(wording.words(text), reverse=True)
        if word not in _SAY_NOTHING and (len(word) > 1 or (word.isascii() and word.isdigit()))
    }


def column(name: str) -> str:
    """The same for ``wind_speed``, ``Wind speed`` and ``windSpeed``."""
    return _BETWEEN.sub("", unicodedata.normalize("NFKC", name).casefold()) or name


def says_little(name: str) -> bool:
    """Whether a column of such a name stands in many a table."""
    return column(name) in _SAY_LITTLE


def _one_of(word: str) -> str:
    """English words of several without their ending; what is no word any more then is still the
    same on both sides."""
    if len(word) < 4 or not word.isascii() or not word.endswith("s") or word.endswith(("ss", "us")):
        return word
    return word[:-3] + "y" if word.endswith("ies") and len(word) > 4 else word[:-1]
