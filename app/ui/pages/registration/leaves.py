"""What leaves this computer, said where data is chosen and where words are typed."""

from __future__ import annotations

from PySide6.QtWidgets import QFrame

from app.ui.phrases import describing as phrases
from app.ui.widgets.layout import frame, row
from app.ui.widgets.text import Icon, Lead


def leaves() -> QFrame:
    lead = Lead("register.leaves")
    lead.say(f"{phrases.leaves_title()}:", phrases.leaves())
    box = row(Icon("shield-check", "accent", 20, 2), lead, margins=(16, 12, 16, 12), spacing=12)
    box.setStretch(1, 1)
    return frame("next", box)
