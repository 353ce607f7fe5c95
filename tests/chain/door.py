"""An endpoint of a test's own: JSON-RPC over real HTTP on loopback, and what was asked there."""

import http.server
import json
import threading
from abc import ABC, abstractmethod
from typing import Any


class Silence(Exception):
    """Nothing is answered."""


class Door(ABC):
    """Listens on loopback until `close`. `asked` are the methods it was asked, in order."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self._server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), self._desk())
        self._server.daemon_threads = True
        self._server.block_on_close = False
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.01,))
        self._thread.start()
        self.url = f"http://127.0.0.1:{self._server.server_port}"

    @abstractmethod
    def reply(self, question: dict[str, Any]) -> bytes:
        """The body that answers a JSON-RPC question; Silence ends the connection without one."""

    def close(self) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    def _desk(self) -> type[http.server.BaseHTTPRequestHandler]:
        outer = self

        class Desk(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            wbufsize = -1  # head and body in one packet

            def do_POST(self) -> None:
                question = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                outer.asked.append(question["method"])
                try:
                    reply = outer.reply(question)
                except Silence:
                    self.close_connection = True
                    return
                self.send_response(200)
                self.send_header("Content-Length", str(len(reply)))
                self.end_headers()
                try:
                    self.wfile.write(reply)
                except OSError:
                    self.close_connection = True

            def log_message(self, format: str, *args: object) -> None:
                pass

        return Desk
