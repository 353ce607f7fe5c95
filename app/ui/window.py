"""The window: rail, strips, notices and one page at a time.

Snapshots come in through `told` and go to the pages whose ``shows`` names their type; the newest
that was told of each type is kept, so that a page made later starts with it. Commands of all pages
leave through ``asked``.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from importlib import import_module

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import (
    QCloseEvent,
    QDragEnterEvent,
    QDropEvent,
    QGuiApplication,
    QKeySequence,
    QResizeEvent,
    QShortcut,
)
from PySide6.QtWidgets import QApplication, QLineEdit, QStackedWidget, QWidget

from app.domain.commands import (
    ImportParcel,
    Lock,
    LookAt,
    OpenChallenge,
    OpenDataset,
    OpenOrder,
)
from app.domain.snapshots.shell import (
    FirstRunSnapshot,
    HomeSnapshot,
    Notice,
    SettingsSnapshot,
    ShellSnapshot,
)
from app.ui import language, theme
from app.ui.awake import Awake, Keeper
from app.ui.dialogs.help import HelpSheet
from app.ui.dialogs.person import PersonSheet
from app.ui.dropping import dropped_files
from app.ui.idle import Idle
from app.ui.lock import LockScreen
from app.ui.page import Page
from app.ui.phrases import shell as phrases
from app.ui.rail import UPPER, Rail
from app.ui.reading import put_in_order
from app.ui.tray import Tray
from app.ui.widgets.buttons import Button
from app.ui.widgets.layout import column, row
from app.ui.widgets.notice import NoticeBar, Strip

# page → (module, class, entry of the rail it belongs to); made when first opened
PAGES: dict[str, tuple[str, str, str]] = {
    "home": ("app.ui.pages.home", "HomePage", "home"),
    "datasets": ("app.ui.pages.datasets", "DatasetsPage", "datasets"),
    "register": ("app.ui.pages.register", "RegisterPage", "datasets"),
    "browse": ("app.ui.pages.browse", "BrowsePage", "browse"),
    "dataset": ("app.ui.pages.dataset", "DatasetPage", "browse"),
    "challenge": ("app.ui.pages.challenge", "ChallengePage", "records"),
    "wanted": ("app.ui.pages.wanted", "WantedPage", "browse"),
    "orders": ("app.ui.pages.orders", "OrdersPage", "orders"),
    "subscriptions": ("app.ui.pages.subscriptions", "SubscriptionsPage", "orders"),
    "records": ("app.ui.pages.records", "RecordsPage", "records"),
    "money": ("app.ui.pages.money", "MoneyPage", "money"),
    "settings": ("app.ui.pages.settings", "SettingsPage", "settings"),
    "firstrun": ("app.ui.pages.firstrun", "FirstRunPage", ""),
}
LEADS: dict[type, str] = {
    OpenOrder: "orders",
    OpenDataset: "dataset",
    OpenChallenge: "challenge",
    ImportParcel: "orders",
}
RAIL_ICONS_BELOW = 1240
NOTICES_SHOWN = 3
DONE_SHOWN_MS = 6000


class Window(QWidget):
    """Everything a person sees. ``asked`` emits their commands, ``looked`` a `LookAt` when another
    page is in front; ``keeper`` can keep the computer awake."""

    asked = Signal(object)
    looked = Signal(object)

    rail: Rail
    stack: QStackedWidget
    _cover: QStackedWidget
    _inside: QWidget

    def __init__(self, keeper: Keeper | None = None) -> None:
        super().__init__()
        self.setObjectName("window")
        self.setWindowTitle("Lading")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setAcceptDrops(True)
        self.setMinimumSize(1060, 680)
        self.resize(1360, 860)
        self._newest: dict[type, object] = {}
        self._look = ("", "")  # appearance and language applied last
        self._outer = column(spacing=0)
        self.setLayout(self._outer)
        self._build()
        self._shortcuts()
        self._idle = Idle(self)
        self._idle.passed.connect(self._lock_up)
        self._awake = Awake(keeper, self)
        self._tray = Tray(self)
        self._tray.wanted.connect(self.come_up)
        self._tray.asked.connect(self._ask)
        self._tray.left.connect(self._leave)
        self._leaving = False
        self._held = False  # whether buttons wait for the chain
        self._invited = False
        hints = QGuiApplication.styleHints()
        hints.colorSchemeChanged.connect(lambda _: self._appear(self._look[0] or "system"))

    # --- what comes in ----------------------------------------------------------------------

    def told(self, message: object) -> None:
        """A snapshot or a notice: shown by the window, and by the pages it is for."""
        if isinstance(message, SettingsSnapshot):
            message = replace(message, can_stay_awake=self._awake.possible)
        if isinstance(message, Notice):
            self._note(message)
        else:
            self._newest[type(message)] = message
        if isinstance(message, ShellSnapshot | FirstRunSnapshot):
            self._show_shell()
        if isinstance(message, SettingsSnapshot):
            self._dress(message)
            self._idle.set_minutes(message.auto_lock_minutes)
        if isinstance(message, HomeSnapshot | SettingsSnapshot):
            self._awake.told(message)
        if isinstance(message, HomeSnapshot | FirstRunSnapshot):
            self._tray.told(message)
        for page in self._pages.values():
            if isinstance(message, page.shows):
                page.show_snapshot(message)
        self._hold_back()

    def go(self, place: str) -> None:
        """Open the page ``place``, a key of `PAGES`."""
        page = self._page(place)
        if place == "firstrun":  # asked for by somebody who only looked round so far
            self._invited = True
            self._cover.setCurrentWidget(page)
            page.opened()
            return
        self._invited = False
        self._cover.setCurrentWidget(self._inside)
        self._place = place
        self.rail.check(PAGES[place][2])
        if self.stack.currentWidget() is not page:
            before = page.focusWidget()
            self.stack.setCurrentWidget(page)
            # where the keyboard was before, else at the top: the stack takes any first button
            (before or page).setFocus(Qt.FocusReason.OtherFocusReason)
        page.opened()
        self.looked.emit(LookAt(frozenset(page.shows)))
        focus = self.focusWidget()
        if focus is None or not (focus is page or page.isAncestorOf(focus)):
            page.setFocus(Qt.FocusReason.OtherFocusReason)

    def come_up(self) -> None:
        """In front of everything, also out of the tray."""
        if self.isMinimized() or not self.isVisible():
            self.showNormal()
        self.raise_()
        self.activateWindow()

    # --- building ---------------------------------------------------------------------------

    def _build(self) -> None:
        self._pages: dict[str, Page] = {}
        self._place = "home"
        self.rail = Rail()
        self.rail.went.connect(self.go)
        self.stack = QStackedWidget()
        self.practice = Strip("shield-check", name="window.practice")
        self.guide = Strip("map-pin", "guide", name="window.guide")
        self._bars: list[NoticeBar] = []
        self._notices = column(spacing=6)
        self.lock = LockScreen()
        self.lock.asked.connect(self.asked)
        pages = column(self.practice, self.guide, self._notices, self.stack, spacing=0)
        pages.setStretch(3, 1)
        self._inside = QWidget()
        inside = row(self.rail, pages, spacing=0)
        inside.setStretch(1, 1)
        self._inside.setLayout(inside)
        self._cover = QStackedWidget()  # the pages, or what replaces them
        self._cover.addWidget(self._inside)
        self._cover.addWidget(self.lock)
        self._outer.addWidget(self._cover)
        self.practice.say("")
        self.guide.say("")
        self.rail.set_wide(self.width() >= RAIL_ICONS_BELOW)

    def _page(self, place: str) -> Page:
        if place not in self._pages:
            module, name, _ = PAGES[place]
            make: Callable[[], Page] = getattr(import_module(module), name)
            page = make()
            self._pages[place] = page
            page.asked.connect(self._ask)
            page.went.connect(self.go)
            (self._cover if place == "firstrun" else self.stack).addWidget(page)
            for snapshot in self._newest.values():
                if isinstance(snapshot, page.shows):
                    page.show_snapshot(snapshot)
            self._hold_back()
        return self._pages[place]

    def _shortcuts(self) -> None:
        for i, place in enumerate(UPPER):
            self._key(f"Ctrl+{i + 1}", partial(self.go, place))
        self._key("Ctrl+,", partial(self.go, "settings"))
        self._key("Ctrl+K", self._search)
        self._key("F1", lambda: HelpSheet(self).open())

    def _key(self, keys: str, run: Callable[[], None]) -> None:
        shortcut = QShortcut(QKeySequence(keys), self)
        shortcut.activated.connect(lambda: run() if self._open() else None)

    def _search(self) -> None:
        self.go("browse")
        field = self._pages["browse"].findChild(QLineEdit, "browse.search")
        if isinstance(field, QLineEdit):
            field.setFocus(Qt.FocusReason.ShortcutFocusReason)
            field.selectAll()

    # --- what goes on ------------------------------------------------------------------------

    def _ask(self, command: object) -> None:
        self.asked.emit(command)
        place = LEADS.get(type(command), self._place)
        if place != self._place and self._open():
            self.go(place)

    def _open(self) -> bool:
        return self._cover.currentWidget() is self._inside

    def _show_shell(self) -> None:
        shell = self._newest.get(ShellSnapshot, ShellSnapshot())
        run = self._newest.get(FirstRunSnapshot)
        assert isinstance(shell, ShellSnapshot)
        self.rail.say(shell)
        self.practice.say(phrases.practice() if shell.practice else "")
        self.guide.say(phrases.guide(shell.guide))
        self.setWindowTitle(f"{shell.name} – Lading" if shell.name else "Lading")
        if shell.locked or (isinstance(run, FirstRunSnapshot) and run.step == "locked"):
            self._show_lock(shell, run if isinstance(run, FirstRunSnapshot) else None)
        elif isinstance(run, FirstRunSnapshot) and run.step != "done":
            self._cover.setCurrentWidget(self._page("firstrun"))
        elif self.stack.count() == 0 or (not self._open() and not self._guest_decides(shell)):
            self._cover.setCurrentWidget(self._inside)
            self.go(self._place)

    def _hold_back(self) -> None:
        """Buttons that need the chain wait until it was read once; then all are let go."""
        shell = self._newest.get(ShellSnapshot)
        unread = isinstance(shell, ShellSnapshot) and not shell.head_known
        if unread or self._held:
            for button in self.findChildren(Button):
                button.hold(phrases.chain_unread() if unread else "")
        self._held = unread

    def _guest_decides(self, shell: ShellSnapshot) -> bool:
        """Somebody without an identity opened the first run again and has not made one yet."""
        return self._invited and not shell.code

    def _show_lock(self, shell: ShellSnapshot, run: FirstRunSnapshot | None) -> None:
        told = run if run and run.step == "locked" else FirstRunSnapshot("locked")
        self.lock.say(shell.name or told.name, told)
        if run and run.problem:
            self.lock.refuse(run.problem)
        if self._cover.currentWidget() is not self.lock:
            self._cover.setCurrentWidget(self.lock)
            self.lock.password.setFocus(Qt.FocusReason.OtherFocusReason)

    def _note(self, notice: Notice) -> None:
        if self._cover.currentWidget() is self.lock and notice.kind not in ("done", "news"):
            self.lock.refuse(notice)
            return
        if self._cover.currentWidget() is self._pages.get("firstrun"):
            return  # that page shows it by itself
        for bar in self._bars:  # said before: say it anew, do not pile up
            if bar.notice and bar.notice.code == notice.code and bar.notice.about == notice.about:
                bar.say(notice)
                return
        bar = NoticeBar(f"notice.{notice.kind}")
        bar.closed.connect(lambda gone=bar: self._drop(gone))
        self._bars.append(bar)
        self._notices.addWidget(bar)
        self._notices.setContentsMargins(28, 10, 28, 0)
        bar.say(notice)
        if notice.kind == "done":
            QTimer.singleShot(DONE_SHOWN_MS, bar, lambda gone=bar: self._drop(gone))
        while len(self._bars) > NOTICES_SHOWN:
            self._drop(self._bars[0])

    def _drop(self, bar: NoticeBar) -> None:
        if bar in self._bars:
            self._bars.remove(bar)
            self._notices.removeWidget(bar)
            bar.hide()
            bar.deleteLater()
        if not self._bars:
            self._notices.setContentsMargins(0, 0, 0, 0)

    def _dress(self, settings: SettingsSnapshot) -> None:
        """Appearance and language as chosen; a new language makes all pages anew."""
        appearance, tongue = self._look
        if settings.appearance != appearance:
            self._appear(settings.appearance)
        self._look = (settings.appearance, settings.language)
        if settings.language != tongue and language.install(settings.language):
            place = self._place
            self._outer.removeWidget(self._cover)
            self._cover.deleteLater()
            self._build()
            self._place = place
            self._show_shell()

    def _appear(self, mode: str) -> None:
        app = QApplication.instance()
        if isinstance(app, QApplication):
            theme.apply(app, mode)

    def focusNextPrevChild(self, next: bool) -> bool:
        put_in_order(self)
        return super().focusNextPrevChild(next)

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if self._open() and dropped_files(event.mimeData()):
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        paths = dropped_files(event.mimeData())
        if self._open() and paths:
            event.acceptProposedAction()
            self._ask(ImportParcel(paths))

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.rail.set_wide(self.width() >= RAIL_ICONS_BELOW)

    def closeEvent(self, event: QCloseEvent) -> None:
        """With deliveries running and a tray to go to, closing only hides the window."""
        if not self._leaving and self._tray.stays():
            event.ignore()
            self.hide()
            self._tray.say_still_here()
            return
        self._tray.hide()
        self._awake.end()
        super().closeEvent(event)

    def _leave(self) -> None:
        self._leaving = True
        self.close()

    def _lock_up(self) -> None:
        shell = self._newest.get(ShellSnapshot)
        if isinstance(shell, ShellSnapshot) and shell.code and not shell.locked:
            for sheet in self.findChildren(PersonSheet):  # it keeps what was typed, before the lock
                sheet.reject()
            self.asked.emit(Lock())
