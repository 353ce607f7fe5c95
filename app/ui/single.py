"""One window a profile: a second start asks the first one to come up, and ends."""

from __future__ import annotations

import hashlib
from pathlib import Path

from PySide6.QtCore import QObject, Signal
from PySide6.QtNetwork import QLocalServer, QLocalSocket

WAIT_MS = 1000


class First(QObject):
    """``raised`` is emitted when another start wants this window. The name of the local socket
    follows from the profile's folder, so that different profiles do not meet."""

    raised = Signal()

    def __init__(self, profile: Path) -> None:
        super().__init__()
        folder = str(profile.expanduser().resolve())
        self._name = f"lading-{hashlib.sha256(folder.encode()).hexdigest()[:24]}"
        self._server = QLocalServer(self)
        self._server.setSocketOptions(QLocalServer.SocketOption.UserAccessOption)
        self._server.newConnection.connect(self._on_connection)

    def raise_other(self) -> bool:
        """True if a window of this profile is open elsewhere: it was asked to come up. Otherwise
        this one is the first, and listens."""
        socket = QLocalSocket()
        socket.connectToServer(self._name)
        if socket.waitForConnected(WAIT_MS):
            socket.disconnectFromServer()
            return True
        # A crash leaves the socket's file; nobody answered there, so it is free.
        QLocalServer.removeServer(self._name)
        self._server.listen(self._name)
        return False

    def _on_connection(self) -> None:
        while (socket := self._server.nextPendingConnection()) is not None:
            socket.deleteLater()
            self.raised.emit()
