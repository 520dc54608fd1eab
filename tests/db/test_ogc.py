"""OGC API Features: landing, collections, items, paging, boxes, CRS, times, pages for people; nothing foreign. T-X6."""

from collections.abc import Callable, Iterable, Sequence
from typing import Any

import pytest
import sqlalchemy as sa
from flask.testing import FlaskClient
from sqlalchemy.engine import Connection

from gis_app.crs import NAMED_CRS
from layers import LAYERS
from tests.builders import BEN, MAU

ClientAs = Callable[[str | None], FlaskClient]
EPSG = "http://www.opengis.net/def/crs/EPSG/0"
ITEMS = "/ogc/collections/{}/items"


def rels(document: dict[str, Any]) -> dict[str, str]:
    return {link["rel"]: link["href"] for link in document["links"]}


def walk(client: FlaskClient, address: str, **query: Any) -> tuple[list[dict[str, Any]], list[int]]:
    """All features by `next` links, and what each page said of the whole."""
    answer = client.get(address, query_string=query)
    features, matched = [], []
    while True:
        assert answer.status_code == 200, answer.text
        page = answer.json
        features += page["features"]
        matched.append(page["numberMatched"])
        assert page["numberReturned"] == len(page["features"])
        following = rels(page).get("next")
        if following is None:
            return features, matched
        answer = client.get(following.removeprefix("http://localhost"))


def test_landing_leads_everywhere(client_as: ClientAs) -> None:
    client = client_as("hoa")
    landing = client.get("/ogc/")
    assert landing.mimetype == "application/json"
    assert landing.headers["Cache-Control"] == "private, no-store"
    links = rels(landing.json)
    for rel in ("service-desc", "conformance", "data"):
        assert client.get(links[rel].removeprefix("http://localhost")).status_code == 200, rel
    document = client.get("/ogc/api")
    assert document.headers["Content-Type"] == "application/vnd.oai.openapi+json;version=3.0"
    assert document.json["openapi"].startswith("3.0")
    items = document.json["paths"]["/ogc/collections/{name}/items"]
    limit = next(p for p in items["get"]["parameters"] if p["name"] == "limit")["schema"]
    assert limit == {"type": "integer", "minimum": 1, "maximum": 10000, "default": 100}
    assert set(items) == {"get", "post"}
    assert set(document.json["paths"]["/ogc/collections/{name}/items/{feature_id}"]) == {
        "get",
        "put",
        "patch",
        "delete",
    }
    assert all(path.startswith("/ogc") for path in document.json["paths"])
    assert client.get("/ogc").headers["Location"] == "/ogc/"


@pytest.mark.parametrize("username", ["an", "binh", "chi", "hoa", "lan"])
def test_collections_are_the_layers_of_the_role(username: str, client_as: ClientAs) -> None:
    client = client_as(username)
    catalogue = {one["name"] for one in client.get("/api/layers").json["layers"]}
    document = client.get("/ogc/collections").json
    assert {one["id"] for one in document["collections"]} == catalogue
    assert f"{EPSG}/9210" in document["crs"]
    for one in document["collections"]:
        alone = client.get(f"/ogc/collections/{one['id']}").json
        assert alone["crs"] == document["crs"]
        assert alone["extent"]["spatial"]["bbox"] == one["extent"]["spatial"]["bbox"]
        for link in alone["links"]:
            assert client.get(link["href"].removeprefix("http://localhost")).status_code == 200, link
    for name in LAYERS.keys() - catalogue:
        assert client.get(f"/ogc/collections/{name}").status_code == 403
        assert client.get(ITEMS.format(name)).status_code == 403
    assert client.get("/ogc/collections/nothing").status_code == 404


@pytest.mark.parametrize("username", ["an", "binh", "chi", "hoa", "lan"])
def test_items_are_what_the_layer_s_own_address_says(username: str, client_as: ClientAs) -> None:
    client = client_as(username)
    for one in client.get("/ogc/collections").json["collections"]:
        features, matched = walk(client, ITEMS.format(one["id"]), limit=7)
        wanted = client.get(f"/api/layers/{one['id']}/features?limit=10000").json["features"]
        assert [f["id"] for f in features] == [f["id"] for f in wanted], one["id"]
        # Who may edit a layer reads the version too (test_ogc_qgis.py).
        plain = [{k: v for k, v in f["properties"].items() if k != "version"} for f in features]
        assert plain == [f["properties"] for f in wanted], one["id"]
        assert set(matched) == {len(wanted)}
        if wanted:
            single = client.get(f"{ITEMS.format(one['id'])}/{wanted[0]['id']}").json
            assert single["properties"] == features[0]["properties"]
            assert single["geometry"] == features[0]["geometry"]
            queryables = client.get(f"/ogc/collections/{one['id']}/queryables").json["properties"]
            assert set(queryables) - {"id", "geom"} == set(plain[0])


