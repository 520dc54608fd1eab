"""One of the three criteria of a group is met."""

from gis_app.queries.task_measures.base import Measure, Option
from layers.groups import CRITERIA

measure = Measure(
    title=("Tổ đạt một tiêu chí", "Group meets a criterion"),
    place="group",
    unit="yes",
    option=Option("criterion", ("Tiêu chí", "Criterion"), CRITERIA),
)
