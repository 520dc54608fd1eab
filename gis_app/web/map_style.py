"""A layer's style as a Mapbox style: QGIS and every vector tile client draw our colours. No views."""

from typing import Any

from layers.base import Layer

OUTLINE = "#333333"


def _color(layer: Layer) -> Any:
    """The colour by code, or the one colour; the column must be in the tiles."""
    style = layer.style
    by = layer.field(style.by) if style.by else None
    if by is None or not by.in_tile or by.readers is not None:
        return style.color
    pairs = [part for code, color in style.colors.items() for part in (code, color)]
    return ["match", ["get", style.by], *pairs, style.color] if pairs else style.color


def _drawn(layer: Layer) -> list[dict[str, Any]]:
    color, style = _color(layer), layer.style
    source = {"source": layer.name, "source-layer": layer.name, "minzoom": layer.min_zoom}
    if layer.is_point:
        paint = {"circle-color": color, "circle-radius": 5, "circle-stroke-color": "#ffffff", "circle-stroke-width": 1}
        return [{"id": layer.name, "type": "circle", **source, "paint": paint}]
    if layer.geometry.endswith("POLYGON"):
        fill = {"fill-color": color, "fill-opacity": 0.8}
        edge = {"line-color": OUTLINE, "line-width": style.width}
        return [
            {"id": layer.name, "type": "fill", **source, "paint": fill},
            {"id": f"{layer.name}-outline", "type": "line", **source, "paint": edge},
        ]
    paint = {"line-color": color, "line-width": style.width}
    dash = [float(part) for part in style.dash.replace(",", " ").split()] if style.dash else []
    return [{"id": layer.name, "type": "line", **source, "paint": paint | ({"line-dasharray": dash} if dash else {})}]


def map_style(layer: Layer, title: str, tiles: str, max_zoom: int) -> dict[str, Any]:
    """The style with its source: the tiles of the layer."""
    source = {"type": "vector", "tiles": [tiles], "minzoom": layer.min_zoom, "maxzoom": max_zoom}
    return {"version": 8, "name": title, "sources": {layer.name: source}, "layers": _drawn(layer)}
