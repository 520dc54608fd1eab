"""Names of streets, alleys, canals: a pool per town, then house-number style names."""

import numpy as np
import shapely
from shapely import LineString

from gis_app.analysis.town.plan import TownSpec

# Names that many towns use; of places, events and figures of history.
_COMMON = (
    "Nguyễn Thái Học",
    "Hoàng Diệu",
    "Lý Nam Đế",
    "Trần Nguyên Hãn",
    "Lê Lai",
    "Đinh Công Tráng",
    "Phan Huy Chú",
    "Nguyễn Trường Tộ",
    "Trần Bình Trọng",
    "Hoàng Hoa Thám",
    "Đề Thám",
    "Cao Bá Quát",
    "Đoàn Thị Điểm",
    "Hồ Xuân Hương",
    "Nguyễn Đình Chiểu",
    "Phan Kế Bính",
    "Trần Khánh Dư",
    "Đặng Tất",
    "Đặng Dung",
    "Nguyễn Cảnh Chân",
    "Lê Văn Hưu",
    "Ngô Sĩ Liên",
    "Mạc Đĩnh Chi",
    "Nguyễn Hiền",
    "Lê Trọng Tấn",
    "Hoàng Sa",
    "Bến Láng",
    "Đình Đông",
    "Miếu Hai Xã",
    "Chùa Hàng",
    "Đông Khê",
    "Tây Hồ",
    "Nam Sơn",
    "Bắc Sơn",
    "Đồng Khởi",
    "Ấp Bắc",
    "Điện Biên Phủ",
    "Vạn Xuân",
    "Tân Trào",
    "Ba Đình",
    "Hùng Vương",
    "Âu Cơ",
    "Lạc Long Quân",
    "Thánh Gióng",
    "An Tiêm",
    "Chử Đồng Tử",
    "Sơn Tinh",
    "Độc Lập",
    "Tự Do",
    "Hạnh Phúc",
    "Hữu Nghị",
    "Thanh Niên",
    "Phụng Sự",
    "Đại Đồng",
    "Kiến Thiết",
    "Tiền Phong",
    "Hoa Phượng",
    "Hoa Sữa",
    "Hoa Sứ",
    "Cây Đa",
    "Bến Bính",
    "Chợ Mới",
    "Giếng Đình",
    "Lò Gạch",
    "Cầu Đá",
    "Ao Sen",
    "Đồng Rào",
    "Vườn Đào",
    "Gò Công",
    "Núi Voi",
    "Đầm Bầu",
    "Cống Đôi",
    "Bờ Đê",
    "Ga Cũ",
    "Xóm Trại",
    "Làng Văn",
)
_CANALS = ("Kênh Chính", "Kênh Trung tâm", "Kênh Bắc", "Kênh Nam", "Kênh Đông", "Kênh Tây", "Kênh Đò", "Kênh Cầu Đá")


class StreetNames:
    """Hands out street names; a street that carries another on keeps its name."""

    def __init__(self, spec: TownSpec, rng: np.random.Generator) -> None:
        taken = {road.name for road in spec.roads} | set(spec.street_names)
        common = [name for name in _COMMON if name not in taken]
        own = [name for name in spec.street_names if name not in {road.name for road in spec.roads}]
        # Names are taken from the end: the town's own ones first.
        self._pool = [common[k] for k in rng.permutation(len(common))] + [own[k] for k in rng.permutation(len(own))]
        self._ends: list[tuple[float, float, float, float, str]] = []
        self._canals = 0
        self._plain = 0
        self._unit = "thôn" if spec.is_rural else "khu"
        self._numbers: dict[str, int] = {}

    def street(self, line: LineString, klass: str, use: str, zone: str) -> str:
        """The name of a new street inside a zone."""
        if klass in ("track", "path"):
            return ""
        if use == "industrial":
            return f"Đường nội bộ {zone}".strip()
        carried = self._carried(line)
        if carried:
            name = carried
        elif use == "village":
            name = f"Ngõ {self._next(zone)} {self._unit} {zone}" if klass == "alley" else f"Đường làng {zone}"
        elif self._pool and (klass == "tertiary" or line.length > 165):
            name = self._pool.pop()
        elif klass == "tertiary":
            self._plain += 1
            name = f"Đường số {self._plain}"
        else:
            # The number of a lane is known once its parent street is: `number_lanes` fills it in.
            name = ""
        self._remember(line, name)
        return name

    def canal(self, klass: str) -> str:
        """The name of a new canal; ditches have none."""
        if klass != "canal":
            return ""
        self._canals += 1
        return _CANALS[(self._canals - 1) % len(_CANALS)]

    def _next(self, zone: str) -> int:
        self._numbers[zone] = self._numbers.get(zone, -1) + 2
        return self._numbers[zone]

    def _remember(self, line: LineString, name: str) -> None:
        coords = shapely.get_coordinates(line)
        for end, before in ((0, 1), (-1, -2)):
            heading = coords[end] - coords[before]
            heading /= max(float(np.hypot(*heading)), 1e-9)
            self._ends.append((*coords[end], *heading, name))

    def _carried(self, line: LineString) -> str:
        coords = shapely.get_coordinates(line)
        for end, before in ((0, 1), (-1, -2)):
            heading = coords[end] - coords[before]
            heading /= max(float(np.hypot(*heading)), 1e-9)
            for x, y, dx, dy, name in self._ends:
                near = abs(x - coords[end][0]) < 1 and abs(y - coords[end][1]) < 1
                if near and name and dx * heading[0] + dy * heading[1] < -0.85:
                    return name
        return ""
