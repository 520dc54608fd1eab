"""One HTML file with a whole map in it, which opens without a network; the only place of folium.

Pure: GeoJSON (EPSG:4326, lon lat, six decimals) with titles and styles in, text out. Folium builds panes and
layers; our own script and style (html_map_parts/) draw symbols, labels, popups and the panel beside the map.

Trap: branca compiles whatever a folium object renders as a Jinja template once more, so a name like `{{ 7 * 7 }}`
would be run on the server. Folium therefore gets geometries, numbers and colours only; every text that a person
wrote goes into the page as JSON by `_Raw`, which is never a template.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import folium
from branca.element import Element, MacroElement
from folium.template import Template
from folium.utilities import JsCode

from gis_app.formats import html_map_drawing as drawing
from gis_app.formats import html_map_symbols as symbols
from gis_app.formats.html_map_drawing import Feature, Paint
from gis_app.formats.html_map_offline import PARTS, VENDOR, inline_fonts, inline_leaflet_css, make_offline, render_part

MIN_ZOOM, MAX_ZOOM = 9, 19
SCRIPTS = ("labels.js", "names.js", "cards.js", "map.js")
# EXPERIENCE.md section 1: land, water, buildings < status fill < thin roads, labels < views < assets.
PANES = {
    "land": 200,
    "buildings": 205,
    "status": 210,
    "area": 215,
    "casing": 220,
    "roads": 222,
    "border": 230,
    "lines": 235,
    "views": 240,
    "points": 250,
    "names": 260,
}
INTERACTIVE_PANES = frozenset({"status", "area", "lines", "points"})


@dataclass(frozen=True)
class MapField:
    """A column as a popup shows it; `choices` gives the title of each code."""

    name: str
    title: str
    type: str = "text"
    unit: str = ""
    choices: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class MapLayer:
    """A layer that a person switches on and off; `kind` is fill, line, point or sector."""

    name: str
    title: str
    section: str
    kind: str
    paint: Paint
    features: Sequence[Feature]
    fields: Sequence[MapField] = ()
    label: str = ""
    visible: bool = False

    @property
    def choices(self) -> Mapping[str, str]:
        """Titles of the codes by which the layer is coloured."""
        return next((f.choices for f in self.fields if f.name == self.paint.by), {})


@dataclass(frozen=True)
class MapDocument:
    """Everything on the page. `bbox` is west, south, east, north; `texts` the messages `export_map.*`.

    `status` is the choropleth; `base` the features of the base map by layer name; `headline`, `notes` and
    `section_titles` are ready to read. `period` is the evaluation period, `gap_count` how many of the status
    features have a property `gap`: a criterion was not reviewed in it.
    """

    lang: str
    title: str
    headline: str
    notes: Sequence[str]
    is_demo: bool
    bbox: tuple[float, float, float, float]
    status: MapLayer
    layers: Sequence[MapLayer]
    base: Mapping[str, Sequence[Feature]]
    section_titles: Mapping[str, str]
    texts: Mapping[str, str]
    period: str = ""
    gap_count: int = 0


def write(document: MapDocument) -> str:
    """Return the page as one text.

    Raises
    ------
    OutsideAddressError
        The page would ask for something outside itself: folium changed, or a vendor file did.
    """
    west, south, east, north = document.bbox
    page = folium.Map(
        location=((south + north) / 2, (west + east) / 2),
        zoom_start=13,
        tiles=None,
        zoom_control=False,
        min_zoom=MIN_ZOOM,
        max_zoom=MAX_ZOOM,
        zoom_snap=0.25,
        attributionControl=False,
        font_size="14px",
    )
    page.default_js, page.default_css = [], []
    for name, z_index in PANES.items():
        folium.map.CustomPane(name, z_index, pointer_events=name in INTERACTIVE_PANES).add_to(page)
    shapes = {name: drawing.base_shapes(name, features) for name, features in document.base.items() if features}
    shapes |= {layer.name: _shapes(layer) for layer in _all(document)}
    page.add_child(_Start({name: [_add(page, shape) for shape in made] for name, made in shapes.items()}))
    data = {"config": _config(document), "properties": {name: _properties(made) for name, made in shapes.items()}}
    return make_offline(_render(page, document, data), _data_texts(document), lang=document.lang, title=document.title)


def _all(document: MapDocument) -> list[MapLayer]:
    return [layer for layer in (document.status, *document.layers) if layer.features]


def _shapes(layer: MapLayer) -> list[drawing.Shape]:
    return drawing.layer_shapes(layer.name, layer.kind, layer.paint, layer.section, layer.features)


def _properties(shapes: Sequence[drawing.Shape]) -> dict[int, dict[str, Any]]:
    """What the script knows of each feature, by its number."""
    return {f["id"]: f["properties"] for shape in shapes for f in shape.features if f["properties"]}


def _add(page: folium.Map, shape: drawing.Shape) -> str:
    """Hand a shape to folium; return the name of its JavaScript variable."""
    options: dict[str, Any] = {"pane": shape.pane, "interactive": bool(shape.popup_layer)}
    renderer = "svg" if shape.pane in INTERACTIVE_PANES else "canvas"
    options["renderer"] = JsCode(f"L.{renderer}({{pane: '{shape.pane}', padding: 0.4}})")
    if shape.point_form:
        options["pointToLayer"] = JsCode(f"binhYen.point('{shape.point_form}')")
    describe = JsCode(f"binhYen.describe('{shape.popup_layer}')") if shape.popup_layer else None
    whole = {feature["id"]: feature for feature in shape.features}
    bare = [
        {"type": "Feature", "id": number, "properties": {}, "geometry": feature["geometry"]}
        for number, feature in whole.items()
    ]
    made = folium.GeoJson(
        {"type": "FeatureCollection", "features": bare},
        style_function=lambda f: shape.style(whole[f["id"]]),
        smooth_factor=shape.smooth_factor,
        on_each_feature=describe,
        show=False,
        control=False,
        **options,
    )
    made.add_to(page)
    return str(made.get_name())


class _Start(MacroElement):
    """The last statement of the page: hand folium's objects to our script."""

    _template = Template(
        "{% macro script(this, kwargs) %}binhYen.start({{ this._parent.get_name() }}, { "
        "{% for name, vars in this.parts.items() %}{{ name|tojson }}: [{{ vars|join(', ') }}], {% endfor %}"
        "});{% endmacro %}"
    )

    def __init__(self, parts: Mapping[str, Sequence[str]]) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self._name = "Start"
        self.parts = parts


