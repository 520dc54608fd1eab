"""Of the street length in a group, cameras see or lamps light a share; working devices alone count."""

from gis_app.queries.task_measures.base import Measure, Option
from layers.base import choices

measure = Measure(
    title=("Tỷ lệ đường trong tổ được camera thấy, đèn chiếu sáng", "Share of the group's streets seen or lit"),
    place="group",
    unit="share",
    option=Option(
        "figure",
        ("Số liệu", "Figure"),
        choices(
            street_night=("Camera thấy ban đêm", "Seen by night"),
            street_day=("Camera thấy ban ngày", "Seen by day"),
            street_lit=("Đèn chiếu sáng", "Lit"),
        ),
    ),
    wanted=(1, 100, 50),
    by_coverage=True,
)
