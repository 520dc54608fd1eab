"""A frozen report on its way to paper: the content and what the snapshot adds; no clock, no database."""

import datetime as dt
import io
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

STATE = "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM"
MOTTO = "Độc lập - Tự do - Hạnh phúc"
DEMO = "SỐ LIỆU MINH HỌA, KHÔNG PHẢI SỐ LIỆU THẬT"
CONCLUSIONS = "Kết luận"
TO = "Nơi nhận:"
ROMAN = ("", "I", "II", "III", "IV", "V", "VI", "VII", "VIII", "IX")
# Files inside a document's zip: the first moment that a zip can name, as Word writes it.
ZIP_EPOCH = (1980, 1, 1, 0, 0, 0)


@dataclass(frozen=True)
class Sheet:
    """What is printed: `content` as gis_app/analysis/report.py describes it, and what belongs to the snapshot."""

    content: Mapping[str, Any]
    number: int
    made_on: dt.date
    conclusions: str
    sha256: str

    @property
    def head(self) -> Mapping[str, Any]:
        """The head of the form."""
        head: Mapping[str, Any] = self.content["head"]
        return head

    @property
    def symbol(self) -> str:
        """Number and symbol of the document (Decree 30/2020/NĐ-CP, Appendix I)."""
        return f"Số: {self.number:02d}/BC-UBND"

    @property
    def place_and_day(self) -> str:
        """Place and day; days below 10, and January and February, are written with a zero, as the Decree has it."""
        month = f"{self.made_on.month:02d}" if self.made_on.month < 3 else str(self.made_on.month)
        return f"{self.head['place']}, ngày {self.made_on.day:02d} tháng {month} năm {self.made_on.year}"

    @property
    def moment(self) -> dt.datetime:
        """The moment that the file's metadata name: midnight (UTC) of the day that the report was made."""
        return dt.datetime(self.made_on.year, self.made_on.month, self.made_on.day, tzinfo=dt.UTC)

    @property
    def is_demo(self) -> bool:
        """Whether the commune's data are invented."""
        return bool(self.head["commune"]["is_demo"])

    @property
    def foot(self) -> str:
        """The line at the foot of every page."""
        return f"Báo cáo chốt số liệu · mã băm SHA-256 {self.sha256}"

    def sections(self) -> Iterator[tuple[str, Sequence[Mapping[str, Any]]]]:
        """Numbered titles with their blocks; conclusions of the meeting come last."""
        found = [(section["title"], section["blocks"]) for section in self.content["sections"]]
        lines = [line.strip() for line in self.conclusions.splitlines() if line.strip()]
        if lines:
            found.append((CONCLUSIONS, [{"type": "text", "text": line} for line in lines]))
        for number, (title, blocks) in enumerate(found, 1):
            yield f"{'X' * (number // 10)}{ROMAN[number % 10]}. {title.upper()}", blocks

    def tables(self) -> Iterator[Mapping[str, Any]]:
        """Every table."""
        for section in self.content["sections"]:
            yield from (block for block in section["blocks"] if block["type"] == "table")


def shown(cell: str | int | None) -> str:
    """A cell as people read it: whole numbers with points."""
    if cell is None:
        return ""
    return f"{cell:,}".replace(",", ".") if isinstance(cell, int) else cell


def pack_again(document: bytes) -> bytes:
    """The same zip with its files in order and without the moment of its making."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(document)) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        # [Content_Types].xml first, as readers expect it; it sorts before every letter.
        for name in sorted(old.namelist()):
            info = zipfile.ZipInfo(name, ZIP_EPOCH)
            info.compress_type = zipfile.ZIP_DEFLATED
            info.create_system = 3
            info.external_attr = 0o600 << 16
            new.writestr(info, old.read(name))
    return out.getvalue()
