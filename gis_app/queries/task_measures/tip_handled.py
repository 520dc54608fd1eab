"""The tip from which the task was made is closed."""

from gis_app.queries.task_measures.base import Measure

measure = Measure(
    title=("Tin báo giao trong việc này đã được đóng", "The tip that the task was made from is closed"),
    place="commune",
    unit="yes",
)
