"""A school or a venue has signed its pledge."""

from gis_app.queries.task_measures.base import Measure

measure = Measure(
    title=("Trường học, cơ sở đã ký cam kết", "School or venue has signed its pledge"),
    place="feature",
    unit="yes",
    layers=("schools", "venues"),
)
