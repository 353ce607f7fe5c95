"""One line of what was measured: see `bench.__main__`."""

from typing import Any


def row(
    name: str,
    value: float,
    unit: str,
    against: str = "",
    peer: float | None = None,
    *,
    least: float | None = None,
    most: float | None = None,
    ratio: bool = True,
) -> dict[str, Any]:
    """least, most: the bound of the ratio to ``peer``, or, if not ``ratio``, of ``value``.

    Without a bound it is there to be compared with; without its peer a bound of it is missed.
    """
    over = None if peer is None else value / peer
    judged = over if ratio else value
    if least is None and most is None:
        ok = True
    elif judged is None:
        ok = False
    else:
        ok = judged >= least if least is not None else judged <= (most or 0)
    return {
        "name": name,
        "value": round(value, 3),
        "unit": unit,
        "against": against or None,
        "peer_value": None if peer is None else round(peer, 3),
        "ratio": None if over is None else round(over, 3),
        "target": least if most is None else most,
        "ok": ok,
    }