def test_pages_stay_stable_while_rows_come_and_go(client_as: ClientAs) -> None:
    client = client_as("hoa")
    first = client.get(ITEMS.format("lights"), query_string={"limit": 10, "state": "working"}).json
    following = rels(first)["next"]
    assert "state=working" in following
    second = client.get(following.removeprefix("http://localhost")).json
    assert first["numberMatched"] == second["numberMatched"] == 28
    assert not {f["id"] for f in first["features"]} & {f["id"] for f in second["features"]}
    assert client.get(ITEMS.format("lights"), query_string={"limit": 10**8}).json["numberReturned"] == 29


def test_every_crs_is_what_postgis_says(client_as: ClientAs, conn_as: Callable[[str], Connection]) -> None:
    client, conn = client_as("hoa"), conn_as("hoa")
    for crs in NAMED_CRS:
        answer = client.get(ITEMS.format("cameras"), query_string={"crs": crs.uri, "limit": 1})
        assert answer.headers["Content-Crs"] == f"<{crs.uri}>"
        feature = answer.json["features"][0]
        text = f"SELECT ST_X(p), ST_Y(p) FROM (SELECT ST_Transform(geom, {crs.srid}) p FROM cameras WHERE id = :id) q"
        x, y = conn.execute(sa.text(text), {"id": feature["id"]}).one()
        wanted = [y, x] if crs.lat_first else [x, y]
        assert feature["geometry"]["coordinates"] == pytest.approx(wanted, abs=1e-4 if crs.is_metric else 1e-9)
        assert "crs" not in feature["geometry"]


def test_the_axis_order_of_degrees(client_as: ClientAs) -> None:
    client, spot = client_as("hoa"), MAU.at(500, 500)
    plain = client.get(ITEMS.format("cameras"), query_string={"limit": 1}).json["features"][0]
    turned = client.get(ITEMS.format("cameras"), query_string={"limit": 1, "crs": f"{EPSG}/4326"}).json["features"][0]
    assert plain["geometry"]["coordinates"] == pytest.approx([spot.x, spot.y], abs=1e-8)
    assert turned["geometry"]["coordinates"] == pytest.approx([spot.y, spot.x], abs=1e-8)


def _lows(axes: Iterable[Sequence[float]]) -> list[float]:
    return [min(axis) for axis in axes]


def _highs(axes: Iterable[Sequence[float]]) -> list[float]:
    return [max(axis) for axis in axes]


@pytest.mark.parametrize("crs", ["", f"{EPSG}/4326", f"{EPSG}/9210", "EPSG:3405"])
def test_a_box_in_every_crs_finds_the_same(crs: str, client_as: ClientAs) -> None:
    client = client_as("hoa")
    west, south, east, north = MAU.box(450, 450, 1250, 550).bounds
    boxes = {
        "": f"{west},{south},{east},{north}",
        f"{EPSG}/4326": f"{south},{west},{north},{east}",
        f"{EPSG}/9210": "593450,2303450,594250,2303550",
    }
    if crs == "EPSG:3405":
        corners = client.get(ITEMS.format("lights"), query_string={"crs": crs, "limit": 30}).json["features"]
        places = [f["geometry"]["coordinates"] for f in corners][4:12]
        (west, south), (east, north) = (ends(zip(*places, strict=True)) for ends in (_lows, _highs))
        boxes[crs] = f"{west - 20},{south - 20},{east + 20},{north + 20}"
    query = {"bbox": boxes[crs]} | ({"bbox-crs": crs} if crs else {})
    found = client.get(ITEMS.format("lights"), query_string=query).json
    assert [f["properties"]["external_id"] for f in found["features"]] == [f"MAU1-l{n}" for n in range(5, 13)]
    assert found["numberMatched"] == 8


def test_times(client_as: ClientAs) -> None:
    client = client_as("hoa")
    for text in ("2026-01-01", "2026-01-01T00:00:00Z", "2026-01-01/..", "../2026-01-01", "2020-01-01/2021-01-01"):
        assert client.get(ITEMS.format("lights"), query_string={"datetime": text}).json["numberMatched"] == 29
        assert client.get(ITEMS.format("groups"), query_string={"datetime": text}).status_code == 200
    for text in ("..", "/", "2026-13-01", "tomorrow", "2026-02-01/2026-01-01", "1/2/3"):
        answer = client.get(ITEMS.format("lights"), query_string={"datetime": text})
        assert (answer.status_code, answer.json["params"]["rule"]) == (400, "datetime")


WRONG = [
    {"bbox": "1,2,3"}, {"bbox": "5,2,3,4"}, {"bbox": "nan,1,2,3"}, {"bbox": "1e300,1,2e300,3"}, {"crs": "EPSG:1"},
    {"bbox-crs": "x"}, {"limit": "0"}, {"limit": "x"}, {"unknown": "1"}, {"f": "xml"}, {"filter-lang": "sql"},
    {"after": "-1"}, {"radius_m": "x"}, {"is_lit": "maybe"}, {"verified_on": "x"}, {"external_id": "a\0b"},
    {"bbox": "0,0,1,1", "bbox-crs": f"{EPSG}/9210", "filter-crs": "?"},
    {"bbox": "-1e9,0,1e9,1", "bbox-crs": "EPSG:9210"},
]  # fmt: skip


