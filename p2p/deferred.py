"""libp2p's packages without what they load for others.

Each of them imports in its ``__init__`` all that it has: QUIC, WebSocket, certificates, a
terminal's colours, 600 modules and 39 MiB in all. We use some modules of them. So the code of a
package itself runs here when a name of its own is asked for, not when a module below it is loaded.
"""

from collections.abc import Sequence
from importlib.machinery import ModuleSpec, PathFinder
from types import ModuleType
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from importlib.abc import Loader
else:
    Loader = object  # every process of ours comes by here: what that module loads is 20 ms

LIBRARY: Final = "libp2p"


class Deferred:
    """Finds the library's packages before Python does (`sys.meta_path`)."""

    def find_spec(
        self, name: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        if name.partition(".")[0] != LIBRARY:
            return None
        spec = PathFinder.find_spec(name, path, target)
        if spec is None or spec.loader is None or spec.submodule_search_locations is None:
            return spec
        spec.loader = _Later(spec.loader)
        return spec


class _Later(Loader):
    def __init__(self, own: Loader) -> None:
        self._own = own

    def create_module(self, spec: ModuleSpec) -> None:
        """Python's own."""

    def exec_module(self, module: ModuleType) -> None:
        module.__class__ = _Package

    def run(self, module: ModuleType) -> None:
        module.__class__ = ModuleType
        try:
            self._own.exec_module(module)
        except BaseException:  # as Python does it: who asks next runs it again
            module.__class__ = _Package
            raise


class _Package(ModuleType):
    """One whose own code has not run."""

    def __getattr__(self, name: str) -> Any:
        later = self.__spec__ and self.__spec__.loader
        if name.startswith("__") or not isinstance(later, _Later):
            raise AttributeError(f"module {self.__name__!r} has no attribute {name!r}")
        later.run(self)
        return getattr(self, name)
