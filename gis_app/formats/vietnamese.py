"""The Vietnamese alphabets of before Unicode: TCVN3 (ABC) and VNI, and how Vietnamese a text looks.

Source of the tables: TCVN 5712:1993 (VN3, with the capitals of VN1) and the VNI-Windows fonts. In TCVN3 a byte is a
letter; capitals with tones come from a font of their own (.VnTimeH), so they stand in files as small ones. In VNI
a letter is followed by a byte for its marks.
"""

import re
import unicodedata
from collections.abc import Mapping

# 0xA1-0xFF; below 0xA0 files hold the quotes and dashes of windows-1252.
_TCVN3_LETTERS = (
    "ĂÂÊÔƠƯĐăâêôơưđẰ\u0300\u0309\u0303\u0301\u0323àảãáạẲằẳẵắẴẮẦẨẪẤỀặầẩẫấậèỂẻẽ"
    "éẹềểễếệìỉỄẾỒĩíịòỔỏõóọồổỗốộờởỡớợùỖủũúụừửữứựỳỷỹýỵỐ"
)
# After a letter: its tone; after a, e, o: the circumflex with a tone; after a: the breve with a tone.
_TONES = {"ù": "\u0301", "ø": "\u0300", "û": "\u0309", "õ": "\u0303", "ï": "\u0323"}
_HATS = {"â": "", "á": "\u0301", "à": "\u0300", "å": "\u0309", "ã": "\u0303", "ä": "\u0323"}
_BREVES = {"ê": "", "é": "\u0301", "è": "\u0300", "ú": "\u0309", "ü": "\u0303", "ë": "\u0323"}
_CIRCUMFLEX, _BREVE = "\u0302", "\u0306"
# Letters of their own.
_SINGLE = {"ô": "ơ", "ö": "ư", "í": "í", "ì": "ì", "æ": "ỉ", "ó": "ĩ", "ò": "ị", "î": "ỵ", "ñ": "đ"}

_MARKS = frozenset("\u0300\u0301\u0303\u0309\u0323")
_TOKEN = re.compile(r"[A-Za-z\x80-\U0010ffff]+")
_WORD = re.compile(r"[^\W\d_]+")
_SYLLABLE = re.compile(
    r"(?:ngh|ng|nh|gh|gi|kh|ph|th|tr|ch|qu|[bcdđghklmnpqrstvx])?"
    r"(?:(?:uyê|iê|yê|ươ|uô|oa|oă|oe|uê|uâ|uy|oo|[aăâeêioôơuưy])(?:ng|nh|ch|[cmnptk])?|uya|ia|ya|ua|ưa|uơ"
    r"|oai|oay|oao|oeo|uây|uyu|iêu|yêu|ươi|ươu|uôi|ai|ay|ao|au|âu|ây|eo|êu|oi|ôi|ơi|ui|ưi|iu|ưu)"
)
_ENOUGH = 4000


def _vni_table() -> Mapping[str, str]:
    found = {}
    for letter in "aeouy":
        for byte, tone in _TONES.items():
            found[letter + byte] = letter + tone
    for letter in "aeo":
        for byte, tone in _HATS.items():
            found[letter + byte] = letter + _CIRCUMFLEX + tone
    for byte, tone in _BREVES.items():
        found["a" + byte] = "a" + _BREVE + tone
    for byte, letter in _SINGLE.items():
        found[byte] = letter
        if letter in "ơư":
            found |= {byte + mark: letter + tone for mark, tone in _TONES.items()}
    small = {key: unicodedata.normalize("NFC", value) for key, value in found.items()}
    capital = {key.upper(): value.upper() for key, value in small.items()}
    # A capital with the mark of a small letter: "Aù" where somebody typed the first letter as a capital.
    mixed = {key[0].upper() + key[1:]: value.upper() for key, value in small.items() if len(key) > 1}
    return mixed | small | capital


TCVN3: Mapping[str, str] = {chr(0xA1 + at): letter for at, letter in enumerate(_TCVN3_LETTERS)}
VNI: Mapping[str, str] = _vni_table()
_VNI_PARTS = re.compile("|".join(sorted(map(re.escape, VNI), key=len, reverse=True)))


def one_byte_text(data: bytes) -> str:
    """Bytes as the text of a program that knows no Vietnamese: windows-1252, and Latin-1 where that has no letter."""
    return data.decode("cp1252", errors="surrogateescape").translate({0xDC00 + n: n for n in range(0x80, 0x100)})


def as_one_byte(text: str) -> str | None:
    """The same for a text that went through such a program before it became Unicode; None if it did not."""
    return text if all(ord(char) < 0x100 or char in _CP1252 for char in text) else None


_CP1252 = frozenset(one_byte_text(bytes(range(0x80, 0xA0))))


def from_tcvn3(text: str) -> str:
    """TCVN3 bytes (as `one_byte_text`) to Unicode; words that a font of capitals had shown become capitals."""
    return _capitals(unicodedata.normalize("NFC", "".join(TCVN3.get(char, char) for char in text)))


def from_vni(text: str) -> str:
    """VNI bytes (as `one_byte_text`) to Unicode."""
    return unicodedata.normalize("NFC", _VNI_PARTS.sub(lambda found: VNI[found[0]], text))


def _capitals(text: str) -> str:
    """TR¹I MòA is typed in a font of capitals: two plain capitals in a word and no small plain letter say so."""
    lines = text.split("\n")
    return "\n".join(_capital_line(line) for line in lines) if any(char.isupper() for char in text) else text


def _capital_line(line: str) -> str:
    words = _WORD.findall(line)
    sure = any(_is_capital(word) for word in words)
    if sure and not any(char.isascii() and char.islower() for char in line):
        return line.upper()
    return _WORD.sub(lambda found: found[0].upper() if _is_capital(found[0]) else found[0], line) if sure else line


def _is_capital(word: str) -> bool:
    plain = [char for char in word if char.isascii()]
    return len(plain) > 1 and len(plain) < len(word) and all(char.isupper() for char in plain)


def is_syllable(word: str) -> bool:
    """Whether a word could be a Vietnamese syllable: onset, rhyme, at most one tone."""
    decomposed = unicodedata.normalize("NFD", word.lower())
    bare = "".join(char for char in decomposed if char not in _MARKS)
    if len(decomposed) - len(bare) > 1:
        return False
    return _SYLLABLE.fullmatch(unicodedata.normalize("NFC", bare)) is not None


def vietnamese_share(text: str) -> float | None:
    """The share of words with a letter beyond ASCII that could be Vietnamese; None where there is no such word."""
    tokens = [token for token in _TOKEN.findall(text) if not token.isascii()][:_ENOUGH]
    return sum(map(is_syllable, tokens)) / len(tokens) if tokens else None
