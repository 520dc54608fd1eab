"""Kiến An ward, Hải Phòng: a dense town on the river Lạch Tray. Facts: ../seeds/001; the rest is invented."""

from datetime import date

from gis_app.analysis.town.model import Counts, EdgePlan, RiverPlan, RoadPlan, StageBatch, TownSpec, ZonePlan

_POOL = (
    "Hoàng Quốc Việt", "Nguyễn Lương Bằng", "Hoàng Thiết Tâm", "Cựu Viên", "Đồng Hoà", "Quy Tức", "Khúc Trì",
    "Lãm Khê", "Mạc Kinh Điển", "Trần Tất Văn", "Tây Sơn", "Lưu Úc", "Phù Lưu", "Hương Sơn", "Đoàn Kết", "Thống Nhất",
    "Nguyễn Trãi", "Lý Thường Kiệt", "Trần Quốc Toản", "Phan Chu Trinh", "Nguyễn Du", "Hai Bà Trưng", "Bà Triệu",
    "Ngô Gia Tự", "Nguyễn Văn Linh", "Lê Hồng Phong", "Trần Phú", "Hoàng Văn Thụ", "Nguyễn Thị Minh Khai",
    "Võ Thị Sáu", "Lý Tự Trọng", "Kim Đồng", "Trần Quang Khải", "Phạm Ngũ Lão", "Yết Kiêu", "Dã Tượng", "Bạch Đằng",
    "Chi Lăng", "Đống Đa", "Quang Trung", "Nguyễn Huệ", "Tô Hiến Thành", "Chu Văn An", "Lương Thế Vinh", "Lê Quý Đôn",
    "Nguyễn Khuyến", "Tú Xương", "Đào Duy Từ", "Phùng Hưng", "Mai Hắc Đế", "Đinh Tiên Hoàng", "Lê Hoàn",
    "Lý Thái Tổ", "Trần Thái Tông", "Lê Thánh Tông", "Tản Viên", "Thiên Văn", "Kha Lâm", "Vườn Hồng", "Đất Đỏ",
    "Nam Hà", "Bắc Hà", "Trữ Khê", "Văn Tràng", "Xuân Biều", "Phú Liễn", "Đẩu Sơn", "Đồng Tâm", "Thành Công",
    "Hoà Bình", "Tân Lập", "Ngọc Sơn", "Trường Sơn", "Lạch Tray", "An Dương Vương", "Mạc Đăng Dung", "Nguyễn Bỉnh Khiêm",
)

