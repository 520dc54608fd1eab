"""Working tip boxes stand in a group."""

from gis_app.queries.task_measures.base import Measure

measure = Measure(
    title=("Hòm thư tố giác đang hoạt động trong tổ", "Working tip boxes in the group"),
    place="group",
    unit="count",
    wanted=(1, 20, 1),
)
