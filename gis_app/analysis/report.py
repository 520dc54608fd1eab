"""What a frozen report consists of: sections of text, lists, tables and maps, as JSON that two prints share.

Figures are whole numbers or the text that is printed; coordinates are whole metres in the commune's metric zone. No
fraction is anywhere, so the canonical text of a content is the same before and after a database has kept it.
"""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

FORMAT = 1
Cell = str | int | None


@dataclass(frozen=True)
class Column:
    """A column: its heading, a share of the width, and `left`, `center` or `right`."""

    title: str
    width: int = 10
    align: str = "left"


@dataclass(frozen=True)
class Table:
    """A table with a title; every row has a cell for every column; the last may be a total."""

    title: str
    columns: Sequence[Column]
    rows: Sequence[Sequence[Cell]]
    name: str = ""
    has_total: bool = False

    def as_json(self) -> dict[str, Any]:
        """The block."""
        if any(len(row) != len(self.columns) for row in self.rows):
            raise ValueError(f"{self.title}: a row has not {len(self.columns)} cells")
        columns = [{"title": c.title, "width": c.width, "align": c.align} for c in self.columns]
        rows = [list(row) for row in self.rows]
        about = {"name": self.name, "title": self.title, "has_total": self.has_total}
        return {"type": "table", **about, "columns": columns, "rows": rows}


@dataclass(frozen=True)
class Text:
    """A paragraph, or a note in smaller type."""

    text: str
    is_note: bool = False

    def as_json(self) -> dict[str, Any]:
        """The block."""
        return {"type": "note" if self.is_note else "text", "text": self.text}


@dataclass(frozen=True)
class Points:
    """A list of points, each printed after a dash."""

    items: Sequence[str]

    def as_json(self) -> dict[str, Any]:
        """The block."""
        return {"type": "list", "items": list(self.items)}


@dataclass(frozen=True)
class MapDrawing:
    """A map: `areas` are (code, label, rings), rings lists of x, y in whole metres of zone `srid`."""

    title: str
    srid: int
    outline: Sequence[Sequence[int]]
    areas: Sequence[tuple[str, str, Sequence[Sequence[int]]]]
    legend: Sequence[Mapping[str, Any]]
    source: str

    def as_json(self) -> dict[str, Any]:
        """The block."""
        areas = [{"code": c, "label": label, "rings": [list(r) for r in rings]} for c, label, rings in self.areas]
        return {
            "type": "map",
            "title": self.title,
            "srid": self.srid,
            "outline": [list(ring) for ring in self.outline],
            "areas": areas,
            "legend": [dict(entry) for entry in self.legend],
            "source": self.source,
        }


Block = Table | Text | Points | MapDrawing


@dataclass(frozen=True)
class Section:
    """A section: `name` is its file's, `figures` are what the API answers and a test finds in the print."""

    name: str
    title: str
    blocks: Sequence[Block]
    figures: Mapping[str, int | str] = field(default_factory=dict)

    def as_json(self) -> dict[str, Any]:
        """The section."""
        blocks = [block.as_json() for block in self.blocks]
        return {"name": self.name, "title": self.title, "figures": dict(self.figures), "blocks": blocks}


@dataclass(frozen=True)
class ReportContent:
    """All that is printed but number, day, conclusions and hash, which belong to the snapshot."""

    head: Mapping[str, Any]
    sections: Sequence[Mapping[str, Any]]

    def as_json(self) -> dict[str, Any]:
        """The content as it is frozen."""
        return {"format": FORMAT, "head": dict(self.head), "sections": [dict(section) for section in self.sections]}


def canonical(content: Mapping[str, Any]) -> str:
    """The one text of a content: sorted keys, no spaces, no fractions.

    Raises
    ------
    TypeError
        There is a fraction in it.
    """
    _refuse_fractions(content)
    return json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def _refuse_fractions(value: Any) -> None:
    if isinstance(value, float):
        raise TypeError("a frozen report holds no fractions")
    if isinstance(value, Mapping):
        for part in value.values():
            _refuse_fractions(part)
    elif isinstance(value, list | tuple):
        for part in value:
            _refuse_fractions(part)


def sha256_of(content: Mapping[str, Any]) -> str:
    """The hash of a content."""
    return hashlib.sha256(canonical(content).encode()).hexdigest()


def percent(part: int, whole: int) -> str:
    """A share as Vietnamese readers write it, half rounded up: 4,7 %."""
    if whole == 0:
        return "0 %"
    share = (Decimal(part) * 100 / Decimal(whole)).quantize(Decimal("0.1"), ROUND_HALF_UP)
    text = f"{share.normalize():f}" if share == share.to_integral() else f"{share:f}"
    return f"{text.replace('.', ',')} %"


def grouped(number: int) -> str:
    """A whole number with points: 19.208."""
    return f"{number:,}".replace(",", ".")
