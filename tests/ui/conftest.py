"""Every test here runs without a screen; colours and fonts are the product's own."""

from __future__ import annotations

import os
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
os.environ["FONTCONFIG_FILE"] = str(Path(__file__).with_name("fonts.conf"))

import pytest
from PySide6.QtCore import QCoreApplication, QEvent, QLocale
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from app.ui import theme
from app.ui.pages.order.detail import OrderDetail


@pytest.fixture(autouse=True)
def light(qapp: QApplication) -> None:
    QLocale.setDefault(QLocale(QLocale.Language.English, QLocale.Country.UnitedStates))
    # widgets of the tests before, closed but not yet deleted, would be styled along each time
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    if theme.color("bg").name().upper() != theme.LIGHT["bg"] or not qapp.styleSheet():
        theme.apply(qapp, "light")


@pytest.fixture
def detail(qtbot: QtBot) -> OrderDetail:
    """An order's page as wide as it is in the window."""
    made = OrderDetail()
    qtbot.addWidget(made)
    made.resize(776, 900)
    made.show()
    return made
