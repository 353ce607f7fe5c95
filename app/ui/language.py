"""The language of the sentences: English in the source, Simplified Chinese as a translation."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication, QLocale, QTranslator

from resources import resource

_installed: list[QTranslator] = []
_data: list[bytes] = []  # Qt reads the translation from here as long as it is installed
_now = ["en"]


def resolved(choice: str) -> str:
    """ "en" or "zh_CN"; "system" follows the desktop where that is Chinese and there is a
    translation: English sentences with Chinese dates in them are neither."""
    if choice != "system":
        return choice
    chinese = QLocale.system().language() == QLocale.Language.Chinese
    return "zh_CN" if chinese and resource("i18n", "zh_CN.qm").is_file() else "en"


def install(choice: str) -> bool:
    """Speak ``choice`` ("system", "en" or "zh_CN") from now on; whether that is a change."""
    wanted = resolved(choice)
    QLocale.setDefault(QLocale("zh_CN" if wanted == "zh_CN" else "en_US"))
    if wanted == _now[0]:
        return False
    for translator in _installed:
        QCoreApplication.removeTranslator(translator)
    _installed.clear()
    _data.clear()
    file = resource("i18n", f"{wanted}.qm")
    if wanted != "en" and file.is_file():
        content = file.read_bytes()
        translator = QTranslator()
        if translator.load(content):
            QCoreApplication.installTranslator(translator)
            _installed.append(translator)
            _data.append(content)
    _now[0] = wanted
    return True
