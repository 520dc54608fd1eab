"""Schools, with the pledge that the programme asks of each."""

from layers.base import Field, Layer, Style, choices

layer = Layer(
    name="schools",
    title=("Trường học", "Schools"),
    geometry="POINT",
    section="places",
    label="name",
    searchable=True,
    min_zoom=13,
    fields=(
        Field("name", "text", ("Tên", "Name"), aliases=("ten",), max_length=120),
        Field(
            "level",
            "text",
            ("Cấp học", "Level"),
            choices(
                kindergarten=("Mầm non", "Kindergarten"),
                primary=("Tiểu học", "Primary"),
                lower_secondary=("Trung học cơ sở", "Lower secondary"),
                upper_secondary=("Trung học phổ thông", "Upper secondary"),
                college=("Cao đẳng, đại học", "College"),
                other=("Khác", "Other"),
            ),
            required=True,
            default="other",
            in_tile=True,
            aliases=("cap", "cap_hoc"),
        ),
        Field(
            "has_pledge", "bool", ("Đã ký cam kết", "Pledge signed"), required=True, default=False, aliases=("cam_ket",)
        ),
        Field("last_briefed_on", "date", ("Tuyên truyền gần nhất", "Last briefing"), aliases=("ngay_tuyen_truyen",)),
    ),
    style=Style(kind="point", color="#1864ab", icon="school"),
)
