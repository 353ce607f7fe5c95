"""How each step of a registration stands, from the draft alone."""

from __future__ import annotations

from app.domain.snapshots.datasets import RegisterSnapshot
from app.ui.pages.registration.check import check_short, is_alike
from app.ui.pages.registration.steps import STEPS, Standing, StepState
from app.ui.phrases import words

_DESCRIBED = {"title", "what", "terms"}


def standings(
    draft: RegisterSnapshot, missing: tuple[str, ...], *, done: bool
) -> tuple[StepState, ...]:
    """``draft`` as it is typed now, ``missing`` the codes of `review.needs`, ``done`` when it was
    saved and no step is open any more."""
    finished = {
        "file": bool(draft.fingerprint),
        "check": draft.check in ("new", "known", "not_comparable"),
        "describe": not _DESCRIBED & set(missing),
        "price": draft.price is not None,
        "review": done,
    }
    captions = _captions(draft, done=done)
    states = []
    for code in STEPS:
        standing: Standing = "done" if finished[code] or done else "to_come"
        asked = is_alike(draft) and draft.parent is None
        known = code == "check" and (draft.check == "known" or asked) and not done
        if known or (code == "review" and draft.state == "failed"):
            standing = "problem"
        reachable = (bool(draft.path) or code == "file") and not done
        states.append(StepState(standing, captions[code], reachable))
    return tuple(states)


def _captions(draft: RegisterSnapshot, *, done: bool) -> dict[str, str]:
    size = words.size(draft.size_bytes) if draft.fingerprint else ""
    if draft.reading and draft.reading.total_bytes:
        size = words.percent(draft.reading.done_bytes / draft.reading.total_bytes)
    return {
        "file": size,
        "check": check_short(draft) if draft.check != "none_yet" else "",
        "describe": draft.description.title,
        "price": words.money(draft.price) if draft.price else "",
        "review": words.record_state(draft.state) if done else "",
    }
