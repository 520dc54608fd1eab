"""Đồ Sơn ward, Hải Phòng: a peninsula with beaches and hills. Facts: ../seeds/000; the rest is invented."""

from datetime import date

from gis_app.analysis.town.model import Counts, EdgePlan, RiverPlan, RoadPlan, StageBatch, TownSpec, ZonePlan

_NAMES = (
    "Trung Dũng", "Cầu Tre", "Ngọc Xuyên", "Ngọc Hải", "Vạn Sơn", "Vạn Hương", "Hải Sơn", "Bàng La", "Minh Đức", "Đồng Tiến",
    "Quyết Tiến", "Đoàn Kết", "Nghĩa Phương", "Chung Nghĩa", "Thống Nhất", "Bình Minh", "Hoà Bình", "Đức Hậu", "Nam Hải",
    "Trung Nghĩa", "Tiểu Bàng", "Đại Phong", "Biên Hoà",
)
_POOL = (
    "Lý Thánh Tông", "Nguyễn Hữu Cầu", "Lý Thái Tổ", "Vạn Hoa", "Yết Kiêu", "Thanh Niên", "Sơn Hải", "Vạn Lê", "Vạn Bún",
    "Đình Đoài", "Suối Rồng", "Nghè", "Ngọc", "Trung Dũng", "Cầu Tre", "Bà Đế", "Hòn Dáu", "Hải Đăng", "Bình Minh", "Cầu Vồng",
    "Nguyễn Trãi", "Trần Quốc Toản", "Lê Lợi", "Hai Bà Trưng", "Võ Thị Sáu", "Quang Trung", "Trần Phú", "Lê Hồng Phong",
    "Lương Khánh Thiện", "Bạch Đằng", "Ngô Quyền", "Mạc Đăng Doanh", "Tô Hiệu", "Đại Thắng", "Hợp Thành", "Tân Tiến",
)