def _config(document: MapDocument) -> dict[str, Any]:
    west, south, east, north = document.bbox
    return {
        "lang": document.lang,
        "bounds": [[south, west], [north, east]],
        "texts": dict(document.texts),
        "status": document.status.name,
        "roadWidths": drawing.ROAD_WIDTHS,
        "roadCasings": drawing.ROAD_CASINGS,
        "layers": {
            layer.name: {
                "title": layer.title,
                "label": layer.label,
                "visible": layer.visible,
                "by": layer.paint.by,
                "fields": [
                    {"name": f.name, "title": f.title, "type": f.type, "unit": f.unit, "choices": f.choices}
                    for f in layer.fields
                ],
            }
            for layer in _all(document)
        },
    }


def _script_json(value: Any) -> str:
    """JSON that cannot end a script element, whatever the texts hold."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    for char in "<>&\u2028\u2029":
        text = text.replace(char, f"\\u{ord(char):04x}")
    return text


def _render(page: folium.Map, document: MapDocument, data: Mapping[str, Any]) -> str:
    root: Any = page.get_root()
    styles = (inline_leaflet_css(), inline_fonts(), (PARTS / "map.css").read_text(encoding="utf-8"))
    scripts = (
        (VENDOR / "leaflet" / "leaflet.js").read_text(encoding="utf-8"),
        *((PARTS / name).read_text(encoding="utf-8") for name in SCRIPTS),
        f"globalThis.binhYenData = {_script_json(data)};",
    )
    for text in styles:
        root.header.add_child(_Raw(f"<style>{text}</style>"))
    for text in scripts:
        root.header.add_child(_Raw(f"<script>{text}</script>"))
    panel = render_part(
        "panel.html",
        document=document,
        legend=_legend(document),
        sections=_sections(document),
        patterns=symbols.pattern_defs(document.status.paint),
        swatch=symbols.symbol_svg,
        number=_thousands(document.lang),
    )
    root.html.add_child(_Raw(panel))
    return str(root.render())


class _Raw(Element):
    """Text that is not a template: branca's own Element would run it through Jinja."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.text = text

    def render(self, **_kwargs: Any) -> str:
        return self.text


def _thousands(lang: str) -> Callable[[int], str]:
    """1.234 in Vietnamese, 1,234 in English."""
    return lambda number: f"{number:,}".replace(",", "." if lang == "vi" else ",")


def _legend(document: MapDocument) -> list[dict[str, Any]]:
    """A row for each stage in the order of the programme, zero included."""
    status = document.status
    counts: dict[str, int] = {}
    for feature in status.features:
        code = feature["properties"].get(status.paint.by)
        counts[code] = counts.get(code, 0) + 1
    return [{"code": code, "title": title, "count": counts.get(code, 0)} for code, title in status.choices.items()]


def _sections(document: MapDocument) -> list[dict[str, Any]]:
    """The layers under their headings, in the order of the headings."""
    found = []
    for name, title in document.section_titles.items():
        layers = [layer for layer in _all(document) if layer.section == name]
        if layers:
            found.append({"title": title, "layers": layers})
    return found


def _data_texts(document: MapDocument) -> str:
    """Every text that people wrote: an address in it is data, not a request."""
    texts = [document.title, document.headline, *document.notes, *document.texts.values()]
    features = [f for layer in _all(document) for f in layer.features]
    features += [f for group in document.base.values() for f in group]
    texts += [str(value) for f in features for value in f["properties"].values()]
    return "\n".join(texts)
