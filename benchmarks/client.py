"""A light load client: keep-alive connections, one process each, raw sockets. It talks to 127.0.0.1 only."""

import multiprocessing
import socket
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from multiprocessing.connection import Connection

HOST = "127.0.0.1"
TIMEOUT_S = 30.0
CONNECTIONS = 4


@dataclass
class Load:
    """What a run gave: seconds, one latency a request, statuses, body bytes."""

    seconds: float = 0.0
    latencies_s: list[float] = field(default_factory=list)
    statuses: Counter[int] = field(default_factory=Counter)
    body_bytes: int = 0

    @property
    def rate(self) -> float:
        """Requests per second."""
        return len(self.latencies_s) / self.seconds if self.seconds else 0.0

    def latency_ms(self, share: float) -> float:
        """The latency (ms) that this share of the requests did not exceed."""
        return quantile_ms(self.latencies_s, share)


def quantile_ms(seconds: Sequence[float], share: float) -> float:
    """A quantile of times, in milliseconds."""
    ordered = sorted(seconds)
    return 1000 * ordered[min(int(share * len(ordered)), len(ordered) - 1)] if ordered else 0.0


def request_bytes(path: str, headers: Sequence[str] = (), encoding: str = "gzip") -> bytes:
    """One GET request."""
    lines = (f"GET {path} HTTP/1.1", f"Host: {HOST}", f"Accept-Encoding: {encoding}", *headers, "", "")
    return "\r\n".join(lines).encode()


class KeepAlive:
    """One HTTP/1.1 connection that is used again and again."""

    def __init__(self, port: int) -> None:
        self._socket = socket.create_connection((HOST, port), timeout=TIMEOUT_S)
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._rest = b""

    def ask(self, request: bytes) -> tuple[int, bytes]:
        """Send a request; return status and body."""
        self._socket.sendall(request)
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_QUICKACK, 1)
        head = self._head()
        status = int(head[9:12])
        if status == 304:
            return status, b""
        lower = head.lower()
        if b"transfer-encoding: chunked" in lower:
            return status, self._chunked()
        at = lower.find(b"content-length:")
        if at < 0:
            return status, b""
        return status, self._body(int(lower[at + 15 :].split(b"\r\n", 1)[0]))

    def close(self) -> None:
        """Let go."""
        self._socket.close()

    def _receive(self) -> bytes:
        data = self._socket.recv(1_048_576)
        if not data:
            raise ConnectionError("the server closed the connection")
        # A server that sends head and body apart would else wait 40 ms for the late acknowledgement of the head.
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_QUICKACK, 1)
        return data

    def _head(self) -> bytes:
        while (end := self._rest.find(b"\r\n\r\n")) < 0:
            self._rest += self._receive()
        head, self._rest = self._rest[: end + 4], self._rest[end + 4 :]
        return head

    def _body(self, length: int) -> bytes:
        parts, have = [self._rest], len(self._rest)
        while have < length:
            parts.append(self._receive())
            have += len(parts[-1])
        whole = b"".join(parts)
        body, self._rest = whole[:length], whole[length:]
        return body

    def _chunked(self) -> bytes:
        body = b""
        while True:
            while (end := self._rest.find(b"\r\n")) < 0:
                self._rest += self._receive()
            size, self._rest = int(self._rest[:end], 16), self._rest[end + 2 :]
            body += self._body(size + 2)[:-2]
            if size == 0:
                return body


def _worker(port: int, requests: Sequence[bytes], seconds: float, cycle: bool, pipe: Connection) -> None:
    line = KeepAlive(port)
    load = Load()
    pipe.send("ready")
    pipe.recv()
    begun = time.perf_counter()
    end = begun + seconds
    again = True
    while again:
        for request in requests:
            start = time.perf_counter()
            if start > end:
                break
            status, body = line.ask(request)
            load.latencies_s.append(time.perf_counter() - start)
            load.statuses[status] += 1
            load.body_bytes += len(body)
        again = cycle and time.perf_counter() < end
    load.seconds = time.perf_counter() - begun
    line.close()
    pipe.send(load)


def run_load(port: int, requests: Sequence[bytes], seconds: float, *, cycle: bool = False) -> Load:
    """Send the requests over CONNECTIONS connections, each once (or in turn with `cycle`), at most `seconds` long."""
    context = multiprocessing.get_context("fork")
    ends, processes = [], []
    for number in range(CONNECTIONS):
        ours, theirs = context.Pipe()
        own = requests[number::CONNECTIONS]
        process = context.Process(target=_worker, args=(port, own, seconds, cycle and bool(own), theirs))
        process.start()
        ends.append(ours)
        processes.append(process)
    for end in ends:
        _receive(end)
    for end in ends:
        end.send("go")
    total = Load()
    for end in ends:
        part = _receive(end, seconds + TIMEOUT_S)
        total.seconds = max(total.seconds, part.seconds)
        total.latencies_s += part.latencies_s
        total.statuses += part.statuses
        total.body_bytes += part.body_bytes
    for process in processes:
        process.join(TIMEOUT_S)
    return total


def _receive(end: Connection, patience_s: float = TIMEOUT_S) -> Load:
    if not end.poll(patience_s):
        raise TimeoutError("a connection of the load client gave no answer")
    found: Load = end.recv()
    return found