DO_SON = TownSpec(
    code="11455", short="DS", name="Đồ Sơn", full_name="Phường Đồ Sơn, thành phố Hải Phòng", kind="ward",
    province_code="31", province_name="Thành phố Hải Phòng", area_km2=25.54,
    household_count=13_240, resident_count=47_860,
    merged_from="Ngọc Xuyên, Hải Sơn, Vạn Hương, Minh Đức, Bàng La", metric_srid=9210, centre_m=(607_809.0, 2_290_747.0),
    outline=(
        (-2.7, 3.6), (-2.2, 3.75), (-1.6, 4.3), (-0.9, 4.0), (-0.3, 4.2), (0.2, 3.6), (0.9, 3.4), (1.45, 2.1),
        (1.55, 0.9), (1.35, -0.2), (1.75, -1.3), (2.35, -2.3), (2.9, -3.5), (2.75, -4.25), (2.2, -3.9), (1.75, -3.0),
        (1.0, -2.2), (0.3, -1.2), (-0.7, -0.5), (-1.7, 0.0), (-2.6, 0.9), (-3.0, 2.2), (-2.75, 2.9),
    ),
    edges=(EdgePlan("sea", "Biển Đồ Sơn", 6, 19, 75.0), EdgePlan("river", "Sông Văn Úc", 19, 21, 150.0)),
    rivers=(
        RiverPlan("Sông Họng", "river", 24.0, ((-3.1, 3.0), (-2.0, 2.6), (-1.3, 1.9), (-1.25, 1.0), (-1.45, -0.3))),
        RiverPlan("Kênh Bàng La", "canal", 9.0, ((-2.9, 1.7), (-2.0, 1.6), (-1.3, 1.9))),
    ),
    roads=(
        RoadPlan("Phạm Văn Đồng", "trunk", ((-0.6, 4.8), (-0.35, 3.4), (0.05, 2.4), (0.3, 1.4), (0.45, 0.5), (0.6, -0.3))),
        RoadPlan("Lý Thánh Tông", "primary", ((0.6, -0.3), (0.85, -1.0), (1.3, -1.75), (1.75, -2.4), (2.25, -3.2), (2.5, -3.75))),
        RoadPlan("Đường bộ ven biển", "trunk", ((-3.7, 1.6), (-2.6, 2.15), (-1.5, 2.55), (0.05, 2.4), (0.9, 2.45), (2.0, 2.7))),
        RoadPlan("Nguyễn Hữu Cầu", "secondary", ((0.3, 1.4), (-0.3, 1.0), (-0.9, 0.55), (-1.8, 0.65), (-2.6, 1.2))),
        RoadPlan("Lý Thái Tổ", "secondary", ((0.45, 0.5), (0.95, 0.55), (1.2, 0.2), (1.1, -0.4), (0.85, -1.0))),
        RoadPlan("Thanh Niên", "secondary", ((0.95, 0.55), (1.15, 1.2), (1.05, 1.95), (0.9, 2.45), (0.6, 3.1), (-0.35, 3.4))),
        RoadPlan("Vạn Hoa", "secondary", ((1.3, -1.75), (1.75, -1.75), (2.1, -2.35), (2.25, -3.2))),
        RoadPlan("Yết Kiêu", "secondary", ((0.6, -0.3), (0.2, -0.6), (0.75, -1.45), (1.3, -1.75))),
        RoadPlan("Đường Minh Đức", "secondary", ((-0.35, 3.4), (-1.1, 3.2), (-1.9, 3.3), (-2.9, 3.0))),
        RoadPlan("Đường Tiểu Bàng", "tertiary", ((-1.9, 3.3), (-1.85, 2.45), (-1.9, 1.6), (-1.8, 0.65))),
        RoadPlan("Đường Ngọc Xuyên", "tertiary", ((0.05, 2.4), (-0.6, 1.85), (-0.9, 0.55))),
    ),
    zones=(
        ZonePlan("hill", "Đồi Ngọc", (0.15, -0.05), (0.22, 0.3), 20.0),
        ZonePlan("hill", "Núi Vung", (1.55, -1.15), (0.28, 0.4), 60.0),
        ZonePlan("hill", "Núi Ba Dì", (1.9, -2.05), (0.16, 0.2), 40.0),
        ZonePlan("hill", "Đồi Hòn Dáu", (2.55, -3.4), (0.33, 0.6), 105.0),
        ZonePlan("hill", "Đồi Độc", (1.2, -2.2), (0.22, 0.24), 130.0),
        ZonePlan("beach", "Bãi tắm khu 1", (1.5, 0.2), (0.5, 1.1), 90.0),
        ZonePlan("beach", "Bãi tắm khu 2", (1.55, -2.75), (0.7, 0.45), 125.0),
        ZonePlan("military", "Khu quân sự", (-0.7, 2.85), (0.22, 0.2), 0.0),
        ZonePlan("lake", "Hồ Ngọc Xuyên", (-0.25, 1.62), (0.15, 0.22), 40.0),
        ZonePlan("lake", "Đầm Bàng La", (-2.05, 0.45), (0.3, 0.14), 150.0),
        ZonePlan("industrial", "Khu công nghiệp Đồ Sơn", (-0.95, 3.62), (0.52, 0.3), 170.0),
        ZonePlan("urban", "Trung tâm", (0.8, 0.2), (0.46, 0.8), 100.0),
        ZonePlan("urban", "Vạn Sơn", (0.95, -1.2), (0.32, 0.42), 120.0),
        ZonePlan("urban", "Vạn Hương", (1.75, -2.0), (0.42, 0.28), 120.0),
        ZonePlan("suburb", "Ngọc Hải", (0.35, 2.1), (0.36, 0.62), 100.0),
        ZonePlan("suburb", "Ngọc Xuyên", (-0.5, 1.0), (0.34, 0.24), 30.0),
        ZonePlan("village", "Bàng La", (-1.95, 1.2), (0.36, 0.22), 20.0),
        ZonePlan("village", "Minh Đức", (-1.95, 3.1), (0.42, 0.2), 0.0),
        ZonePlan("village", "Đồng Tiến", (-1.0, 2.1), (0.3, 0.2), 110.0),
        ZonePlan("village", "Tân Tiến", (-0.25, 3.15), (0.34, 0.22), 100.0),
        ZonePlan("hill", "Đồi thông Đồ Sơn", (2.0, -2.8), (1.7, 0.62), 122.0),
    ),
    default_use="field", centres=((0.75, 0.2), (1.5, -1.8), (0.2, 2.0)),
    group_names=tuple(f"Tổ dân phố {name}" for name in _NAMES), street_names=_POOL,
    counts=Counts(poles=90, views=170, lights=1100, hotspots=90, venues=140, buildings=5300),
    neighbours=("Phường Nam Đồ Sơn", "Phường Dương Kinh", "Xã Kiến Hải", "Xã Nghi Dương"),
    programme=(
        StageBatch("maintained", date(2026, 10, 15), "Số 298/BC-UBND ngày 15/10/2026", names=("Tổ dân phố Trung Dũng",), is_pilot=True),
        StageBatch("recognised", date(2026, 6, 25), "Số 187/QĐ-UBND ngày 25/6/2026", names=("Tổ dân phố Cầu Tre",), is_pilot=True),
        StageBatch("proposed", date(2026, 11, 5), "Số 214/TTr-UBND ngày 05/11/2026", count=2),
        StageBatch("building", date(2026, 4, 10), "Số 76/KH-UBND ngày 10/4/2026", count=1),
        StageBatch("cleaning", date(2026, 5, 4), "Số 90/KH-UBND ngày 04/5/2026", count=9),
        StageBatch("not_selected", None, "", count=-1),
    ),
    exempt_total=52, other_total=23, clean_groups=("Tổ dân phố Trung Dũng", "Tổ dân phố Cầu Tre"),
    key_routes=("Phạm Văn Đồng", "Đường bộ ven biển"),
    extra_facilities=(("transport", "Bến tàu Nghiêng", "public"),),
    hotspot_themes=(("beach", 2.5), ("guesthouse", 4.0), ("market", 1.5), ("bridge", 1.0), ("vacant", 1.5), ("park", 1.0), ("station", 1.0)),
)
