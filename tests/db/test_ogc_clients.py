"""Real clients against a real server: GDAL's OAPIF and MVT drivers, OWSLib, and the requests that QGIS makes."""

import json
import os
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import requests
import sqlalchemy as sa
from flask import Flask
from owslib.ogcapi.features import Features
from sqlalchemy.engine import Engine
from werkzeug.serving import make_server

from gis_app.db import Actor, begin
from gis_app.queries.access_tokens import insert_token
from gis_app.web.users import session_memory
from tests.builders import BEN, MAU, tile_of

EPSG = "http://www.opengis.net/def/crs/EPSG/0"


@pytest.fixture(scope="module")
def server(app: Flask) -> Iterator[str]:
    """The address of the API on a socket."""
    made = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=made.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{made.port}/ogc/"
    made.shutdown()
    thread.join()


@pytest.fixture(scope="module")
def tokens(owner_engine: Engine) -> Iterator[dict[str, str]]:
    """A writing token of every data officer and a reading one of the others."""
    found = {}
    with begin(owner_engine, Actor("system")) as conn:
        for username in ("hoa", "giang", "an", "binh", "chi"):
            account = conn.execute(sa.text("SELECT id FROM accounts WHERE username = :u"), {"u": username}).scalar_one()
            scope = "write" if username in ("hoa", "giang") else "read"
            found[username] = insert_token(conn, account, "gis", scope, datetime.now(UTC) + timedelta(days=1))
    yield found
    with owner_engine.begin() as conn:
        conn.execute(sa.text("DELETE FROM access_tokens"))
    session_memory.forget_all()


# A process of its own: GDAL would hold Python's lock while the server's thread waits for it.
GDAL = """
import json, sys
import pyogrio
address, token, asked = sys.argv[1], sys.argv[2], json.loads(sys.argv[3])
pyogrio.set_gdal_config_options({"GDAL_HTTP_AUTH": "BASIC", "GDAL_HTTP_USERPWD": "qgis:" + token,
                                 "GDAL_HTTP_TIMEOUT": "20"})
if asked.pop("list", False):
    print(json.dumps(sorted(pyogrio.list_layers("OAPIF:" + address)[:, 0].tolist())))
else:
    asked |= {"bbox": tuple(asked["bbox"])} if "bbox" in asked else {}
    frame = pyogrio.read_dataframe("OAPIF:" + address, **asked)
    print(json.dumps({"crs": str(frame.crs), "columns": [c for c in frame.columns if c != "geometry"],
                      "rows": [[None if v != v else v for v in row] for row in
                               frame.drop(columns="geometry").astype(object).to_numpy().tolist()],
                      "places": [list(g.representative_point().coords[0]) for g in frame.geometry]}, default=str))
"""


def gdal(server: str, token: str, **asked: Any) -> Any:
    """What GDAL answers to a question."""
    command = [sys.executable, "-c", GDAL, server, token, json.dumps(asked)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False, env={**os.environ})
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_gdal_lists_reads_pages_filters_and_reprojects(server: str, tokens: dict[str, str]) -> None:
    hoa = tokens["hoa"]
    layers = gdal(server, hoa, list=True)
    assert {"lights", "groups", "hotspots", "roads"} <= set(layers)
    paged = gdal(server, hoa, layer="lights", PAGE_SIZE=7)
    assert len(paged["rows"]) == 29
    assert {"external_id", "state", "radius_m", "verified_on"} <= set(paged["columns"])
    code = paged["columns"].index("external_id")
    assert [row[code] for row in paged["rows"]] == [f"MAU1-l{n}" for n in range(1, 30)]
    assert paged["places"][4] == pytest.approx(MAU.at(500, 500).coords[0], abs=1e-7)

    broken = gdal(server, hoa, layer="lights", where="state = 'broken'")
    assert [row[code] for row in broken["rows"]] == ["MAU1-l5"]
    inside = gdal(server, hoa, layer="lights", bbox=list(MAU.box(450, 450, 1250, 550).bounds))
    assert len(inside["rows"]) == 8

    zone = gdal(server, hoa, layer="lights", CRS=f"{EPSG}/9210")
    assert zone["crs"] == "EPSG:9210"
    assert zone["places"][4] == pytest.approx([593500, 2303500], abs=0.001)
    turned = gdal(server, hoa, layer="lights", CRS=f"{EPSG}/4326")
    # GDAL turns latitude first back into its own order: the places are the same.
    assert turned["places"][4] == pytest.approx(MAU.at(500, 500).coords[0], abs=1e-7)


