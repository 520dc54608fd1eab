"""Every endpoint states who may call it; the API document is the API; headers stand on every answer."""

import re
from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient

from layers.base import SIGNED_IN

# Everybody may call these; a new public endpoint is a decision, so it is written here.
PUBLIC = {
    "static",
    "assets.show_file",
    "health.show_health",
    "health.show_readiness",
    "metrics.show_metrics",
    "openapi.show_document",
    "session.create_session",
    "session.enter",
    "session.enter_code",
    "invitations.show",
    "invitations.accept",
    "map.show_map",
    "public_pages.show",
    "patrol_walk.show_service_worker",
    "tips.choose",
    "tips.show",
    "tips.show_map",
    "tips.renew",
    "tips.send",
    "tip_lookup.ask",
    "tip_lookup.look_up",
    "tip_lookup.answer",
}


def test_every_endpoint_states_its_roles(app: Flask) -> None:
    for endpoint, view in app.view_functions.items():
        if endpoint == "static":
            continue
        roles = getattr(view, "allowed_roles", None)
        assert roles, f"{endpoint} states no role"
        assert (endpoint in PUBLIC) == (roles == {"anonymous"}), endpoint
        assert roles <= {*SIGNED_IN, "anonymous"}


def test_a_stranger_gets_401_everywhere_else(app: Flask) -> None:
    client = app.test_client()
    for rule in app.url_map.iter_rules():
        if rule.endpoint in PUBLIC:
            continue
        address = re.sub(r"<int:\w+>", "1", rule.rule)
        address = re.sub(r"<\w+:?\w*>", "lights", address)
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}:
            # Without a token an unsafe request is refused even earlier.
            answer = client.open(address, method=method)
            assert answer.status_code in ((401,) if method == "GET" else (400, 401)), (method, address)


def test_the_document_lists_every_api_address(client_as: Callable[[str | None], FlaskClient], app: Flask) -> None:
    document = client_as(None).get("/api/openapi.json").json
    wanted = {
        re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", rule.rule)
        for rule in app.url_map.iter_rules()
        if rule.rule.startswith(("/api/", "/tiles/"))
    }
    assert wanted <= set(document["paths"])
    for path, methods in document["paths"].items():
        for operation in methods.values():
            assert operation["summary"].endswith("."), path
            assert operation["x-roles"], path
    names = {p["name"] for p in document["paths"]["/api/layers/{name}/features"]["get"]["parameters"]}
    assert {"name", "bbox", "within", "near", "distance_m", "nearest", "limit", "f"} <= names


@pytest.mark.parametrize("address", ["/healthz", "/dang-nhap", "/api/layers", "/tiles/groups/12/3261/1805", "/nothing"])
def test_security_headers(address: str, client_as: Callable[[str | None], FlaskClient]) -> None:
    headers = client_as("an").get(address).headers
    assert "unsafe-inline" not in headers["Content-Security-Policy"]
    assert "default-src 'self'" in headers["Content-Security-Policy"]
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["X-Frame-Options"] == "DENY"
    assert len(headers["X-Request-ID"]) == 32
    assert "public" not in headers["Cache-Control"]


def test_ready_says_what_is_wrong(client_as: Callable[[str | None], FlaskClient], owner_engine: object) -> None:
    client = client_as(None)
    assert client.get("/readyz").status_code == 200
    with owner_engine.begin() as conn:  # type: ignore[attr-defined]
        conn.exec_driver_sql("ALTER TABLE lights DISABLE ROW LEVEL SECURITY")
    try:
        answer = client.get("/readyz")
        assert answer.status_code == 503
        assert answer.json["params"]["faults"] == ["policy:lights"]
    finally:
        with owner_engine.begin() as conn:  # type: ignore[attr-defined]
            conn.exec_driver_sql("ALTER TABLE lights ENABLE ROW LEVEL SECURITY")


def test_text_is_compressed_and_a_row_keeps_its_version(client_as: Callable[[str | None], FlaskClient]) -> None:
    client = client_as("an")
    zipped = {"Accept-Encoding": "gzip"}
    layers = client.get("/api/layers", headers=zipped)
    assert layers.headers["Content-Encoding"] == "gzip"
    assert len(layers.data) * 3 < len(client.get("/api/layers").data)
    style = client.get("/static/v-x/css/base.css", headers=zipped)
    assert style.headers["Content-Encoding"] == "gzip"
    again = client.get("/static/v-x/css/base.css", headers=zipped | {"If-None-Match": style.headers["ETag"]})
    assert again.status_code == 304
    for answer in (style, again):
        answer.close()
    row = client.get("/api/layers/lights/features?limit=1").json["features"][0]["id"]
    assert client.get(f"/api/layers/lights/features/{row}", headers=zipped).headers["ETag"] == '"1"'


def test_an_administrator_outside_any_commune_gets_no_fault(
    client_as: Callable[[str | None], FlaskClient], app: Flask
) -> None:
    client = client_as("quantri")
    queries = {"/api/search": "?q=pho", "/api/groups/counts": "?layer=lights", "/api/streets": "?q=a"}
    for rule in app.url_map.iter_rules():
        if "GET" in (rule.methods or set()) and rule.endpoint != "static":
            address = re.sub(r"<int:\w+>", "1", rule.rule)
            address = re.sub(r"<\w+:?\w*>", "lights", address) + queries.get(rule.rule, "")
            answer = client.get(address)
            assert answer.status_code < 500, (address, answer.text[:200])
            answer.close()
