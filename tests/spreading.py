"""How tests are handed out to several processes."""

from xdist.scheduler import LoadScopeScheduling
from xdist.workermanage import WorkerController

from tests.together import LONGEST, group


class Spreading(LoadScopeScheduling):
    """Whole groups, the longest first; but every other process begins with all that is not long.

    Apps that wait look at each block all the same. With apps in every process little was left for
    those whose turn it was: what works goes on beside what waits.
    """

    _short: list[str] | None = None

    def _split_scope(self, nodeid: str) -> str:
        return group(nodeid)

    def _assign_work_unit(self, node: WorkerController) -> None:
        if self._short is None:
            self._short = [one for one in reversed(self.workqueue) if not one.startswith(LONGEST)]
        while self.nodes.index(node) % 2 and self._short:
            one = self._short.pop()
            if one in self.workqueue:
                self.workqueue.move_to_end(one, last=False)  # the next that is handed out
                break
        super()._assign_work_unit(node)
