"""Industrial zones and project sites."""

from layers.base import Field, Layer, Style

layer = Layer(
    name="industrial_zones",
    title=("Khu, cụm công nghiệp", "Industrial zones"),
    geometry="MULTIPOLYGON",
    section="places",
    label="name",
    searchable=True,
    min_zoom=11,
    fields=(
        Field("name", "text", ("Tên", "Name"), required=True, in_tile=True, max_length=120, aliases=("ten",)),
        Field("worker_count", "int", ("Số lao động", "Workers"), low=0, high=1_000_000, aliases=("lao_dong",)),
        Field("last_briefed_on", "date", ("Tuyên truyền gần nhất", "Last briefing"), aliases=("ngay_tuyen_truyen",)),
    ),
    style=Style(kind="fill", color="#845ef7", width=2, dash="6 4"),
)
