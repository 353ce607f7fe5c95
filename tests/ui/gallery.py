"""Every page and every sheet of the app, with the same things to show each time.

``VIEWS`` maps a name to what brings a fresh window there; it returns the widget to look at: the
window, or a sheet over it. Tests that must hold everywhere go through all of them.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial

from PySide6.QtWidgets import (
    QAbstractButton,
    QApplication,
    QComboBox,
    QDialog,
    QTabBar,
    QWidget,
)

from app.domain import catalogue
from app.domain.snapshots.datasets import (
    BrowseSnapshot,
    Claims,
    Count,
    DatasetSnapshot,
    RegisterSnapshot,
)
from app.domain.snapshots.shell import FirstRunSnapshot, HomeSnapshot, Notice
from app.domain.snapshots.subscriptions import SubscriptionCard, SubscriptionsSnapshot
from app.domain.stated import stated
from app.ui import theme
from app.ui.dialogs.help import HelpSheet
from app.ui.pages.registration.statements import Statements
from app.ui.pages.registration.steps import STEPS, StepList
from app.ui.pages.settings import SettingsPage
from app.ui.window import Window
from tests.counts import JUDGED
from tests.ui import dataset_samples as data
from tests.ui import desk_samples as desk
from tests.ui import order_samples as trade
from tests.ui import subscription_samples as subscribed
from tests.ui.looking import clipped
from tests.ui.test_lock import RESTARTED
from tests.ui.want_samples import BOARD

WIDTHS = (1060, 1160, 1240, 1360, 1920) if JUDGED else (1060, 1240)
"""Of a window: the smallest; below 1240 the rail has no words."""
SMALLEST = (WIDTHS[0], 680)
SETTINGS = replace(
    desk.SETTINGS,
    appearance="light",
    language="en",
    rpc="http://127.0.0.1:8545",
    has_battery=True,
)
BROWSE = BrowseSnapshot(
    cards=tuple(data.result(n, mine=n == 2, later_copy=n == 4) for n in range(7)),
    total=7,
    fields=(Count("energy", 5), Count("transport", 2)),
    regions=(Count("Estonia", 6), Count("Denmark", 1)),
    currencies=(data.DOLLAR, data.COIN),
)
RATING = replace(trade.BUYING, todo="rate", actions=("rate",))
THEIRS = replace(trade.NEGOTIATING, selling=False, actions=("accept", "counter", "decline"))


class Keeper:
    """A desktop that can be asked to stay awake."""

    def hold(self, why: str) -> None: ...

    def release(self) -> None: ...


View = Callable[[Window], QWidget]


def settle(rounds: int = 4) -> None:
    for _ in range(rounds):
        QApplication.processEvents()


def window(width: int = 1360, height: int = 860, mode: str = "light") -> Window:
    """A window on Home with something of everything, in the theme ``mode``."""
    made = Window(Keeper())
    made.resize(width, height)
    for snapshot in (
        replace(trade.SHELL, head_known=True),
        trade.DONE,
        replace(SETTINGS, appearance=mode),
        desk.BUSY_HOME,
        desk.MONEY,
        desk.RECORDS,
        trade.ROWS,
        data.OWN,
        BROWSE,
        data.OFFERED,
        BOARD,
    ):
        made.told(snapshot)
    made.show()
    made.activateWindow()
    settle()
    return made


def clipped_by_width(made: Window, root: QWidget) -> dict[int, list[str]]:
    """What does not fit where it stands in ``root``, by the width of the window, which was made
    at the smallest."""
    found = {}
    for width in WIDTHS:
        made.resize(width, SMALLEST[1] if width == SMALLEST[0] else 860)
        settle(6)
        if lost := clipped(root):
            found[width] = lost
    return found


def press(within: QWidget, name: str) -> None:
    button = within.findChild(QAbstractButton, name)
    assert button is not None, f"there is no {name}"
    button.click()
    settle()


def _page(place: str, made: Window) -> QWidget:
    made.go(place)
    return made


def _settings(part: str, made: Window) -> QWidget:
    _page("settings", made)
    settle()
    section = made.findChild(QWidget, f"settings.{part}")
    made.findChild(SettingsPage).area.ensureWidgetVisible(section, 0, 40)
    return made


def _first_run(run: FirstRunSnapshot, pressed: tuple[str, ...], made: Window) -> QWidget:
    made.told(run)
    settle()
    for name in pressed:
        press(made, name)
    return made


def _order(order: object, made: Window) -> QWidget:
    made.go("orders")
    made.told(order)
    return made


def _register(step: str, made: Window, draft: RegisterSnapshot = data.COMPLETE) -> QWidget:
    made.go("register")
    made.told(replace(draft, opened=1))
    steps = made.findChild(StepList)
    assert isinstance(steps, StepList)
    steps.chosen.emit(STEPS.index(step))
    return made


def _stated(made: Window) -> QWidget:
    """Filled in from the description of another file."""
    shown = _register("describe", made)
    card = shown.findChild(Statements)
    assert isinstance(card, Statements)
    card.take(stated(catalogue.document("odcs", data.OFFERED)))
    return shown


def _registered(made: Window) -> QWidget:
    made.go("register")
    done = replace(data.COMPLETE, opened=1, state="final", dataset="5e" * 32)
    made.told(done)
    return made


def _tab(number: int, made: Window) -> QWidget:
    made.go("dataset")
    tabs = made.findChild(QTabBar, "dataset.tabs")
    assert isinstance(tabs, QTabBar)
    tabs.setCurrentIndex(number)
    return made


def _told(snapshot: object, number: int, made: Window) -> QWidget:
    made.told(snapshot)
    return _tab(number, made)


def _challenge(snapshot: object, made: Window) -> QWidget:
    made.go("challenge")
    made.told(snapshot)
    return made


def _sample(shown: DatasetSnapshot, made: Window) -> QWidget:
    made.told(shown)
    return _tab(2, made)


def _queue(made: Window) -> QWidget:
    """Five deliveries, and nothing that needs the person."""
    made.told(replace(desk.BUSY_HOME, needs_you=(), running=desk.QUEUE))
    return _page("home", made)


def _newcomer(made: Window) -> QWidget:
    made.told(HomeSnapshot(wallet_empty=True))
    return made


def _noticed(made: Window) -> QWidget:
    made.told(Notice("outage", "chain.unreachable", "", details="timeout after 10 s"))
    made.told(Notice("peer", "peer.broke_protocol", "", {"other": "Baltic Grid"}, details="x"))
    made.told(Notice("rule", "fund.money", ""))
    return made


def _locked(made: Window) -> QWidget:
    made.told(replace(RESTARTED, name="Nordhaven Energy"))
    return made


def _sheet(view: View, button: str, made: Window) -> QWidget:
    return opened(made, view(made), button)


def opened(made: Window, over: QWidget, button: str) -> QWidget:
    """The sheet that a button opens."""
    settle()
    press(over, button)
    (sheet,) = [one for one in made.findChildren(QDialog) if one.isVisible() and one is not over]
    return sheet


def _of_order(action: str, order: object) -> View:
    return partial(_sheet, partial(_order, order), f"order.{action}")


def _of_page(place: str, button: str) -> View:
    return partial(_sheet, partial(_page, place), button)


def _words(made: Window) -> QWidget:
    sheet = _of_page("settings", "settings.words")(made)
    edit = sheet.findChild(QWidget, "words.password")
    edit.setText("the password")
    press(sheet, "words.do")
    made.told(replace(SETTINGS, words=desk.WORDS, appearance=_mode()))
    return sheet


def _mode() -> str:
    return "light" if theme.color("bg").name().upper() == theme.LIGHT["bg"] else "dark"


def _proof(made: Window) -> QWidget:
    sheet = _words(made)
    press(sheet, "words.do")
    return sheet


def _send_review(made: Window) -> QWidget:
    sheet = _of_page("money", "money.send")(made)
    sheet.findChild(QWidget, "send.amount").setText("25.50")
    sheet.findChild(QWidget, "send.to").setText(desk.OTHER)
    press(sheet, "send.do")
    return sheet


def _subscribed(place: str, cards: tuple[SubscriptionCard, ...], made: Window) -> QWidget:
    made.told(SubscriptionsSnapshot(cards))
    made.told(replace(data.OFFERED, subscription="1" * 32))
    return _page(place, made)


def _of_subscription(button: str, *cards: SubscriptionCard) -> View:
    shown = partial(_subscribed, "subscriptions", cards)
    return partial(_sheet, shown, f"subscription.{button}")


def _by_itself(made: Window) -> QWidget:
    """The sheet with automatic payment chosen."""
    sheet = _of_page("dataset", "dataset.subscribe")(made)
    how = sheet.findChild(QComboBox, "subscribe.paying")
    how.setCurrentIndex(1)
    settle()
    return sheet


def _help(made: Window) -> QWidget:
    sheet = HelpSheet(made)
    sheet.open()
    return sheet


_WELCOME = FirstRunSnapshot("welcome")
_ON_SALE, _MOVED, _DRAFT = (key * 4 for key in ("aa", "bb", "dd"))
_KNOWN = replace(
    trade.NEGOTIATING.person, contact=True, note="Asks for samples first.", labels=("soil",)
)
_UNPAID = replace(trade.PAYING, recovery_first=True, unaudited=True)

PAGES: dict[str, View] = {
    "home": partial(_page, "home"),
    "home_new": _newcomer,
    "home_queue": _queue,
    "notices": _noticed,
    "datasets": partial(_page, "datasets"),
    **{f"register_{step}": partial(_register, step) for step in STEPS},
    "register_stated": _stated,
    "register_alike": partial(_register, "check", draft=data.LIKE_OTHERS),
    "register_related": partial(
        _register, "check", draft=replace(data.LIKE_OTHERS, parent=data.LIKE.match.dataset)
    ),
    "register_known": partial(_register, "check", draft=data.KNOWN_ELSEWHERE),
    "register_elsewhere": partial(_register, "check", draft=data.LIKE_ELSEWHERE),
    "register_pieces": partial(_register, "check", draft=data.LIKE_PIECES),
    "registered": _registered,
    "browse": partial(_page, "browse"),
    "wanted": partial(_page, "wanted"),
    "subscriptions": partial(_subscribed, "subscriptions", subscribed.EVERY.cards),
    "subscriptions_none": partial(_subscribed, "subscriptions", ()),
    "subscriptions_orders": partial(_subscribed, "orders", subscribed.EVERY.cards),
    "subscriptions_dataset": partial(_subscribed, "dataset", subscribed.EVERY.cards),
    **{f"dataset_{n}": partial(_tab, n) for n in range(5)},
    "dataset_alike": partial(_told, data.OFFERED_ALIKE, 4),
    "dataset_elsewhere": partial(_told, data.OFFERED_TWICE, 4),
    "challenge": partial(_challenge, data.CHALLENGE),
    "challenge_draft": partial(_challenge, data.DRAFTED),
    "challenge_pieces": partial(_challenge, data.BY_PIECES),
    "challenge_none": partial(_page, "challenge"),
    **{f"sample_{name}": partial(_sample, shown) for name, shown in list(data.SAMPLES.items())[:4]},
    "sample_parquet": partial(
        _sample, replace(data.OFFERED, claims=Claims(accessibility="parquet"))
    ),
    "order_selling": partial(_order, trade.SELLING),
    "order_negotiating": partial(_order, trade.NEGOTIATING),
    "order_saving": partial(_order, trade.SAVING),
    "order_leaves": partial(_order, trade.LEAVES),
    "order_left": partial(_order, trade.LEFT),
    "order_receiving": partial(_order, trade.RECEIVING),
    "order_paused": partial(_order, trade.PAUSED),
    "order_queued": partial(_order, trade.QUEUED),
    "order_opening": partial(_order, trade.OPENING),
    "order_checking": partial(_order, trade.BUYING),
    "order_compared": partial(_order, trade.COMPARED),
    "order_paying": partial(_order, trade.PAYING),
    "order_faulty": partial(_order, trade.FAULTY),
    "order_untrue": partial(_order, trade.UNTRUE),
    "order_won": partial(_order, trade.WON),
    "order_lost": partial(_order, trade.LOST),
    "order_unrevealed": partial(_order, trade.ended("unrevealed")),
    "records": partial(_page, "records"),
    "money": partial(_page, "money"),
    "settings": partial(_page, "settings"),
    "settings_relays": partial(_settings, "relays"),
    "settings_others": partial(_settings, "others"),
    "locked": _locked,
    "welcome": partial(_first_run, _WELCOME, ()),
    "create": partial(_first_run, _WELCOME, ("firstrun.create",)),
    "have": partial(_first_run, _WELCOME, ("firstrun.have",)),
    "recovery": partial(_first_run, desk.RECOVERY, ()),
    "prove": partial(_first_run, desk.RECOVERY, ("firstrun.recovery.next",)),
    "network": partial(_first_run, desk.NETWORK, ()),
}
SHEETS: dict[str, View] = {
    "sheet_post": _of_page("wanted", "wanted.post"),
    "sheet_want_answer": _of_page("wanted", "wanted.answer"),
    "sheet_take_back": _of_page("wanted", "wanted.take_back"),
    "sheet_want_person": _of_page("wanted", "wanted.person"),
    "sheet_person": _of_order("person", replace(trade.NEGOTIATING, person=_KNOWN)),
    "sheet_sign": _of_order("sign", trade.NEGOTIATING),
    "sheet_counter": _of_order("counter", trade.NEGOTIATING),
    "sheet_accept": _of_order("accept", THEIRS),
    "sheet_decline": _of_order("decline", trade.NEGOTIATING),
    "sheet_pay": _of_order("pay", trade.PAYING),
    "sheet_pay_first": _of_order("pay", _UNPAID),
    "sheet_confirm": _of_order("confirm", trade.BUYING),
    "sheet_confirm_filled": _of_order("confirm", trade.COMPARED),
    "sheet_rate": _of_order("rate", RATING),
    "sheet_report": _of_order("report", trade.BUYING),
    "sheet_save_parcel": _of_order("save_parcel", trade.SELLING),
    "sheet_return": _of_order("return_payment", trade.SELLING),
    "sheet_agreement": _of_order("agreement", trade.SELLING),
    "sheet_offer": _of_page("dataset", "dataset.offer"),
    "sheet_ask": _of_page("dataset", "dataset.ask"),
    "sheet_subscribe": _of_page("dataset", "dataset.subscribe"),
    "sheet_subscribe_limit": _by_itself,
    "sheet_accept_subscription": _of_subscription("accept", subscribed.ASKED),
    "sheet_counter_subscription": _of_subscription("counter", subscribed.COUNTERED),
    "sheet_decline_subscription": _of_subscription("decline", subscribed.ASKED),
    "sheet_paying": _of_subscription("paying", subscribed.RUNNING),
    "sheet_end_subscription": _of_subscription("end", subscribed.RUNNING),
    "sheet_price": _of_page("datasets", f"datasets.price.{_ON_SALE}"),
    "sheet_withdraw": _of_page("datasets", f"datasets.withdraw.{_ON_SALE}"),
    "sheet_discard": _of_page("datasets", f"datasets.discard.{_DRAFT}"),
    "sheet_locate": _of_page("datasets", f"datasets.locate.{_MOVED}"),
    "sheet_worth": partial(_sheet, partial(_register, "price"), "register.worth"),
    "sheet_send": _of_page("money", "money.send"),
    "sheet_send_review": _send_review,
    "sheet_add": _of_page("money", "money.add"),
    "sheet_take": _of_page("money", "money.take"),
    "sheet_password": _of_page("settings", "settings.password"),
    "sheet_words": _of_page("settings", "settings.words"),
    "sheet_words_shown": _words,
    "sheet_words_proof": _proof,
    "sheet_export": _of_page("settings", "settings.export"),
    "sheet_join": _of_page("settings", "settings.join"),
    "sheet_help": _help,
}
VIEWS: dict[str, View] = PAGES | SHEETS
