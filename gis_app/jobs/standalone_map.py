"""The stand-alone map of a commune: joins queries, layer files and messages with the format."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy.engine import Connection

from gis_app.formats.html_map import MapDocument, MapField, MapLayer, write
from gis_app.formats.html_map_drawing import Feature, Paint
from gis_app.jobs.map_status import add_verdict, period_text, verdict_field
from gis_app.queries.communes import Commune
from gis_app.queries.features import count_features, fetch_features
from gis_app.queries.filters import FeatureFilter
from gis_app.queries.place_classes import with_classes
from gis_app.text import fold
from layers import LAYERS
from layers.base import SECTIONS, Layer

MESSAGES = Path(__file__).resolve().parent.parent / "messages"
PREFIX = "export_map."
VIETNAM = ZoneInfo("Asia/Ho_Chi_Minh")
# More would make the file heavy, and at the scale of a ward nobody tells them apart.
MAX_BUILDINGS = 10_000
# No layer of a commune comes near; a file with more would not open on a phone.
MAX_FEATURES = 50_000
DECIMALS = 6
STATUS = "groups"
LANGUAGES = ("vi", "en")
REACHED = frozenset({"recognised", "maintained"})
OUTLINES = ("communes",)


@dataclass(frozen=True)
class StandaloneMap:
    """The page and the name that its file should have."""

    html: str
    filename: str


def make_standalone_map(conn: Connection, commune: Commune, role: str, lang: str, now: datetime) -> StandaloneMap:
    """Make the map of what `role` may read in the commune; row-level security of `conn` applies."""
    messages: dict[str, str] = json.loads((MESSAGES / f"{lang}.json").read_text(encoding="utf-8"))
    texts = {key.removeprefix(PREFIX): text for key, text in messages.items() if key.startswith(PREFIX)}
    side = LANGUAGES.index(lang)
    readable = [with_classes(conn, commune.id, layer) for layer in LAYERS.values() if role in layer.readers]
    base = {layer.name: _fetch(conn, layer, role) for layer in readable if _is_base(layer) and _fits(conn, layer, role)}
    shown = [_map_layer(layer, role, side, _fetch(conn, layer, role)) for layer in readable if not _is_base(layer)]
    status = next(layer for layer in shown if layer.name == STATUS)
    local = now.astimezone(VIETNAM)
    gap_count = add_verdict(status.features, local.date())
    told = replace(status, fields=[verdict_field(messages), *status.fields])
    kind = "_village" if _mostly_villages(status.features) else ""
    title = texts[f"title{kind}"].format(commune=commune.full_name)
    html = write(
        MapDocument(
            lang=lang,
            title=title,
            headline=_headline(texts[f"headline{kind}"], status.features, lang),
            notes=[
                texts["generated"].format(when=local.strftime("%H:%M %d/%m/%Y")),
                texts["role_note"].format(role=messages.get(f"role.{role}", role)),
            ],
            is_demo=commune.is_demo,
            bbox=commune.bbox,
            status=told,
            period=period_text(messages, local.date()),
            gap_count=gap_count,
            layers=[layer for layer in shown if layer is not status],
            base=base,
            section_titles={name: title[side] for name, title in SECTIONS.items()},
            texts=texts,
        )
    )
    place = fold(commune.full_name).replace("_", "-")
    return StandaloneMap(html, f"ban-do-{place}-{commune.code}-{local:%Y-%m-%d}.html")


def _is_base(layer: Layer) -> bool:
    return layer.style.kind == "base" or layer.name in OUTLINES


def _fits(conn: Connection, layer: Layer, role: str) -> bool:
    limit = MAX_BUILDINGS if layer.name == "buildings" else MAX_FEATURES
    return count_features(conn, [layer], role)[layer.name] <= limit


def _fetch(conn: Connection, layer: Layer, role: str) -> list[Feature]:
    page = fetch_features(conn, layer, role, FeatureFilter(limit=MAX_FEATURES))
    return [_small(json.loads(text, parse_float=_short), layer) for text in page.features]


def _short(text: str) -> float:
    # Six decimals are 0.1 m, and half the bytes.
    return round(float(text), DECIMALS)


def _small(feature: dict[str, Any], layer: Layer) -> Feature:
    properties = feature["properties"]
    if _is_base(layer):
        # Nobody clicks on the base map: its class and name are all that is drawn.
        wanted = {name: properties[name] for name in ("class", "name") if properties.get(name)}
    else:
        wanted = {name: value for name, value in properties.items() if value is not None}
    return {"type": "Feature", "properties": wanted, "geometry": feature["geometry"]}


def _map_layer(layer: Layer, role: str, side: int, features: list[Feature]) -> MapLayer:
    style = layer.style
    fields = [
        MapField(
            name=f.name,
            title=f.title[side],
            type=f.type,
            unit=f.unit,
            choices={choice.code: (choice.vi, choice.en)[side] for choice in f.choices},
        )
        for f in layer.visible_fields(role)
    ]
    paint = Paint(style.color, style.by, dict(style.colors), dict(style.patterns), style.width, style.dash)
    return MapLayer(
        name=layer.name,
        title=layer.title[side],
        section=layer.section,
        kind=style.kind,
        paint=paint,
        features=sorted(features, key=_natural(layer.label)) if layer.name == STATUS else features,
        fields=fields,
        label=layer.label,
        visible=style.visible,
    )


def _natural(label: str) -> Any:
    """Order by name with numbers as numbers: Tổ 1, Tổ 2, Tổ 10."""

    def key(feature: Feature) -> list[tuple[bool, str]]:
        parts = fold(str(feature["properties"].get(label, ""))).split("_")
        return [(not part.isdigit(), part.zfill(9) if part.isdigit() else part) for part in parts]

    return key


def _mostly_villages(groups: list[Feature] | Any) -> bool:
    villages = sum(group["properties"].get("kind") == "village" for group in groups)
    return bool(villages * 2 > len(groups))


def _headline(text: str, groups: Any, lang: str) -> str:
    reached = sum(group["properties"].get("stage") in REACHED for group in groups)
    share = f"{100 * reached / len(groups):.1f}" if groups else "0"
    numbers: Mapping[str, object] = {
        "reached": reached,
        "total": len(groups),
        "share": share.replace(".", ",") if lang == "vi" else share,
    }
    # A number and its sign stay on one line.
    return text.replace(" %", "\u00a0%").format(**numbers)
