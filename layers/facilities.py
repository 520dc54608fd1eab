"""Special facilities; a visibility class narrows each row by role."""

from layers.base import Field, Layer, Style, choices

layer = Layer(
    name="facilities",
    title=("Cơ sở đặc thù", "Special facilities"),
    geometry="POINT",
    section="places",
    label="name",
    searchable=True,
    row_visibility="visibility",
    min_zoom=13,
    fields=(
        Field("name", "text", ("Tên", "Name"), aliases=("ten",), max_length=120),
        Field(
            "kind",
            "text",
            ("Loại", "Kind"),
            choices(
                methadone=("Cơ sở methadone", "Methadone clinic"),
                military=("Quân sự", "Military"),
                market=("Chợ", "Market"),
                health=("Y tế", "Health"),
                police=("Công an", "Police"),
                government=("Trụ sở", "Government office"),
                culture=("Nhà văn hóa", "Culture house"),
                transport=("Bến xe, bến tàu", "Station, pier"),
                other=("Khác", "Other"),
            ),
            required=True,
            default="other",
            in_tile=True,
            aliases=("loai",),
        ),
        Field(
            "visibility",
            "text",
            ("Mức hiển thị", "Visibility"),
            choices(public=("Công khai", "Public"), staff=("Cán bộ", "Staff"), police=("Công an", "Police")),
            required=True,
            default="staff",
            aliases=("hien_thi",),
        ),
    ),
    style=Style(kind="point", color="#495057", icon="facility"),
)
