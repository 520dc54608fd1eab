"""Spatial queries against geopandas on the same rows: the same answers, distances to 0.1 %."""

from collections.abc import Callable
from typing import Any

import geopandas as gpd
import pytest
import shapely
from flask.testing import FlaskClient
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.builders import MAU, METRIC


@pytest.fixture
def an(client_as: Callable[[str | None], FlaskClient]) -> FlaskClient:
    """An, patrol leader of Xã Mẫu."""
    return client_as("an")


def frame(client: FlaskClient, layer: str) -> gpd.GeoDataFrame:
    found = client.get(f"/api/layers/{layer}/features?limit=10000").json
    return gpd.GeoDataFrame.from_features(found["features"], crs=4326).to_crs(METRIC)


def ids(answer: Any) -> set[str]:
    return {f["properties"]["external_id"] for f in answer.json["features"]}


def metric_point(spot: shapely.Point) -> shapely.Point:
    return gpd.GeoSeries([spot], crs=4326).to_crs(METRIC).iloc[0]


def test_inside_a_drawn_polygon(an: FlaskClient) -> None:
    area = MAU.box(450, 400, 1650, 600)
    answer = an.get("/api/layers/lights/features", query_string={"within": shapely.to_geojson(area)})
    lights = frame(an, "lights")
    inside = lights[lights.intersects(gpd.GeoSeries([area], crs=4326).to_crs(METRIC).iloc[0])]
    assert ids(answer) == set(inside["external_id"])
    assert len(inside) == 12


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(east=st.floats(0, 3000), north=st.floats(0, 3000), distance_m=st.floats(1, 2500))
def test_within_a_distance_of_a_point(an: FlaskClient, east: float, north: float, distance_m: float) -> None:
    spot = MAU.at(east, north)
    query = {"near": f"{spot.x:.12f},{spot.y:.12f}", "distance_m": distance_m}
    answer = an.get("/api/layers/lights/features", query_string=query)
    lights = frame(an, "lights")
    away = lights.distance(metric_point(spot))
    # Answers carry seven decimals (1 cm): rows within 2 cm of the limit may fall either way.
    assert set(lights["external_id"][away < distance_m - 0.02]) <= ids(answer)
    assert ids(answer) <= set(lights["external_id"][away <= distance_m + 0.02])


def test_distances_are_true_to_a_tenth_of_a_per_cent(an: FlaskClient) -> None:
    spot = MAU.at(77, 913)
    query = {"near": f"{spot.x},{spot.y}", "nearest": 29}
    answer = an.get("/api/layers/lights/features", query_string=query).json
    geod = frame(an, "lights").crs.get_geod()
    for feature in answer["features"]:
        lon, lat = feature["geometry"]["coordinates"]
        true_m = geod.inv(spot.x, spot.y, lon, lat)[2]
        assert feature["properties"]["distance_m"] == pytest.approx(true_m, rel=1e-3)


def test_the_k_nearest_come_in_order(an: FlaskClient) -> None:
    spot = MAU.at(1510, 510)
    answer = an.get("/api/layers/lights/features", query_string={"near": f"{spot.x},{spot.y}", "nearest": 4}).json
    lights = frame(an, "lights")
    lights["away"] = lights.distance(metric_point(spot))
    wanted = lights.sort_values("away")["external_id"].head(4).tolist()
    assert [f["properties"]["external_id"] for f in answer["features"]] == wanted


def test_near_a_line(an: FlaskClient) -> None:
    line = MAU.line((0, 480), (1000, 480))
    query = {"near": shapely.to_geojson(line), "distance_m": 30}
    answer = an.get("/api/layers/lights/features", query_string=query)
    lights = frame(an, "lights")
    metric_line = gpd.GeoSeries([line], crs=4326).to_crs(METRIC).iloc[0]
    assert ids(answer) == set(lights["external_id"][lights.distance(metric_line) <= 30])
    assert ids(answer)


@pytest.mark.parametrize("distance_m", [30, 100, 500, 2000])
def test_hotspots_without_a_working_camera(an: FlaskClient, distance_m: float) -> None:
    answer = an.get(f"/api/gaps?places=hotspots&devices=cameras&distance_m={distance_m}")
    cameras = frame(an, "cameras")
    working = cameras[cameras["state"] == "working"]
    hotspots = frame(an, "hotspots")
    nearest = hotspots.geometry.apply(lambda geom: working.distance(geom).min())
    assert ids(answer) == set(hotspots["external_id"][nearest > distance_m])
    by_id = dict(zip(hotspots["external_id"], nearest, strict=True))
    for feature in answer.json["features"]:
        said = feature["properties"]["nearest_m"]
        true_m = by_id[feature["properties"]["external_id"]]
        assert said is None if true_m > 2100 else said == pytest.approx(true_m, rel=1e-3)


def test_a_broken_light_does_not_count(an: FlaskClient) -> None:
    hotspots_near_a_broken_one = an.get("/api/gaps?places=cameras&devices=lights&distance_m=10")
    # The camera at (500, 500) stands beside light 5, which is broken; the next works 100 m on.
    assert "MAU1-c0" in ids(hotspots_near_a_broken_one)
    assert "MAU1-c1" not in ids(hotspots_near_a_broken_one)


def test_along_a_street(an: FlaskClient) -> None:
    answer = an.get("/api/streets/nearby?name=Phố Ngang 1 MAU1&layer=cameras&distance_m=15")
    assert ids(answer) == {"MAU1-c0", "MAU1-c1", "MAU1-c2", "MAU1-c3"}
    assert ids(an.get("/api/streets/nearby?name=Phố Ngang 2 MAU1&layer=cameras&distance_m=15")) == set()


def test_counts_per_group_count_each_once(an: FlaskClient) -> None:
    answer = an.get("/api/groups/counts?layer=lights").json
    assert sum(group["count"] for group in answer["groups"]) + answer["outside"] == 29
    # Light 15 stands on the border of groups 1 and 2: the lower id has it.
    assert [group["count"] for group in answer["groups"]] == [15, 14, 0, 0]


@pytest.mark.parametrize(
    "text", ["to dan pho so 2", "Tổ dân phố số 2", "To\u0302\u0309 da\u0302n pho\u0302\u0301 so 2", "SỐ 2 TỔ"]
)
def test_search_without_diacritics_in_nfc_and_nfd(an: FlaskClient, text: str) -> None:
    results = an.get("/api/search", query_string={"q": text}).json["results"]
    assert results[0]["label"] == "Tổ dân phố số 2 MAU1"
    assert results[0]["layer"] == "groups"


def test_a_street_is_one_answer(an: FlaskClient) -> None:
    results = an.get("/api/search?q=pho ngang 3").json["results"]
    assert [r["label"] for r in results if r["layer"] == "roads"] == ["Phố Ngang 3 MAU1"]


def test_pages_follow_by_key(an: FlaskClient) -> None:
    seen: list[int] = []
    href = "/api/layers/lights/features?limit=10&state=working"
    while href:
        page = an.get(href).json
        seen += [f["id"] for f in page["features"]]
        href = next((link["href"] for link in page["links"] if link["rel"] == "next"), None)
    assert len(seen) == len(set(seen)) == 28
