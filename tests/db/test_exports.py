"""The stand-alone map through the page's address and the command: roles, isolation, hostile text."""

from collections.abc import Callable
from pathlib import Path

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.engine import Engine

from gis_app.db import Actor, begin
from gis_app.queries.loading import insert_rows
from layers import LAYERS
from tests.builders import BEN, CAST, MAU, sample_row

ADDRESS = "/api/exports/map.html"
HOSTILE = "MAU1 </script><img src=x onerror=alert(1)>"
OFFICERS = [name for name, (_, place) in CAST.items() if place is not None]
ClientAs = Callable[[str | None], FlaskClient]


@pytest.mark.parametrize("username", OFFICERS)
def test_file_holds_the_own_commune_only(username: str, client_as: ClientAs) -> None:
    role, place = CAST[username]
    assert place is not None
    foreign = BEN if place is MAU else MAU
    answer = client_as(username).get(ADDRESS)
    assert answer.status_code == 200
    assert answer.mimetype == "text/html"
    assert place.marker in answer.text
    assert foreign.marker not in answer.text
    for layer in LAYERS.values():
        if layer.style.kind != "base" and not layer.tenant:
            assert (f'data-layer="{layer.name}"' in answer.text) == (role in layer.readers), layer.name
    assert ("exempt_count" in answer.text) == (role in ("data", "patrol"))


def test_file_is_named_after_commune_and_date(client_as: ClientAs) -> None:
    found = client_as("binh").get(ADDRESS).headers["Content-Disposition"]
    assert found.startswith('attachment; filename="ban-do-xa-mau-90001-20')
    assert found.endswith('.html"')


def test_committee_file_has_no_hotspot(client_as: ClientAs) -> None:
    text = client_as("chi").get(ADDRESS).text
    assert "hotspots" not in text
    assert "MAU1 gan" not in text
    assert "MAU1 gan" in client_as("an").get(ADDRESS).text


@pytest.mark.parametrize(("username", "status"), [(None, 401), ("quantri", 403)])
def test_strangers_and_those_in_no_commune_get_nothing(username: str | None, status: int, client_as: ClientAs) -> None:
    assert client_as(username).get(ADDRESS).status_code == status


def test_unknown_parameter_is_refused(client_as: ClientAs) -> None:
    assert client_as("binh").get(f"{ADDRESS}?role=admin").status_code == 400


def test_english_file(client_as: ClientAs) -> None:
    text = client_as("binh").get(f"{ADDRESS}?lang=en").text
    assert '<html lang="en">' in text
    assert "residential groups are drug-free" in text


def test_hostile_text_stays_text(owner_engine: Engine, client_as: ClientAs) -> None:
    _, shape, values = sample_row(LAYERS["venues"], MAU, name=HOSTILE)
    with begin(owner_engine, Actor("system")) as conn:
        insert_rows(conn, LAYERS["venues"], MAU.id, [("MAU1-hostile", shape, values)], "test")
    try:
        text = client_as("binh").get(ADDRESS).text
    finally:
        with owner_engine.begin() as conn:
            conn.execute(sa.text("DELETE FROM venues WHERE external_id = 'MAU1-hostile'"))
    assert "MAU1-hostile" in text
    assert "<img" not in text
    assert text.count("<script>") == text.count("</script>")


def test_command_writes_the_file_of_a_role(app: Flask, tmp_path: Path) -> None:
    out = tmp_path / "map.html"
    run = app.test_cli_runner().invoke(args=["export-map", "--commune", str(MAU.id), "--out", str(out)])
    assert run.exit_code == 0, run.output
    text = out.read_text(encoding="utf-8")
    assert MAU.marker in text
    assert BEN.marker not in text
    assert "hotspots" not in text


@pytest.mark.parametrize("code", ["12345678", "x", "1; DROP TABLE groups"])
def test_command_refuses_an_unknown_commune(code: str, app: Flask, tmp_path: Path) -> None:
    out = tmp_path / "map.html"
    run = app.test_cli_runner().invoke(args=["export-map", "--commune", code, "--out", str(out)])
    assert run.exit_code != 0
    assert not out.exists()
