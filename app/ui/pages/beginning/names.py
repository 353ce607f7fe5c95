"""The name others see."""

from __future__ import annotations

from app.ui.phrases import firstrun as phrases
from app.ui.widgets.fields import Field, line_edit

MOST_SIGNS = 60
MOST_BYTES = 64  # what a profile on the record holds


class NameField(Field):
    def __init__(self, name: str, hint: str = "") -> None:
        self.edit = line_edit(f"{name}.name", most=MOST_SIGNS)
        super().__init__(phrases.text("name"), self.edit, hint or phrases.text("name.hint"))
        self.edit.textEdited.connect(lambda _: self.set_error())

    def accepted(self) -> str:
        """The name, or "" after saying what is wrong with it."""
        name = " ".join(self.edit.text().split())
        if not name:
            self.set_error(phrases.text("name.missing"))
        elif len(name.encode()) > MOST_BYTES:
            self.set_error(phrases.text("name.long"))
        else:
            return name
        self.edit.setFocus()
        return ""