@pytest.mark.parametrize("number", range(len(WRONG)))
def test_wrong_questions_are_problems(number: int, client_as: ClientAs) -> None:
    answer = client_as("hoa").get(ITEMS.format("lights"), query_string=WRONG[number])
    assert answer.status_code == 400, answer.text
    assert answer.mimetype == "application/problem+json"


def test_pages_for_people(client_as: ClientAs) -> None:
    client = client_as("chi")
    row = client.get(ITEMS.format("groups")).json["features"][0]["id"]
    paths = ("/ogc/", "/ogc/api", "/ogc/conformance", "/ogc/collections", "/ogc/collections/groups", "/ogc/styles",
             "/ogc/collections/groups/items", f"/ogc/collections/groups/items/{row}", "/ogc/tileMatrixSets",
             "/ogc/collections/groups/tiles", "/ogc/collections/groups/tiles/WebMercatorQuad")  # fmt: skip
    for path in paths:
        page = client.get(path, query_string={"f": "html"})
        assert (page.status_code, page.mimetype) == (200, "text/html"), path
        assert "ogc." not in page.text.replace("http://www.opengis.net", "").replace(".ogc.org", ""), path
    asked = {"Accept": "text/html,application/xhtml+xml;q=0.9,*/*;q=0.8"}
    assert client.get("/ogc/", headers=asked).mimetype == "text/html"
    assert client.get("/ogc/", headers={"Accept": "*/*"}).mimetype == "application/json"
    listed = client.get("/ogc/collections/groups/items?f=html&limit=2")
    assert "Tổ dân phố số 1 MAU1" in listed.text
    assert "Đang xây dựng" in listed.text
    assert "building" not in listed.text
    assert "next" in listed.text


def test_counts_of_persons_and_coarse_places_stay_hidden(client_as: ClientAs) -> None:
    for username, knows in (("hoa", True), ("an", True), ("binh", False), ("chi", False), ("lan", False)):
        client = client_as(username)
        feature = client.get(ITEMS.format("groups")).json["features"][0]
        schema = client.get("/ogc/collections/groups/schema").json["properties"]
        record = client.get("/ogc/collections/groups/record").text
        for found in (feature["properties"], schema):
            assert ("exempt_count" in found) is knows
        assert ("exempt_count" in record) is knows
        answer = client.get(ITEMS.format("groups"), query_string={"filter": "exempt_count > 1"})
        assert answer.status_code == (200 if knows else 400)
        assert client.get(ITEMS.format("groups"), query_string={"exempt_count": "1"}).status_code == (
            200 if knows else 400
        )
    exact = client_as("an").get(ITEMS.format("hotspots")).json["features"]
    coarse = client_as("binh").get(ITEMS.format("hotspots")).json["features"]
    assert {f["properties"]["place"] for f in coarse} == {None}
    assert not {str(f["geometry"]) for f in exact} & {str(f["geometry"]) for f in coarse}
    # A question about a hidden place finds nothing by it.
    near = {"bbox": ",".join(map(str, MAU.at(540, 500).buffer(1e-6).bounds))}
    assert client_as("an").get(ITEMS.format("hotspots"), query_string=near).json["numberMatched"] == 1
    assert client_as("binh").get(ITEMS.format("hotspots"), query_string=near).json["numberMatched"] == 0
    assert (
        client_as("binh")
        .get(ITEMS.format("hotspots"), query_string={"filter": "place LIKE '%gan'"})
        .json["numberMatched"]
        == 0
    )


def test_an_administrator_outside_any_commune_reads_outlines_only(client_as: ClientAs) -> None:
    client = client_as("quantri")
    document = client.get("/ogc/collections").json
    assert {one["id"] for one in document["collections"]} == {name for name, one in LAYERS.items() if one.national}
    assert client.get(ITEMS.format("lights")).status_code == 403
    groups = client.get(ITEMS.format("groups"), query_string={"limit": 1000}).json["features"]
    assert {BEN.marker, MAU.marker} <= {f["properties"]["external_id"][:4] for f in groups}
    assert "exempt_count" not in groups[0]["properties"]


def test_the_extent_and_the_record_tell_of_the_own_commune_only(client_as: ClientAs) -> None:
    west, south, east, north = MAU.box(0, 0, 3000, 3000).bounds
    found = client_as("hoa").get("/ogc/collections/lights").json["extent"]["spatial"]["bbox"][0]
    assert found == pytest.approx([west, south, east, north], abs=1e-6)
    record = client_as("hoa").get("/ogc/collections/lights/record").json
    assert record["properties"]["count"] == 29
    assert record["properties"]["updated"].endswith("Z")
    assert "Xã Mẫu" in record["properties"]["title"]
