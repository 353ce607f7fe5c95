"""Saving a dataset's description in the words of another catalogue."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtWidgets import QFileDialog, QWidget

from app.domain import catalogue
from app.domain.snapshots.datasets import DatasetSnapshot
from app.ui.phrases import catalogue as phrases
from app.ui.widgets.buttons import Button
from app.ui.widgets.layout import column, row
from app.ui.widgets.text import label, set_property


class SaveDescription(QWidget):
    """A link that asks where and as what, and what came of it."""

    def __init__(self) -> None:
        super().__init__()
        self._shown: DatasetSnapshot | None = None
        self._button = Button(phrases.save(), "link", name="dataset.save_description")
        self._button.setAccessibleDescription(phrases.save_meaning())
        self._button.clicked.connect(self._save)
        self._said = label(role="hint", wrap=True, name="dataset.description_saved")
        self._said.hide()
        self.setLayout(column(row(self._button, None), self._said, spacing=2))

    def say(self, shown: DatasetSnapshot) -> None:
        if self._shown is None or self._shown.card.dataset != shown.card.dataset:
            self._said.hide()
        self._shown = shown

    def _save(self) -> None:
        if self._shown is None:
            return
        filters = {phrases.kind(format): format for format in catalogue.FORMATS}
        path, chosen = QFileDialog.getSaveFileName(
            self, phrases.save(), phrases.file_name(), ";;".join(filters)
        )
        if not path:
            return
        target = Path(path if path.lower().endswith(".json") else f"{path}.json")
        format = filters.get(chosen, catalogue.FORMATS[0])
        try:
            target.write_bytes(catalogue.document(format, self._shown))
        except OSError as error:
            said, role = phrases.not_saved(error.strerror or type(error).__name__), "error"
        else:
            said, role = phrases.saved(str(target)), "hint"
        set_property(self._said, "role", role)
        self._said.setText(said)
        self._said.show()
