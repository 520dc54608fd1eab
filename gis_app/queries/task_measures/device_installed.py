"""A camera or lamp works and was looked at on site since the task was given."""

from gis_app.queries.task_measures.base import Measure

measure = Measure(
    title=("Camera, đèn đã lắp và kiểm tại chỗ", "Camera or light installed and verified on site"),
    place="feature",
    unit="yes",
    layers=("cameras", "lights"),
    by_coverage=True,
)
