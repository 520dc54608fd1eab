"""What browsers rely on: attributes of cookies, no other origin let in, no TRACE, no listing of folders."""

import dataclasses
from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient

from gis_app import create_app
from gis_app.settings import Settings
from tests.builders import PASSWORD


@pytest.mark.parametrize("secure", [False, True])
def test_cookies_are_out_of_reach_of_scripts_and_other_sites(secure: bool, settings: Settings) -> None:
    app = create_app(dataclasses.replace(settings, secure_cookies=secure))
    try:
        client = app.test_client()
        answers = [
            client.post("/api/session", json={"username": "hoa", "password": PASSWORD}),
            client.get("/dang-nhap?lang=en"),
        ]
        cookies = [cookie for answer in answers for cookie in answer.headers.getlist("Set-Cookie")]
        assert len(cookies) >= 2
        for cookie in cookies:
            assert "HttpOnly" in cookie
            assert "SameSite=Lax" in cookie
            # The language is no secret.
            assert ("Secure" in cookie) == (secure and not cookie.startswith("lang="))
    finally:
        app.extensions["engine"].dispose()


@pytest.mark.parametrize("address", ["/api/session", "/api/layers", "/tiles/groups/12/3261/1805", "/cong-khai", "/"])
def test_no_other_origin_is_let_in(address: str, client_as: Callable[[str | None], FlaskClient]) -> None:
    client = client_as("hoa")
    for method in ("GET", "OPTIONS"):
        answer = client.open(address, method=method, headers={"Origin": "https://evil.example"})
        assert not [name for name in answer.headers.keys() if name.lower().startswith("access-control")]  # noqa: SIM118


@pytest.mark.parametrize("address", ["/", "/api/layers", "/static/v-x/css/base.css", "/cong-khai"])
def test_trace_is_refused(address: str, app: Flask) -> None:
    assert app.test_client().open(address, method="TRACE").status_code == 405


@pytest.mark.parametrize("address", ["/static/", "/static/css/", "/static/v-x/css/", "/static/v-x/../gis_app/"])
def test_folders_are_not_listed(address: str, app: Flask) -> None:
    assert app.test_client().get(address).status_code == 404
