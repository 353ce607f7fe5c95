"""The network: practice on this computer, or the company's own by its file."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtWidgets import QButtonGroup, QFileDialog, QWidget

from app.domain.commands import JoinNetwork, JoinPractice
from app.ui.pages.beginning.tile import Tile, tiles
from app.ui.pages.beginning.view import View
from app.ui.phrases import firstrun as phrases
from app.ui.widgets.buttons import Button
from app.ui.widgets.fields import Field, line_edit
from app.ui.widgets.layout import column, row


class NetworkFile(QWidget):
    """A network file, typed or chosen. ``name`` prefixes the object names."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self.path = line_edit(
            f"{name}.file",
            placeholder=phrases.text("file.place"),
            meaning=phrases.text("company.field"),
            most=4096,
        )
        self.choose = Button(phrases.text("file.choose"), icon="folder-open", name=f"{name}.choose")
        pick = QWidget()
        pick.setLayout(row(self.path, self.choose))
        self._field = Field(phrases.text("company.field"), pick, phrases.text("company.hint"))
        self.setLayout(column(self._field))
        self.choose.clicked.connect(self._choose)
        self.path.textChanged.connect(lambda _: self._field.set_error())

    def accepted(self) -> Path | None:
        text = self.path.text().strip()
        if text:
            return Path(text).expanduser()
        self._field.set_error(phrases.text("company.missing"))
        self.choose.setFocus()
        return None

    def _choose(self) -> None:
        path, _ = QFileDialog.getOpenFileName(
            self, phrases.text("company.field"), "", phrases.text("company.filter")
        )
        if path:
            self.path.setText(path)


class Where(View):
    def __init__(self) -> None:
        self.practice = Tile(
            "shield-check",
            phrases.text("practice.tile"),
            phrases.text("practice.tile.text"),
            "firstrun.practice",
            choice=True,
        )
        self.company = Tile(
            "globe",
            phrases.text("company.tile"),
            phrases.text("company.tile.text"),
            "firstrun.company",
            choice=True,
        )
        self._group = QButtonGroup()
        for tile in (self.practice, self.company):
            self._group.addButton(tile)
        self.practice.setChecked(True)
        self.file = NetworkFile("firstrun.network")
        self.file.hide()
        self.company.toggled.connect(self.file.setVisible)
        self.go = Button(phrases.text("network.do"), "primary", name="firstrun.network.do")
        super().__init__(
            phrases.text("network.title"),
            phrases.text("network.text"),
            tiles(self.practice, self.company),
            self.file,
            foot=(None, self.go),
        )
        self.go.clicked.connect(self._do)
        self.file.path.returnPressed.connect(self.go.click)

    def say(self, practice_possible: bool) -> None:
        self.practice.setEnabled(practice_possible)
        known = "practice.tile.text" if practice_possible else "practice.impossible"
        self.practice.say(phrases.text(known))
        if not practice_possible:
            self.company.setChecked(True)

    def start(self) -> None:
        (self.go if self.practice.isChecked() else self.file.choose).setFocus()

    def hold(self, busy: bool) -> None:
        self.go.setEnabled(not busy)

    def _do(self) -> None:
        if self.practice.isChecked():
            self.asked.emit(JoinPractice())
            return
        path = self.file.accepted()
        if path is not None:
            self.asked.emit(JoinNetwork(path))
