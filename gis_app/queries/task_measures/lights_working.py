"""Of the lamps in a group, a share works."""

from gis_app.queries.task_measures.base import Measure

measure = Measure(
    title=("Tỷ lệ đèn chiếu sáng hoạt động trong tổ", "Share of working lights in the group"),
    place="group",
    unit="share",
    wanted=(1, 100, 95),
)