@pytest.mark.parametrize(("username", "other"), [("hoa", BEN.marker), ("giang", MAU.marker), ("binh", BEN.marker)])
def test_gdal_with_a_token_sees_nothing_foreign(username: str, other: str, server: str, tokens: dict[str, str]) -> None:
    for layer in ("lights", "groups", "cameras", "venues"):
        found = gdal(server, tokens[username], layer=layer)
        assert found["rows"]
        assert other not in json.dumps(found)
    columns = gdal(server, tokens[username], layer="groups")["columns"]
    assert ("exempt_count" in columns) is (username != "binh")


def test_gdal_without_a_token_gets_nothing(server: str) -> None:
    command = [sys.executable, "-c", GDAL, server, "bdby_void", json.dumps({"layer": "lights"})]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode != 0
    assert MAU.marker not in done.stdout + done.stderr


def test_gdal_reads_a_tile(server: str, tokens: dict[str, str], tmp_path: Path) -> None:
    z, x, y = tile_of(MAU.at(500, 500), 15)
    address = f"{server}collections/lights/tiles/WebMercatorQuad/{z}/{y}/{x}"
    answer = requests.get(address, auth=("qgis", tokens["hoa"]), timeout=20)
    assert (answer.status_code, answer.headers["Content-Type"]) == (200, "application/vnd.mapbox-vector-tile")
    assert answer.headers["Cache-Control"].startswith("private")
    target = tmp_path / "tile.mvt"
    target.write_bytes(answer.content)
    script = (
        "import sys, pyogrio\n"
        "f = pyogrio.read_dataframe(sys.argv[1], X=sys.argv[2], Y=sys.argv[3], Z=sys.argv[4])\n"
        "f = f.to_crs(9210)\n"
        "print(str(pyogrio.list_layers(sys.argv[1])[0][0]), len(f), f.loc[f.state == 'broken'].geometry.iloc[0].wkt)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script, str(target), str(x), str(y), str(z)],
        capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    name, count, _, east, north = done.stdout.split()
    assert (name, int(count) > 0) == ("lights", True)
    # A tile of zoom 15 is 1,220 m in 4,096 steps.
    assert float(east.strip("()")) == pytest.approx(593500, abs=0.6)
    assert float(north.strip("()")) == pytest.approx(2303500, abs=0.6)


def owslib(server: str, token: str, **headers: str) -> Features:
    """OWSLib with a bearer's token; it keeps its headers in a module, so every one is named anew."""
    plain = {"Content-Type": "application/geo+json", "If-Match": "", "Accept": "application/json"}
    return Features(server, headers=plain | headers | {"Authorization": f"Bearer {token}"})


def test_owslib_reads_pages_and_filters(server: str, tokens: dict[str, str]) -> None:
    api = owslib(server, tokens["hoa"])
    assert api.api()["openapi"].startswith("3.0")
    assert any(uri.endswith("ogcapi-features-1/1.0/conf/core") for uri in api.conformance()["conformsTo"])
    assert {"lights", "groups"} <= set(api.feature_collections())
    assert api.collection("lights")["id"] == "lights"
    assert "radius_m" in api.collection_queryables("lights")["properties"]
    assert api.collection_schema("lights")["properties"]["state"]["enum"][0] == "working"
    first = api.collection_items("lights", limit=10)
    assert (first["numberMatched"], len(first["features"])) == (29, 10)
    following = next(link["href"] for link in first["links"] if link["rel"] == "next")
    second = requests.get(following, headers={"Authorization": f"Bearer {tokens['hoa']}"}, timeout=20).json()
    assert second["features"][0]["properties"]["external_id"] == "MAU1-l11"
    broken = api.collection_items("lights", filter="state = 'broken'")
    assert [f["properties"]["external_id"] for f in broken["features"]] == ["MAU1-l5"]
    boxed = api.collection_items("lights", bbox=[593450, 2303450, 594250, 2303550], **{"bbox-crs": f"{EPSG}/9210"})
    assert boxed["numberMatched"] == 8
    zone = api.collection_items("lights", crs=f"{EPSG}/9210", limit=5)
    assert zone["features"][4]["geometry"]["coordinates"] == pytest.approx([593500, 2303500], abs=0.001)
    row = first["features"][0]["id"]
    assert api.collection_item("lights", str(row))["id"] == row


def test_owslib_writes_with_a_token(server: str, tokens: dict[str, str]) -> None:
    spot = MAU.at(900, 900)
    feature: dict[str, Any] = {
        "type": "Feature",
        "geometry": {"type": "Point", "coordinates": [spot.x, spot.y]},
        "properties": {"external_id": "MAU1-owslib", "radius_m": 12},
    }
    api = owslib(server, tokens["hoa"])
    assert api.collection_item_create("lights", feature)
    made = api.collection_items("lights", external_id="MAU1-owslib")["features"][0]
    assert made["properties"]["radius_m"] == 12
    feature["properties"]["radius_m"] = 18
    with pytest.raises(RuntimeError, match="version_missing"):
        api.collection_item_update("lights", str(made["id"]), feature)
    second = owslib(server, tokens["hoa"], **{"If-Match": '"1"'})
    assert second.collection_item_update("lights", str(made["id"]), feature)
    assert second.collection_item("lights", str(made["id"]))["properties"]["radius_m"] == 18
    stranger = owslib(server, tokens["giang"], **{"If-Match": '"2"'})
    with pytest.raises(RuntimeError, match="feature_not_found"):
        stranger.collection_item_delete("lights", str(made["id"]))
    third = owslib(server, tokens["hoa"], **{"If-Match": '"2"'})
    assert third.collection_item_delete("lights", str(made["id"]))
    with pytest.raises(RuntimeError, match="feature_not_found"):
        third.collection_item("lights", str(made["id"]))
    owslib(server, tokens["hoa"])


def test_the_requests_of_qgis(server: str, tokens: dict[str, str]) -> None:
    """In the order of its provider: landing, API, collection, conformance, queryables, items, OPTIONS, pages."""

    def ask(method: str, address: str, **more: Any) -> requests.Response:
        return requests.request(method, address, auth=("qgis", tokens["hoa"]), timeout=20, **more)

    landing = ask("GET", server).json()
    links = {link["rel"]: link["href"] for link in landing["links"]}
    api = ask("GET", links["service-desc"], headers={"Accept": "application/vnd.oai.openapi+json;version=3.0"})
    assert api.headers["Content-Type"].startswith("application/vnd.oai.openapi+json")
    collection = f"{server}collections/groups"
    about = ask("GET", collection).json()
    assert about["storageCrs"].endswith("CRS84")
    classes = ask("GET", links["conformance"]).json()["conformsTo"]
    assert {"http://www.opengis.net/spec/cql2/1.0/conf/cql2-text", "http://www.opengis.net/spec/cql2/1.0/conf/basic-cql2",
            "http://www.opengis.net/spec/ogcapi-features-3/1.0/conf/filter",
            "http://www.opengis.net/spec/ogcapi-features-3/1.0/conf/features-filter"} <= set(classes)  # fmt: skip
    assert "stage" in ask("GET", f"{collection}/queryables").json()["properties"]
    ten = ask("GET", f"{collection}/items?limit=10", headers={"Accept": "application/geo+json, application/json"})
    assert ten.headers["Content-Type"] == "application/geo+json"
    assert ten.json()["numberMatched"] == 4
    assert ask("OPTIONS", f"{collection}/items").headers["Allow"].count("POST") == 1
    # QgsOapifProvider::computeCapabilities: edits by PUT where PUT is allowed and PATCH is not; no DELETE, no button.
    qgis = {"User-Agent": "Mozilla/5.0 QGIS/34009/Debian GNU/Linux 12"}
    one = ask("OPTIONS", f"{collection}/items/{ten.json()['features'][0]['id']}", headers=qgis).headers["Allow"]
    assert one == "GET, HEAD, OPTIONS, PUT"
    assert ask("GET", f"{collection}/schema").json()["properties"]["version"]["readOnly"]
    asked = {"limit": "1000", "filter": "(stage = 'building')", "filter-lang": "cql2-text", "crs": f"{EPSG}/9210",
             "bbox": "593000,2303000,596000,2306000", "bbox-crs": f"{EPSG}/9210"}  # fmt: skip
    page = ask("GET", f"{collection}/items", params=asked)
    assert page.headers["Content-Crs"] == f"<{EPSG}/9210>"
    assert [f["properties"]["stage"] for f in page.json()["features"]] == ["building"]
    style = ask("GET", f"{server}styles/groups").json()
    fill = next(one for one in style["layers"] if one["type"] == "fill")["paint"]["fill-color"]
    assert fill[:2] == ["match", ["get", "stage"]]
    assert fill[fill.index("maintained") + 1] == "#3b4788"
    template = style["sources"]["groups"]["tiles"][0]
    z, x, y = tile_of(MAU.at(500, 500), 14)
    tile = ask("GET", template.replace("{z}", str(z)).replace("{x}", str(x)).replace("{y}", str(y)))
    assert tile.status_code == 200
    assert tile.content


def test_a_hundred_pages_are_one_set(server: str, tokens: dict[str, str], client_as: Callable[[str], Any]) -> None:
    """Every page of every size holds each feature once."""
    for size in (1, 3, 28, 29, 30):
        address, seen = f"{server}collections/lights/items?limit={size}", []
        while address:
            page = requests.get(address, headers={"Authorization": f"Bearer {tokens['an']}"}, timeout=20).json()
            seen += [f["id"] for f in page["features"]]
            address = next((link["href"] for link in page["links"] if link["rel"] == "next"), "")
        assert len(seen) == len(set(seen)) == 29
