"""What /ogc/conformance claims is what tests show: every class names its tests here. And the oracles of DOMAIN.md 7."""

import ast
import re
from collections.abc import Callable

import pytest
import sqlalchemy as sa
from flask.testing import FlaskClient
from shapely import Point
from sqlalchemy.engine import Connection

from gis_app.crs import CRS84, named_crs
from gis_app.queries.filters import shape_parameter
from gis_app.queries.ogc_items import fetch_stored, in_crs
from gis_app.settings import ROOT
from gis_app.web.ogc_documents import CONFORMANCE

SPEC = "http://www.opengis.net/spec/"
# Conformance class, without the address in front -> the tests that show it.
EVIDENCE = {
    "ogcapi-common-1/1.0/conf/core": ["test_ogc:test_landing_leads_everywhere"],
    "ogcapi-common-1/1.0/conf/json": ["test_ogc:test_landing_leads_everywhere"],
    "ogcapi-common-1/1.0/conf/html": ["test_ogc:test_pages_for_people"],
    "ogcapi-common-1/1.0/conf/oas30": ["test_ogc:test_landing_leads_everywhere"],
    "ogcapi-common-2/1.0/conf/collections": ["test_ogc:test_collections_are_the_layers_of_the_role"],
    "ogcapi-features-1/1.0/conf/core": [
        "test_ogc:test_items_are_what_the_layer_s_own_address_says",
        "test_ogc:test_pages_stay_stable_while_rows_come_and_go",
        "test_ogc:test_times",
        "test_ogc:test_wrong_questions_are_problems",
    ],
    "ogcapi-features-1/1.0/conf/oas30": ["test_ogc:test_landing_leads_everywhere"],
    "ogcapi-features-1/1.0/conf/html": ["test_ogc:test_pages_for_people"],
    "ogcapi-features-1/1.0/conf/geojson": ["test_ogc:test_items_are_what_the_layer_s_own_address_says"],
    "ogcapi-features-2/1.0/conf/crs": [
        "test_ogc:test_every_crs_is_what_postgis_says",
        "test_ogc:test_the_axis_order_of_degrees",
        "test_ogc:test_a_box_in_every_crs_finds_the_same",
    ],
    "ogcapi-features-3/1.0/conf/filter": ["test_ogc_filters:test_what_is_not_offered_is_refused"],
    "ogcapi-features-3/1.0/conf/features-filter": ["test_ogc_filters:test_a_filter_finds_what_sql_finds"],
    "ogcapi-features-3/1.0/conf/queryables": ["test_ogc:test_items_are_what_the_layer_s_own_address_says"],
    "ogcapi-features-3/1.0/conf/queryables-query-parameters": ["test_ogc_filters:test_names_as_parameters"],
    **{
        f"cql2/1.0/conf/{name}": ["test_ogc_filters:test_a_filter_finds_what_sql_finds"]
        for name in (
            "cql2-text",
            "cql2-json",
            "basic-cql2",
            "advanced-comparison-operators",
            "case-insensitive-comparison",
            "basic-spatial-functions",
            "basic-spatial-functions-plus",
            "basic-spatial-operators",
            "spatial-functions",
        )
    },
    **{
        f"ogcapi-features-4/1.0/conf/{name}": ["test_ogc_writes:test_the_life_of_a_feature"]
        for name in ("create-replace-delete", "optimistic-locking-etags")
    },
    "ogcapi-features-4/1.0/conf/update": [
        "test_ogc_patch:test_the_methods_and_media_types_are_told",
        "test_ogc_patch:test_a_merge_patch_changes_what_it_names",
        "test_ogc_patch:test_what_a_patch_cannot_do_is_refused",
        "test_ogc_patch:test_versions_of_a_patch",
    ],
    "ogcapi-features-4/1.0/conf/features": [
        "test_ogc_writes:test_coordinates_come_in_any_crs",
        "test_ogc_patch:test_what_a_patch_cannot_do_is_refused",
    ],
    "ogcapi-features-5/1.0/conf/schemas": ["test_ogc:test_counts_of_persons_and_coarse_places_stay_hidden"],
    **{
        f"ogcapi-tiles-1/1.0/conf/{name}": ["test_ogc_conformance:test_tile_sets_and_their_matrix_set"]
        for name in ("core", "tileset", "tilesets-list", "geodata-tilesets", "oas30")
    },
    "ogcapi-tiles-1/1.0/conf/mvt": ["test_ogc_clients:test_gdal_reads_a_tile"],
    "tms/2.0/conf/tilematrixset": ["test_ogc_conformance:test_tile_sets_and_their_matrix_set"],
}


