"""All three criteria of a group were reviewed since a day."""

from gis_app.queries.task_measures.base import Measure, Option

measure = Measure(
    title=("Rà soát đủ 3 tiêu chí của tổ", "All three criteria of the group reviewed"),
    place="group",
    unit="criteria",
    option=Option("from_on", ("Rà soát từ ngày", "Reviewed since")),
    always=3,
)
