"""What can go wrong, in the three kinds a person meets.

``RuleError`` is the domain's own: the user can mend it. The engine maps `p2p.errors` and
`chain.errors` to the other two kinds when it builds a `Notice`; anything else is a bug.
"""

from __future__ import annotations


class RuleError(ValueError):
    """A rule of the trade was not kept; the person who asked can mend it.

    ``code`` names the sentence in `app.ui.phrases`; ``details`` fills its gaps. The text of the
    exception is the English sentence, so that logs and the command line can show it as it is.
    """

    def __init__(self, code: str, sentence: str, **details: str | int) -> None:
        super().__init__(sentence)
        self.code = code
        self.details = details


class IllegalTransitionError(Exception):
    """An event that the stage of the order does not allow: late, repeated or a peer's breach."""

    def __init__(self, stage: str, event: str) -> None:
        super().__init__(f"{event} does not fit an order that is {stage}")
        self.stage = stage
        self.event = event
