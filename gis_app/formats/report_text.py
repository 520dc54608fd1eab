"""Text of a PDF. ReportLab reads markup in a paragraph: what people wrote is escaped here, and nowhere else."""

from html import escape

from reportlab.lib.styles import ParagraphStyle
from reportlab.platypus import Paragraph


def paragraph(text: str, style: ParagraphStyle) -> Paragraph:
    """A paragraph that shows a text as it is; its line breaks stay."""
    return Paragraph(escape(text, quote=False).replace("\n", "<br/>"), style)
