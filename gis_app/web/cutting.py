"""A line that cuts a group, as queries and bodies have it. No views."""

from collections.abc import Sequence

import shapely

from gis_app.analysis.borders import BorderError, cut
from gis_app.errors import Unprocessable
from gis_app.web.params import geometry

MAX_PIECES = 10
LINE = geometry("LineString")


def cut_group(area: shapely.MultiPolygon, line: shapely.LineString) -> Sequence[shapely.MultiPolygon]:
    """The pieces in the order in which they get their names."""
    try:
        pieces = cut(area, line)
    except BorderError as error:
        raise Unprocessable("bad_border", faults=[{"field": "line", "rule": str(error)}]) from error
    if len(pieces) > MAX_PIECES:
        raise Unprocessable("bad_border", faults=[{"field": "line", "rule": "too_many"}])
    return pieces