def test_every_claim_has_its_tests(client_as: Callable[[str | None], FlaskClient]) -> None:
    claimed = client_as("hoa").get("/ogc/conformance").json["conformsTo"]
    assert claimed == list(CONFORMANCE)
    assert {uri.removeprefix(SPEC) for uri in claimed} == EVIDENCE.keys()
    named = {place for places in EVIDENCE.values() for place in places}
    found = set()
    for path in (ROOT / "tests" / "db").glob("test_ogc*.py"):
        functions = [node for node in ast.parse(path.read_text()).body if isinstance(node, ast.FunctionDef)]
        found |= {f"{path.stem}:{node.name}" for node in functions}
    assert named <= found


def test_tile_sets_and_their_matrix_set(client_as: Callable[[str | None], FlaskClient]) -> None:
    client = client_as("chi")
    listed = client.get("/ogc/collections/groups/tiles").json["tilesets"]
    assert [one["dataType"] for one in listed] == ["vector"]
    tileset = client.get("/ogc/collections/groups/tiles/WebMercatorQuad").json
    template = next(link["href"] for link in tileset["links"] if link["rel"] == "item")
    assert re.search(r"/\{tileMatrix\}/\{tileRow\}/\{tileCol\}$", template)
    tilejson = client.get("/ogc/collections/groups/tiles/WebMercatorQuad?f=tilejson").json
    assert tilejson["tiles"][0].endswith("/{z}/{y}/{x}")
    assert set(tilejson["vector_layers"][0]["fields"]) == {"name", "stage"}
    matrices = client.get("/ogc/tileMatrixSets/WebMercatorQuad").json["tileMatrices"]
    # OGC 17-083r4, annex D.1.
    assert matrices[0]["scaleDenominator"] == pytest.approx(559082264.0287178)
    assert matrices[14]["cellSize"] == pytest.approx(9.554628535634155)
    assert (matrices[3]["matrixWidth"], matrices[3]["pointOfOrigin"][0]) == (8, pytest.approx(-20037508.342789244))
    same = client.get("/tiles/groups/12/3253/1805").data
    assert client.get("/ogc/collections/groups/tiles/WebMercatorQuad/12/1805/3253").data == same
    assert client.get("/ogc/collections/groups/tiles/WebMercatorQuad/3/0/8").status_code == 400
    paths = client.get("/ogc/api").json["paths"]
    assert "get" in paths["/ogc/collections/{name}/tiles/WebMercatorQuad/{z}/{y}/{x}"]
    assert client.get("/ogc/collections/hotspots/tiles/WebMercatorQuad/12/1805/3253").status_code == 403


@pytest.mark.parametrize(
    ("lon", "lat", "srid", "east", "north"),
    [(106.648967, 20.821482, 9210, 593374.080, 2303451.845), (106.311916, 20.761654, 9210, 558313.785, 2296669.475),
     (106.440003, 17.999699, 9209, 599348.776, 1991111.912)],
)  # fmt: skip
def test_the_oracles_to_the_millimetre(
    lon: float, lat: float, srid: int, east: float, north: float, conn_as: Callable[[str], Connection]
) -> None:
    conn, crs = conn_as("hoa"), named_crs(f"EPSG:{srid}")
    assert crs is not None
    place = in_crs(shape_parameter(Point(lon, lat)), crs)
    x, y = conn.execute(sa.select(sa.func.ST_X(place), sa.func.ST_Y(place))).one()
    assert (x, y) == (pytest.approx(east, abs=0.001), pytest.approx(north, abs=0.001))
    back = fetch_stored(conn, Point(east, north), crs)
    assert (back.x, back.y) == (pytest.approx(lon, abs=1e-8), pytest.approx(lat, abs=1e-8))
    assert fetch_stored(conn, Point(lon, lat), CRS84) == Point(lon, lat)
