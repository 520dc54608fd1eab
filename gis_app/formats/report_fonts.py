"""The face of official forms. Decree 30/2020/NĐ-CP wants Times New Roman; Tinos has its measures and all Vietnamese.

Debian: fonts-croscore (Apache-2.0). Debian 12's Liberation Serif lacks ơ, ư and every letter with two marks.
"""

from functools import lru_cache
from pathlib import Path

from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont

FACE, BOLD, ITALIC, BOLD_ITALIC = "Form", "Form-Bold", "Form-Italic", "Form-BoldItalic"
# Folder, and the four files in it; the second is what most machines have.
_FAMILIES = (
    ("croscore", ("Tinos-Regular", "Tinos-Bold", "Tinos-Italic", "Tinos-BoldItalic")),
    ("dejavu", ("DejaVuSerif", "DejaVuSerif-Bold", "DejaVuSerif-Italic", "DejaVuSerif-BoldItalic")),
)
_ROOTS = (Path("/usr/share/fonts/truetype"), Path("/usr/local/share/fonts"))


class FontsMissing(RuntimeError):
    """No serif face with Vietnamese letters is installed."""


@lru_cache
def register_fonts() -> str:
    """Make the face known to the PDF library, once in a process; the name of the family that was found.

    Raises
    ------
    FontsMissing
        Neither fonts-croscore nor DejaVu Serif is there.
    """
    for folder, names in _FAMILIES:
        for root in _ROOTS:
            paths = [root / folder / f"{name}.ttf" for name in names]
            if all(path.exists() for path in paths):
                for alias, path in zip((FACE, BOLD, ITALIC, BOLD_ITALIC), paths, strict=True):
                    pdfmetrics.registerFont(TTFont(alias, str(path)))
                pdfmetrics.registerFontFamily(FACE, normal=FACE, bold=BOLD, italic=ITALIC, boldItalic=BOLD_ITALIC)
                return folder
    raise FontsMissing("install fonts-croscore (make setup does)")
