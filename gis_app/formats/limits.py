"""What a file may cost, and how it is refused; nothing heavy is loaded for it."""

from dataclasses import dataclass

from gis_app.errors import Unprocessable

MEBIBYTE = 1024 * 1024


class FormatError(Unprocessable):
    """A file as a whole cannot be read; the code is a message key under `import.`."""


@dataclass(frozen=True)
class Limits:
    """What one file may cost (SECURITY_DESIGN.md section 2); every number may be set."""

    max_file_bytes: int = 100 * MEBIBYTE
    max_entries: int = 200
    max_unpacked_bytes: int = 60 * MEBIBYTE
    max_ratio: int = 200
    max_depth: int = 40
    max_rows: int = 500_000
    max_columns: int = 300
    max_result_bytes: int = 512 * MEBIBYTE
    memory_bytes: int = 1536 * MEBIBYTE
    cpu_s: int = 60
    wall_s: int = 120


DEFAULT_LIMITS = Limits()
# An extract of a province: pyosmium keeps node places in memory.
OSM_LIMITS = Limits(max_file_bytes=500 * MEBIBYTE, memory_bytes=4096 * MEBIBYTE, cpu_s=600, wall_s=900)
