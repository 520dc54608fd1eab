"""Conditional businesses: karaoke, hotels, guesthouses, boarding houses. No owner is ever stored."""

from layers.base import Field, Layer, Style, choices

layer = Layer(
    name="venues",
    title=("Cơ sở kinh doanh có điều kiện", "Conditional businesses"),
    geometry="POINT",
    section="places",
    checked_field="last_checked_on",
    half_life_days=180,
    label="name",
    searchable=True,
    min_zoom=13,
    fields=(
        Field("name", "text", ("Tên", "Name"), aliases=("ten",), max_length=120),
        Field(
            "kind",
            "text",
            ("Loại hình", "Kind"),
            choices(
                karaoke=("Karaoke", "Karaoke"),
                hotel=("Khách sạn", "Hotel"),
                guesthouse=("Nhà nghỉ", "Guesthouse"),
                boarding_house=("Nhà trọ", "Boarding house"),
                bar=("Quán bar, vũ trường", "Bar, club"),
                internet_cafe=("Điểm internet", "Internet café"),
                massage=("Massage", "Massage"),
                other=("Khác", "Other"),
            ),
            required=True,
            default="other",
            in_tile=True,
            aliases=("loai", "loai_hinh"),
        ),
        Field("last_checked_on", "date", ("Kiểm tra gần nhất", "Last check"), aliases=("ngay_kiem_tra",)),
        Field("next_due_on", "date", ("Kiểm tra tiếp theo", "Next check due"), aliases=("han_kiem_tra",)),
        Field(
            "has_pledge", "bool", ("Đã ký cam kết", "Pledge signed"), required=True, default=False, aliases=("cam_ket",)
        ),
    ),
    style=Style(kind="point", color="#9c36b5", icon="venue"),
)
