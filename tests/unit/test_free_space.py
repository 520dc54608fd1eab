"""A new group is trimmed to the room between its neighbours."""

import pytest
import shapely

from gis_app.analysis.borders import area_m2
from gis_app.analysis.free_space import free_part, taken_m2
from tests.builders import MAU

OUTLINE = MAU.box(0, 0, 1000, 1000)
LEFT, RIGHT = MAU.box(0, 0, 400, 1000), MAU.box(600, 0, 1000, 1000)


def test_the_room_between_two_neighbours() -> None:
    free = free_part(MAU.box(300, 200, 700, 1200), [LEFT, RIGHT], OUTLINE)
    assert area_m2(free) == pytest.approx(200 * 800, rel=0.02)
    for other in (LEFT, RIGHT):
        assert taken_m2(free, other) == 0
        # The very corners of the border: nothing between them.
        assert shapely.intersection(free, other).area < 1e-15


def test_where_others_have_all_there_is_no_room() -> None:
    assert free_part(MAU.box(100, 100, 300, 300), [LEFT, RIGHT], OUTLINE).is_empty
    assert free_part(MAU.box(2000, 0, 2100, 100), [], OUTLINE).is_empty


def test_a_hair_is_no_overlap_and_two_metres_are() -> None:
    assert taken_m2(MAU.box(399.7, 0, 600, 1000), LEFT) == 0
    assert taken_m2(MAU.box(396, 0, 600, 1000), LEFT) == pytest.approx(4000, rel=0.01)
    assert taken_m2(MAU.box(400, 0, 600, 1000), LEFT) == 0


def test_a_neighbour_in_the_middle_leaves_a_ring() -> None:
    free = free_part(OUTLINE, [MAU.box(400, 400, 600, 600)], OUTLINE)
    assert len(free.geoms[0].interiors) == 1
