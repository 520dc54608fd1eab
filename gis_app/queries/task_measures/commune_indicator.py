"""So many groups of the commune have what an indicator asks for."""

from gis_app.queries.task_measures.base import Measure, Option
from layers.base import choices

measure = Measure(
    title=("Số tổ, thôn đạt một chỉ tiêu", "Number of groups that reach an indicator"),
    place="commune",
    unit="groups",
    option=Option(
        "indicator",
        ("Chỉ tiêu", "Indicator"),
        choices(
            tip_box=("Có hòm thư tố giác hoạt động", "Working tip box"),
            board=("Có bảng niêm yết đủ 3 số", "Notice board with all three numbers"),
            reviewed=("Đã rà soát đủ 3 tiêu chí", "All three criteria reviewed"),
            achieved=("Được công nhận hoặc giữ vững", "Recognised or maintained"),
        ),
    ),
    wanted=(1, 1000, 1),
)
