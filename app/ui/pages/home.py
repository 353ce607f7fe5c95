"""Home: what needs the person, what runs, how the month went, what was recorded."""

from __future__ import annotations

from functools import partial

from PySide6.QtWidgets import QGridLayout, QWidget

from app.domain.commands import GetPracticeDollars, OpenOrder, PauseAll, ResumeAll
from app.domain.snapshots.shell import HomeSnapshot, ShellSnapshot
from app.ui.page import ScrollPage
from app.ui.pages.beginning.tile import Tile
from app.ui.pages.overview.lines import RecentLine, RunningLine, TaskLine
from app.ui.pages.overview.rows import Rows
from app.ui.phrases import home as phrases
from app.ui.widgets.buttons import Button
from app.ui.widgets.facts import Stat
from app.ui.widgets.layout import Pair, card, column, frame, row
from app.ui.widgets.text import Badge, Icon, Lead, label
from app.ui.widgets.timeline import Mark, Timeline

RECENT_SHOWN = 5


class HomePage(ScrollPage):
    """A newcomer sees what to do first; everyone else what is to be done now."""

    shows = (HomeSnapshot, ShellSnapshot)

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("home")
        self._home, self._shell = HomeSnapshot(), ShellSnapshot()
        self._summary = label(role="muted", wrap=True, name="home.summary")
        self.column.addWidget(label(phrases.text("title"), "h1"))
        self.column.addWidget(self._summary)
        self._build_begin()
        self._build_needs()
        self._build_rest()
        self.column.addStretch(1)
        self._show()

    def show_snapshot(self, snapshot: HomeSnapshot | ShellSnapshot) -> None:
        if isinstance(snapshot, ShellSnapshot):
            self._shell = snapshot
        else:
            self._home = snapshot
        self._show()

    # --- building -----------------------------------------------------------------------------

    def _build_begin(self) -> None:
        self._identity = _tile("identity", "key")
        self._sell = _tile("sell", "file-plus")
        self._buy = _tile("buy", "search")
        self._practice = _tile("practice", "coins")
        self._money = _tile("money", "qr-code")
        self._identity.clicked.connect(lambda: self.went.emit("firstrun"))
        self._sell.clicked.connect(lambda: self.went.emit("register"))
        self._buy.clicked.connect(lambda: self.went.emit("browse"))
        self._practice.clicked.connect(lambda: self.asked.emit(GetPracticeDollars()))
        self._money.clicked.connect(lambda: self.went.emit("money"))
        self._begin = card(
            label(phrases.text("begin"), "h2"),
            Pair(self._identity, self._sell, self._buy, self._practice, self._money, spacing=12),
            name="home.begin",
            spacing=14,
        )
        course = Timeline("home.course")
        steps = phrases.course()
        marks = tuple(Mark(name, said, "to_come") for name, said in steps)
        course.say(marks, ", ".join(f"{name}: {said}" for name, said in steps))
        self._course = card(label(phrases.text("course"), "h2"), course, spacing=14)
        self.column.addWidget(self._begin)
        self.column.addWidget(self._course)

    def _build_needs(self) -> None:
        self._count = Badge("", "warn", "home.count")
        self._tasks = Rows(self._task, "home.tasks")
        self._needs = card(
            row(label(phrases.text("needs"), "h2"), self._count, None, spacing=10),
            self._tasks,
            name="home.needs",
            spacing=4,
        )
        calm = Lead("home.calm")
        calm.say(phrases.text("calm.lead"), phrases.text("calm.rest"))
        said = row(Icon("circle-check", "accent", 20, 2), calm, spacing=12)
        said.setContentsMargins(16, 12, 16, 12)
        self._calm = frame("next", said)
        empty = Lead("home.empty")
        empty.say(phrases.text("empty.lead"))
        self._get = Button(phrases.text("begin.practice"), icon="coins", name="home.practice")
        self._get.clicked.connect(lambda: self.asked.emit(GetPracticeDollars()))
        poor = row(Icon("wallet", "accent", 20, 1.75), empty, self._get, spacing=12)
        poor.setContentsMargins(16, 8, 12, 8)
        self._poor = frame("inset", poor)
        for part in (self._needs, self._calm, self._poor):
            self.column.addWidget(part)

    def _build_rest(self) -> None:
        self._deliveries = Rows(self._delivery, "home.deliveries")
        self._idle = label(phrases.idle(False), "muted", wrap=True, name="home.running.none")
        self._pause = Button(phrases.pause_all(), "link", name="home.pause_all")
        self._pause.clicked.connect(lambda: self.asked.emit(PauseAll()))
        self._resume = Button(phrases.resume_all(), icon="play", name="home.resume_all")
        self._resume.clicked.connect(lambda: self.asked.emit(ResumeAll()))
        self._running = card(
            row(label(phrases.text("running"), "h2"), None, self._pause, self._resume),
            self._idle,
            self._deliveries,
            spacing=4,
        )
        self._earned = Stat(phrases.text("earned"), name="home.earned")
        self._held = Stat(phrases.text("held"), name="home.held")
        self._orders = Stat(phrases.orders(0), name="home.orders")
        self._rating = Stat(phrases.ratings(0), name="home.rating")
        figures = QGridLayout()
        figures.setContentsMargins(0, 4, 0, 0)
        figures.setVerticalSpacing(16)
        figures.setHorizontalSpacing(12)
        for i, stat in enumerate((self._earned, self._held, self._orders, self._rating)):
            figures.addWidget(stat, i // 2, i % 2)
            figures.setColumnStretch(i % 2, 1)
        month = card(label(phrases.text("month"), "h2"), figures, None, name="home.month")
        self._recent = Rows(RecentLine, "home.recent")
        self._fresh = label(phrases.text("recent.none"), "muted", wrap=True)
        every = Button(phrases.text("all_records"), "link", name="home.records")
        every.clicked.connect(partial(self.went.emit, "records"))
        recent = card(
            row(label(phrases.text("recent"), "h2"), None, every),
            self._fresh,
            self._recent,
            None,
            spacing=4,
        )
        self._rest = QWidget()
        self._rest.setLayout(column(self._running, Pair(month, recent), spacing=14))
        self.column.addWidget(self._rest)

    def _task(self) -> TaskLine:
        line = TaskLine()
        line.opened.connect(self._open)
        return line

    def _open(self, thread: str) -> None:
        kinds = {task.kind for task in self._home.needs_you if task.order == thread}
        if "subscription" in kinds:
            self.went.emit("subscriptions")
        else:
            self.asked.emit(OpenOrder(thread))

    def _delivery(self) -> RunningLine:
        line = RunningLine()
        line.asked.connect(self.asked)
        line.opened.connect(lambda order: self.asked.emit(OpenOrder(order)))
        return line

    # --- showing ------------------------------------------------------------------------------

    def _show(self) -> None:
        home, shell = self._home, self._shell
        new = not (home.datasets or home.needs_you or home.running or home.orders_this_month)
        guest = not shell.code
        self._summary.setText(phrases.summary(home))
        self._summary.setVisible(not new)
        for part in (self._begin, self._course):
            part.setVisible(new)
        self._rest.setVisible(not new or bool(home.recent))
        self._identity.setVisible(guest)
        self._sell.setVisible(not guest)
        self._practice.setVisible(not guest and home.wallet_empty and shell.practice)
        self._money.setVisible(not guest and home.wallet_empty and not shell.practice)
        self._needs.setVisible(bool(home.needs_you))
        self._calm.setVisible(not home.needs_you and not new)
        self._poor.setVisible(home.wallet_empty and shell.practice and not new and not guest)
        self._count.setText(str(len(home.needs_you)))
        self._tasks.say((f"{task.order} {task.kind}", task) for task in home.needs_you)
        self._pause.setVisible(bool(home.running) and not home.all_paused)
        self._resume.setVisible(home.all_paused)
        self._idle.setText(phrases.idle(home.all_paused))
        self._idle.setVisible(not home.running)
        self._deliveries.say((line.order, line) for line in home.running)
        self._earned.say(phrases.amounts(home.earned))
        self._held.say(phrases.amounts(home.held))
        count = home.orders_this_month
        self._orders.say(str(count), phrases.orders(count))
        self._rating.say(phrases.rating(home.rating), phrases.ratings(home.ratings))
        self._fresh.setVisible(not home.recent)
        self._recent.say((str(i), line) for i, line in enumerate(home.recent[:RECENT_SHOWN]))


def _tile(what: str, icon: str) -> Tile:
    title, text = phrases.text(f"begin.{what}"), phrases.text(f"begin.{what}.text")
    return Tile(icon, title, text, f"home.begin.{what}")
