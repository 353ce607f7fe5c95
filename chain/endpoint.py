"""One JSON-RPC endpoint: web3's HTTP provider with bounds on what it may answer.

An endpoint is a stranger. It may be slow, send gigabytes, send anything at all or point somewhere
else; every one of these is `Unreachable` here. Its address can hold an access key and is therefore
never repeated in an error; the host name is.
"""

import json
import time
from typing import Any, NoReturn
from urllib.parse import urlsplit

import requests
from urllib3.exceptions import HTTPError
from web3 import HTTPProvider
from web3.types import RPCEndpoint, RPCResponse

from chain.answers import Declined, RpcError, plain
from chain.errors import Unreachable

MAX_ANSWER_BYTES = 32 * 1024 * 1024
_READ_BYTES = 64 * 1024
_PATIENCE = 3
"""A whole answer may take this many times the time allowed for one wait on the socket."""


class _BoundedProvider(HTTPProvider):
    """As web3's, but an answer is read up to a limit, and never from another address."""

    def __init__(self, url: str, timeout: float, max_bytes: int) -> None:
        self._session = requests.Session()
        if urlsplit(url).hostname in ("127.0.0.1", "::1", "localhost"):
            # A proxy meant for the internet would look for our node on its own machine.
            self._session.trust_env = False
        super().__init__(url, session=self._session, exception_retry_configuration=None)
        self._timeout = timeout
        self._max_bytes = max_bytes

    def make_request(self, method: RPCEndpoint, params: Any) -> RPCResponse:
        deadline = time.monotonic() + _PATIENCE * self._timeout
        headers = {"Content-Type": "application/json", "Accept-Encoding": "identity"}
        with self._session.post(
            str(self.endpoint_uri),
            data=self.encode_rpc_request(method, params),
            headers=headers,
            timeout=self._timeout,
            stream=True,
            allow_redirects=False,
        ) as response:
            if response.status_code == 429:
                raise Unreachable("asks for fewer requests; it will be tried again")
            if response.status_code != 200:
                raise Unreachable(f"answered with HTTP status {response.status_code}")
            answer = bytearray()
            while part := response.raw.read1(_READ_BYTES, decode_content=False):
                answer += part
                if len(answer) > self._max_bytes:
                    raise Declined("sent a larger answer than is ever needed")
                if time.monotonic() > deadline:
                    raise Unreachable("takes too long to answer")
        decoded: RPCResponse = json.loads(answer)
        return decoded

    def close(self) -> None:
        self._session.close()


class Endpoint:
    """Ask one endpoint. Safe to use from several threads."""

    def __init__(self, url: str, timeout: float = 10.0, max_bytes: int = MAX_ANSWER_BYTES) -> None:
        """`timeout`: seconds without a sign of life after which it counts as unreachable."""
        self._provider = _BoundedProvider(url, timeout, max_bytes)
        self.host = urlsplit(url).netloc.rpartition("@")[2]
        """Names the endpoint to a person, without the secrets its address may hold."""

    def ask(self, method: str, *params: Any) -> Any:
        """The result of one JSON-RPC call: any JSON value, unchecked.

        RpcError if the endpoint answers with an error, Unreachable for everything else.
        """
        try:
            answer: object = self._provider.make_request(RPCEndpoint(method), list(params))
        except Unreachable as error:
            raise type(error)(f"{self.host} {error.cause}.") from None
        except requests.Timeout:
            self._fail("does not answer in time")
        except (requests.RequestException, HTTPError, OSError):
            self._fail("cannot be reached; check the connection and that the node is running")
        except (ValueError, RecursionError):
            self._fail("answered something that is not JSON")
        if not isinstance(answer, dict):
            self._fail("answered something that is not JSON-RPC")
        if answer.get("error") is not None:
            raise _rpc_error(answer["error"])
        if "result" not in answer:
            self._fail("answered something that is not JSON-RPC")
        return answer["result"]

    def close(self) -> None:
        """Close the connections; the endpoint can be asked again."""
        self._provider.close()

    def _fail(self, cause: str) -> NoReturn:
        raise Unreachable(f"{self.host} {cause}.") from None


def _rpc_error(error: object) -> RpcError:
    if not isinstance(error, dict):
        return RpcError(0, "an error without a reason", None)
    code, message = error.get("code"), error.get("message")
    text = plain(message) if isinstance(message, str) else "an error without a reason"
    return RpcError(code if type(code) is int else 0, text, error.get("data"))
