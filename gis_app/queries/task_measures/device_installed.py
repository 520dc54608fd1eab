"""A camera or a lamp works, and was looked at on site since the task was given."""

from gis_app.queries.task_measures.base import Measure

measure = Measure(
    title=("Camera, đèn đã lắp và kiểm tra tại chỗ", "Camera or lamp installed and checked on site"),
    place="feature",
    unit="yes",
    layers=("cameras", "lights"),
)
