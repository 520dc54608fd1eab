"""The stand-alone page: nothing outside, nothing run that was not written here, every difference drawn."""

import math
import re
from typing import Any

import pytest

from gis_app.formats.html_map import SCRIPTS, MapDocument, MapField, MapLayer, write
from gis_app.formats.html_map_drawing import Paint, base_shapes, layer_shapes, sector
from gis_app.formats.html_map_offline import OutsideAddressError, check_offline
from gis_app.formats.html_map_symbols import pattern_defs

HOSTILE = "</script><img src=x onerror=alert(1)>{{ 7*7 }} https://evil.example/x.js"
TEXTS = {
    name: name
    for name in (
        "panel",
        "layers",
        "table",
        "name",
        "stage",
        "code",
        "yes",
        "no",
        "demo",
        "print",
        "zoom_in",
        "zoom_out",
        "noscript",
    )
}
STAGES = {"building": "Đang xây dựng", "maintained": "Giữ vững"}
PAINT = Paint(
    "#fbf6f3",
    "stage",
    {"building": "#f8c811", "maintained": "#3b4788"},
    {"building": "diagonal", "maintained": "solid"},
)


def feature(kind: str, coordinates: Any, **properties: Any) -> dict[str, Any]:
    return {"type": "Feature", "properties": properties, "geometry": {"type": kind, "coordinates": coordinates}}


def square(west: float, south: float, **properties: Any) -> dict[str, Any]:
    ring = [[west, south], [west + 0.01, south], [west + 0.01, south + 0.01], [west, south + 0.01], [west, south]]
    return feature("MultiPolygon", [[ring]], **properties)


def document(name: str = "Tổ dân phố số 1", *, is_demo: bool = False) -> MapDocument:
    groups = [square(106.6, 20.8, name=name, stage="building"), square(106.61, 20.8, name="Tổ 2", stage="maintained")]
    fields = (MapField("name", "Tên"), MapField("stage", "Giai đoạn", choices=STAGES))
    status = MapLayer("groups", "Tổ dân phố", "programme", "fill", PAINT, groups, fields, "name", visible=True)
    cameras = [feature("Point", [106.605, 20.805], external_id=HOSTILE, state="working", azimuth_deg=90, fov_deg=60)]
    states = MapField("state", "Tình trạng", choices={"working": "Đang hoạt động"})
    devices = MapLayer(
        "cameras",
        "Camera",
        "devices",
        "sector",
        Paint("#0b7285", "state", {"working": "#0b7285"}),
        cameras,
        (states,),
        "external_id",
        visible=True,
    )
    street = {"class": "primary", "name": name}
    base = {
        "roads": [
            feature("LineString", [[106.6, 20.8], [106.605, 20.805]], **street),
            feature("LineString", [[106.605, 20.805], [106.61, 20.81]], **street),
        ]
    }
    return MapDocument(
        "vi",
        f"Bản đồ {name}",
        "Đạt 1/2",
        ["Lập lúc 10:00"],
        is_demo,
        (106.6, 20.8, 106.62, 20.81),
        status,
        [devices],
        base,
        {"programme": "Chương trình", "devices": "Thiết bị"},
        TEXTS,
    )


def test_page_has_language_title_and_a_viewport_that_zooms() -> None:
    html = write(document())
    assert '<html lang="vi">' in html
    assert "<title>Bản đồ Tổ dân phố số 1</title>" in html
    viewports = re.findall(r'<meta name="viewport"[^>]*>', html)
    assert viewports == ['<meta name="viewport" content="width=device-width, initial-scale=1">']


def test_hostile_text_stays_text() -> None:
    html = write(document(HOSTILE))
    assert "<img" not in html
    # branca renders twice: a name must never reach it.
    assert not re.search(r"\b49 https", html)
    assert "{{ 7*7 }}" in html
    # Leaflet, our four, the data, folium's switches and its map; a text that closed one would make more.
    assert html.count("<script>") == html.count("</script>") == len(SCRIPTS) + 4
    assert "&lt;/script&gt;&lt;img src=x" in html


def test_policy_names_every_script_and_nothing_else() -> None:
    html = write(document())
    policy = re.search(r'Content-Security-Policy" content="([^"]*)"', html)
    assert policy is not None
    assert "default-src 'none'" in policy[1]
    assert "unsafe-inline" not in policy[1].split("script-src")[1].split(";")[0]
    assert policy[1].count("'sha256-") == html.count("<script>")


def test_demo_says_so() -> None:
    assert 'class="demo"' in write(document(is_demo=True))
    assert 'class="demo"' not in write(document())


@pytest.mark.parametrize(
    "bad",
    [
        '<script src="https://cdn.example/a.js"></script>',
        '<script src="//cdn.example/a.js"></script>',
        '<link rel="stylesheet" href="http://cdn.example/a.css">',
        '<img src="images/marker.png">',
        "<style>@import 'https://cdn.example/a.css';</style>",
        "<style>a { background: url(https://cdn.example/a.png) }</style>",
        '<p style="background:url(//cdn.example/a.png)">',
        "<script>L.tileLayer('https://{s}.tile.example/{z}/{x}/{y}.png')</script>",
    ],
)
def test_an_outside_address_raises(bad: str) -> None:
    with pytest.raises(OutsideAddressError):
        check_offline(f"<html><head></head><body>{bad}</body></html>")


@pytest.mark.parametrize(
    "good",
    [
        '<svg xmlns="http://www.w3.org/2000/svg"></svg>',
        "<script>x = 'http://www.w3.org/2000/svg'</script>",
        "<style>a { src: url(data:font/woff2;base64,AA) } b { fill: url(#c) }</style>",
        '<a href="#x">x</a>',
    ],
)
def test_names_and_inlined_files_are_no_requests(good: str) -> None:
    check_offline(f"<html><head></head><body>{good}</body></html>")


def test_streets_of_one_name_become_one_line() -> None:
    (shape,) = base_shapes("roads", document().base["roads"])
    assert [len(f["geometry"]["coordinates"]) for f in shape.features] == [1]


def test_a_view_looks_where_the_camera_looks() -> None:
    ring = sector(106.6, 20.8, azimuth_deg=90, width_deg=60, range_m=100)
    assert ring[0] == ring[-1] == [106.6, 20.8]
    for lon, lat in ring[1:-1]:
        east, north = (lon - 106.6) * 111_320 * math.cos(math.radians(20.8)), (lat - 20.8) * 111_320
        assert math.hypot(east, north) == pytest.approx(100, abs=0.2)
        assert 60 - 0.2 <= math.degrees(math.atan2(east, north)) <= 120 + 0.2


@pytest.mark.parametrize(
    ("properties", "count"),
    [
        ({"state": "removed", "azimuth_deg": 0}, 0),
        ({"state": "working", "azimuth_deg": 0}, 1),
        ({"state": "working"}, 1),
    ],
)
def test_a_removed_camera_sees_nothing(properties: dict[str, Any], count: int) -> None:
    camera = feature("Point", [106.6, 20.8], **properties)
    shapes = layer_shapes("cameras", "sector", Paint("#000000"), "devices", [camera])
    assert sum(len(shape.features) for shape in shapes if shape.pane == "views") == count


def test_every_code_has_its_pattern_and_unknown_ones_are_drawn() -> None:
    defs = pattern_defs(PAINT)
    assert all(f'id="fill-{code}"' in defs for code in PAINT.colors)
    (shape,) = layer_shapes("groups", "fill", PAINT, "programme", [square(106.6, 20.8, stage="??")])
    assert shape.style(shape.features[0])["fillColor"] == "url(#fill-building)"
