"""Notice boards with all three numbers stand in a group."""

from gis_app.queries.task_measures.base import Measure

measure = Measure(
    title=("Bảng niêm yết đủ 3 số đường dây nóng trong tổ", "Notice boards with all three numbers in the group"),
    place="group",
    unit="count",
    wanted=(1, 20, 1),
)
