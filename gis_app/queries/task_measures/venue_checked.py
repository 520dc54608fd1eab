"""A venue was checked since a day."""

from gis_app.queries.task_measures.base import Measure, Option

measure = Measure(
    title=("Cơ sở đã được kiểm tra", "Venue has been checked"),
    place="feature",
    unit="yes",
    layers=("venues",),
    option=Option("from_on", ("Kiểm tra từ ngày", "Checked since")),
)
