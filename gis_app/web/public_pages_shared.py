"""The picture of a release and its numbers, for the public page and for whoever looks a draft over."""

import json
from dataclasses import dataclass
from typing import Any

from gis_app.analysis.outline import frame_of, path_of
from gis_app.queries.releases import PublicCell

WIDTH, MARGIN = 640.0, 12.0
STAGES = ("achieved", "working", "waiting")


@dataclass(frozen=True)
class DrawnCell:
    """A group as the picture and the list show it."""

    cell: PublicCell
    path: str
    at: tuple[float, float]


def draw(cells: list[PublicCell]) -> dict[str, Any]:
    """The picture: its size, and each group's outline with the place of its number."""
    shapes = [json.loads(cell.shape) for cell in cells]
    frame = frame_of(shapes, WIDTH, MARGIN)
    drawn = [
        DrawnCell(cell, path_of(shape, frame), frame.place(*cell.label))
        for cell, shape in zip(cells, shapes, strict=True)
    ]
    return {"width": frame.width, "height": frame.height, "cells": drawn}


def summary(cells: list[PublicCell]) -> dict[str, int]:
    """How many groups are at which stage, of those whose stage is shown: counted from what the page shows."""
    counts = {stage: sum(cell.stage == stage for cell in cells) for stage in STAGES}
    return counts | {"shown": sum(counts.values()), "hidden": sum(cell.stage is None for cell in cells)}