KIEN_AN = TownSpec(
    code="11443", short="KA", name="Kiến An", full_name="Phường Kiến An, thành phố Hải Phòng", kind="ward",
    province_code="31", province_name="Thành phố Hải Phòng", area_km2=11.18,
    household_count=19_208, resident_count=70_121, merged_from="Nam Sơn, Đồng Hoà, Bắc Sơn, Trần Thành Ngọ, Văn Đẩu",
    metric_srid=9210, centre_m=(593_535.0, 2_303_672.0),
    outline=(
        (-2.6, -0.9), (-2.15, 0.25), (-1.3, 0.75), (-0.75, 1.75), (0.25, 2.1), (1.0, 1.7), (1.6, 1.85), (2.2, 1.25),
        (2.65, 0.35), (1.95, -0.2), (1.65, -0.95), (0.8, -1.3), (0.2, -2.1), (-0.7, -1.75), (-1.5, -2.0), (-2.25, -1.65),
    ),
    edges=(EdgePlan("river", "Sông Lạch Tray", 3, 8, 110.0),),
    rivers=(
        RiverPlan("Sông He", "stream", 16.0, ((-2.9, -1.35), (-1.9, -1.25), (-1.15, -1.5), (-0.55, -1.3), (0.1, -1.55), (0.9, -1.9))),
        RiverPlan("Mương An Kim Hải", "canal", 9.0, ((-1.9, 0.7), (-1.1, 0.35), (-0.85, -0.1), (-1.0, -0.8), (-0.85, -1.4))),
    ),
    roads=(
        RoadPlan("Trường Chinh", "trunk", ((1.35, 2.5), (1.0, 1.45), (0.62, 0.78), (0.1, 0.1), (-0.75, -0.42), (-1.7, -0.8), (-3.0, -1.15))),
        RoadPlan("Trần Nhân Tông", "primary", ((0.1, 0.1), (-0.3, -0.7), (-0.6, -1.2), (-1.0, -2.4))),
        RoadPlan("Trần Thành Ngọ", "primary", ((0.1, 0.1), (0.75, -0.2), (1.35, -0.35), (2.4, -0.6))),
        RoadPlan("Bùi Viện", "primary", ((-2.4, 0.45), (-1.3, 0.5), (-0.4, 0.85), (0.62, 0.78), (1.5, 0.62), (2.9, 0.5))),
        RoadPlan("Phan Đăng Lưu", "secondary", ((0.1, 0.1), (-0.25, 0.45), (-0.4, 0.85), (-0.45, 1.35), (-0.3, 1.78))),
        RoadPlan("Lê Duẩn", "secondary", ((0.1, 0.1), (0.3, -0.6), (0.45, -1.1), (0.25, -1.75), (0.35, -2.5))),
        RoadPlan("Lê Khắc Cẩn", "secondary", ((0.62, 0.78), (0.35, 1.3), (0.3, 1.9))),
        RoadPlan("Đồng Hoà", "secondary", ((0.8, 1.1), (1.4, 1.2), (2.05, 1.05), (2.3, 0.55), (1.95, 0.1), (1.5, -0.37))),
        RoadPlan("Nguyễn Lương Bằng", "secondary", ((-0.3, -0.7), (0.3, -0.6), (0.95, -0.8), (1.4, -0.95), (1.9, -1.1))),
        RoadPlan("Hoàng Quốc Việt", "secondary", ((-1.3, 0.5), (-1.05, -0.05), (-0.75, -0.42), (-0.6, -1.2), (0.25, -1.2), (0.45, -1.1))),
        RoadPlan("Cựu Viên", "tertiary", ((-1.7, -0.8), (-1.6, -0.1), (-1.75, 0.48))),
        RoadPlan("Khúc Trì", "tertiary", ((-1.7, -0.8), (-1.5, -1.35), (-1.75, -2.1))),
    ),
    zones=(
        ZonePlan("hill", "Núi Thiên Văn", (-1.62, 0.05), (0.30, 0.22), 30.0),
        ZonePlan("hill", "Núi Cột Cờ", (-0.75, 0.22), (0.22, 0.17), 80.0),
        ZonePlan("military", "Khu quân sự", (-2.05, -0.45), (0.38, 0.2), 25.0),
        ZonePlan("lake", "Hồ Hạnh Phúc", (0.72, 0.28), (0.10, 0.14), 20.0),
        ZonePlan("lake", "Hồ Bắc Sơn", (0.05, 1.28), (0.09, 0.13), 70.0),
        ZonePlan("industrial", "Cụm công nghiệp Cành Hầu", (1.35, -0.66), (0.27, 0.19), 160.0),
        ZonePlan("urban", "Trung tâm", (0.1, 0.1), (1.15, 0.95), 25.0),
        ZonePlan("urban", "Đồng Hoà", (1.45, 0.95), (0.65, 0.5), 150.0),
        ZonePlan("field", "", (2.3, 0.85), (0.55, 0.7), 90.0),
        ZonePlan("field", "", (-2.2, -1.15), (0.5, 0.45), 20.0),
        ZonePlan("field", "", (-0.9, 1.45), (0.35, 0.4), 30.0),
        ZonePlan("field", "", (0.0, -1.85), (0.5, 0.3), 0.0),
        ZonePlan("field", "", (-2.05, -0.1), (0.75, 0.42), 75.0),
        ZonePlan("field", "", (-1.45, -1.72), (0.55, 0.3), 10.0),
        ZonePlan("field", "", (2.0, -0.1), (0.6, 0.3), 140.0),
        ZonePlan("park", "Công viên ven sông Lạch Tray", (0.95, 1.72), (0.4, 0.14), 165.0),
    ),
    default_use="suburb", centres=((0.1, 0.1), (0.62, 0.78), (-0.45, -0.75)),
    group_names=tuple(f"Tổ dân phố số {k}" for k in range(1, 44)),
    street_names=_POOL,
    counts=Counts(poles=150, views=300, lights=2000, hotspots=150, venues=120, buildings=9000),
    neighbours=("Phường Phù Liễn", "Phường An Biên", "Phường Lê Chân", "Phường Hưng Đạo", "Phường An Dương", "Xã An Lão"),
    programme=(
        StageBatch("lapsed", date(2026, 7, 20), "Số 318/QĐ-UBND ngày 20/7/2026", count=2),
        StageBatch("building", date(2026, 3, 2), "Số 41/KH-UBND ngày 02/3/2026", count=3),
        StageBatch("proposed", date(2026, 11, 10), "Số 227/TTr-UBND ngày 10/11/2026", count=3),
        StageBatch("recognised", date(2025, 12, 12), "Số 615/QĐ-UBND ngày 12/12/2025", count=9),
        StageBatch("maintained", date(2026, 6, 30), "Số 402/BC-UBND ngày 30/6/2026", count=-1),
    ),
    exempt_total=75, other_total=0,
    key_routes=("Trường Chinh", "Bùi Viện"),
    extra_facilities=(
        ("methadone", "Cơ sở điều trị methadone Kiến An", "police"),
        ("transport", "Bến xe Kiến An", "public"),
    ),
    hotspot_themes=(("bridge", 2.0), ("guesthouse", 3.0), ("market", 1.5), ("river", 2.0), ("vacant", 2.0), ("park", 1.5), ("station", 1.0), ("school", 0.7)),
)
