"""What the database answered, kept for as long as it says the same.

Snapshots are made many times a second and ask much the same each time. In a session that
`Database.glance` gives, a question with `asked_once` goes to the database once for each of its
states: the first commit after it makes every answer be asked for anew. In every other session such
a question is asked each time. What is answered is shared: nobody may change it.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable
from functools import wraps
from typing import Any, Concatenate, ParamSpec, TypeVar

from sqlalchemy.orm import Session

P = ParamSpec("P")
R = TypeVar("R")

Answers = dict[Hashable, Any]
_ANSWERS = "answers"


def keep(session: Session, answers: Answers) -> None:
    """Let ``session``, which sees the state ``answers`` were given in, use them and add to them."""
    session.info[_ANSWERS] = answers


def asked_once(
    question: Callable[Concatenate[Session, P], R],
) -> Callable[Concatenate[Session, P], R]:
    """For what depends on nothing but the database and its arguments, which must be hashable."""

    @wraps(question)
    def ask(session: Session, /, *args: P.args, **named: P.kwargs) -> R:
        answers: Answers | None = session.info.get(_ANSWERS)
        if answers is None:
            return question(session, *args, **named)
        key = (question, args, *named.items())
        if key not in answers:
            answers[key] = question(session, *args, **named)
        found: R = answers[key]
        return found

    return ask


def learn(
    session: Session,
    question: Callable[[Session, R], Any],
    about: Iterable[R],
    find: Callable[[Session, list[R]], dict[R, Any]],
) -> None:
    """Let ``find`` answer ``question``, which has `asked_once` and one argument, about all of these
    together, as far as it was not asked yet. Only where answers are kept."""
    answers: Answers | None = session.info.get(_ANSWERS)
    if answers is None:
        return
    asked = getattr(question, "__wrapped__", question)
    unknown = [one for one in about if (asked, (one,)) not in answers]
    if unknown:
        answers |= {(asked, (one,)): answer for one, answer in find(session, unknown).items()}
