"""A signed-in client that sends what a write needs: the token, the key of the request, the version."""

from typing import Any
from uuid import uuid4

from flask.testing import FlaskClient
from werkzeug.test import TestResponse


class Officer:
    """Wraps a test client; `get` reads, `send` writes with headers of one's own, `post` and `patch` add the usual."""

    def __init__(self, client: FlaskClient) -> None:
        self.client = client
        self.token = client.get("/api/session").json["csrf_token"]

    def get(self, address: str, **query: Any) -> TestResponse:
        return self.client.get(address, query_string=query or None)

    def send(self, method: str, address: str, body: Any = None, **headers: str) -> TestResponse:
        sent = {"X-CSRFToken": self.token} | {name.replace("_", "-"): value for name, value in headers.items()}
        return self.client.open(address, method=method, json=body, headers=sent)

    def post(self, address: str, body: Any = None, version: int | None = None) -> TestResponse:
        headers = {"Idempotency_Key": uuid4().hex}
        if version is not None:
            headers["If_Match"] = f'"{version}"'
        return self.send("POST", address, body, **headers)

    def patch(self, address: str, body: Any, version: int) -> TestResponse:
        return self.send("PATCH", address, body, If_Match=f'"{version}"')
