"""Help: the keys, and where to look."""

from __future__ import annotations

from app.ui.phrases.words import translate


def title() -> str:
    return translate("phrases", "Keys and help")


def text() -> str:
    return translate(
        "phrases",
        "Orders says what you have to do now. Records shows what stands for good. Everything"
        " here works with the keyboard: Tab goes on, Space presses, arrow keys choose.",
    )


def keys() -> list[tuple[str, str]]:
    return [
        ("Ctrl+1 … Ctrl+5", translate("phrases", "Home, My datasets, Browse, Orders, Records")),
        ("Ctrl+K", translate("phrases", "Search datasets")),
        ("Ctrl+,", translate("phrases", "Settings")),
        ("F1", translate("phrases", "This page")),
        ("Esc", translate("phrases", "Close a review page without doing anything")),
    ]
