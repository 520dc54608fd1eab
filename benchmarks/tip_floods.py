"""Two floods of tips, by a process of its own at a lower priority, since a flood has machines of its own.

"own forms": each post opens its form and answers its question, every tenth does the work; what the tip form costs comes
with it. "one form": one form of a quiet hour, whose cheap work was done beforehand for each of the posts.
"""

import multiprocessing
import os
import random
import re
import threading
import uuid
from collections import Counter
from collections.abc import Iterator

from benchmarks.tip_http import ask, multipart
from tests.db.tip_kit import fields_of, work

# In this order: the second leaves an hour in which much work is asked for.
KINDS = ("one form", "own forms")
POSTS, FLOODERS = 1000, 16


def own_form(port: int, code: str, number: int) -> tuple[bytes, str] | int:
    """What a machine sends after it has read its own form; the status where it got none."""
    status, html = ask(port, "GET", f"/tin/{code}")
    if status != 200:
        return status
    fields = fields_of(html) | {"text": f"Ngõ tối {number}"}
    if number % 10 == 0:
        nonce, bits = (re.search(rf'data-{name}="(\w+)"', html)[1] for name in ("nonce", "bits"))  # type: ignore[index]
        client_id = str(uuid.UUID(int=random.getrandbits(128), version=4))
        fields |= {"answer": "", "client_id": client_id, "proof": work(nonce, int(bits), client_id)}
    return multipart(fields, b"")


def prepared(port: int, code: str) -> list[tuple[bytes, str]]:
    """One form, worked for as many times as there are posts."""
    _, html = ask(port, "GET", f"/tin/{code}")
    nonce, bits = (re.search(rf'data-{name}="(\w+)"', html)[1] for name in ("nonce", "bits"))  # type: ignore[index]
    fields, found = fields_of(html) | {"answer": ""}, []
    for number in range(POSTS):
        client_id = str(uuid.UUID(int=random.getrandbits(128), version=4))
        worked = {"client_id": client_id, "proof": work(nonce, int(bits), client_id), "text": f"Ngõ tối {number}"}
        found.append(multipart(fields | worked, b""))
    return found


def pour(port: int, code: str, kind: str, ready: "multiprocessing.Queue[dict[str, int]]") -> None:
    """Send all as fast as they go; the statuses of posts, and of forms that were refused."""
    os.nice(10)
    bodies = prepared(port, code) if kind == "one form" else []
    ready.put({})
    left: Iterator[int] = iter(range(POSTS))
    lock, statuses = threading.Lock(), Counter[str]()

    def send() -> None:
        while True:
            with lock:
                number = next(left, None)
            if number is None:
                return
            body = bodies[number] if bodies else own_form(port, code, number)
            if isinstance(body, int):
                statuses[f"form {body}"] += 1
            else:
                statuses[str(ask(port, "POST", f"/tin/{code}", *body)[0])] += 1

    threads = [threading.Thread(target=send) for _ in range(FLOODERS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    ready.put(dict(statuses))


class Flood:
    """A flood, running in another process."""

    def __init__(self, port: int, code: str, kind: str) -> None:
        context = multiprocessing.get_context("spawn")
        self._said = context.Queue()
        self._process = context.Process(target=pour, args=(port, code, kind, self._said))

    def start(self) -> None:
        """Prepare, and begin."""
        self._process.start()
        self._said.get(timeout=600)

    def is_alive(self) -> bool:
        """Whether posts still come."""
        return self._process.is_alive() and self._said.empty()

    def statuses(self) -> dict[str, int]:
        """How often each status was answered."""
        found: dict[str, int] = self._said.get(timeout=60)
        self._process.join()
        return dict(sorted(found.items()))
