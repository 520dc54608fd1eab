"""A resident's requests, for benchmarks/tips.py and its floods."""

import http.client
import time

from benchmarks.client import HOST
from tests.db.tip_kit import fields_of

ADDRESS, BROWSER = "203.0.113.77", "MayCuaToi/7.3f3"
HEADERS = {"X-Forwarded-For": ADDRESS, "User-Agent": BROWSER}
GIVE_UP_S = 90.0


def ask(port: int, method: str, path: str, body: bytes = b"", kind: str = "", **headers: str) -> tuple[int, str]:
    """One request of a resident; status 0 where the line went dead."""
    connection = http.client.HTTPConnection(HOST, port, timeout=20)
    try:
        connection.request(method, path, body, {**HEADERS, **({"Content-Type": kind} if kind else {}), **headers})
        answer = connection.getresponse()
        return answer.status, answer.read().decode(errors="replace")
    except (OSError, http.client.HTTPException):
        return 0, ""
    finally:
        connection.close()


def form_of(port: int, code: str) -> dict[str, str]:
    """A form with its question answered, however long it takes to get one."""
    begun = time.monotonic()
    while time.monotonic() - begun < GIVE_UP_S:
        status, html = ask(port, "GET", f"/tin/{code}")
        if status == 200:
            return fields_of(html)
        time.sleep(0.2)
    raise TimeoutError


def multipart(fields: dict[str, str], photo: bytes) -> tuple[bytes, str]:
    """A form with a file."""
    edge = "----tip"
    parts = [
        f'--{edge}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'
        for name, value in fields.items()
    ]
    head = f'--{edge}\r\nContent-Disposition: form-data; name="photo"; filename="a.jpg"\r\n\r\n'
    body = ("".join(parts) + head).encode() + photo + f"\r\n--{edge}--\r\n".encode()
    return body, f"multipart/form-data; boundary={edge}"
