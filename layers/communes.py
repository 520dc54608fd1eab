"""Communes: wards, communes and special zones. Each is a tenant; the others are the rows' owners."""

from layers.base import DATA, Field, Layer, Style, choices

KINDS = choices(
    ward=("Phường", "Ward"),
    commune=("Xã", "Commune"),
    special_zone=("Đặc khu", "Special zone"),
)

layer = Layer(
    name="communes",
    title=("Phường, xã", "Communes"),
    geometry="MULTIPOLYGON",
    section="base",
    label="full_name",
    tenant=True,
    national=True,
    searchable=True,
    min_zoom=4,
    editors=frozenset({"admin"}),
    fields=(
        Field(
            "code",
            "text",
            ("Mã đơn vị", "Official code"),
            required=True,
            max_length=10,
            in_tile=True,
            aliases=("ma", "ma_xa", "ma_phuong", "ward_code"),
        ),
        Field("name", "text", ("Tên", "Name"), required=True, in_tile=True, aliases=("ten",)),
        Field("full_name", "text", ("Tên đầy đủ", "Full name"), required=True, aliases=("ten_day_du",)),
        Field("kind", "text", ("Loại", "Kind"), KINDS, required=True, aliases=("loai",)),
        Field("province_code", "text", ("Mã tỉnh", "Province code"), max_length=10, aliases=("ma_tinh",)),
        Field("province_name", "text", ("Tỉnh, thành phố", "Province"), aliases=("province", "tinh")),
        Field(
            "area_km2",
            "float",
            ("Diện tích công bố", "Official area"),
            low=0,
            high=5000,
            unit="km²",
            aliases=("area_km2_official", "dien_tich"),
        ),
        Field("household_count", "int", ("Số hộ", "Households"), low=0, high=1_000_000, aliases=("so_ho",)),
        Field("resident_count", "int", ("Nhân khẩu", "Residents"), low=0, high=5_000_000, aliases=("nhan_khau",)),
        Field("merged_from", "text", ("Sáp nhập từ", "Merged from"), max_length=2000, readers=DATA),
        Field(
            "metric_srid",
            "int",
            ("Hệ tọa độ VN-2000", "VN-2000 zone"),
            low=3405,
            high=9218,
            readers=DATA,
            national=True,
        ),
        Field("is_demo", "bool", ("Dữ liệu minh họa", "Demonstration data"), required=True, default=False),
    ),
    style=Style(kind="fill", color="#5b6b7b", width=2),
)
