"""Finds personal data in Vietnamese free text, with accents or without: a pure function, `findings(text)`.

The rules are data, `static/js/core/person_guard.json`: `static/js/core/person_guard.js` reads the same file in the
browser with the same steps, and a test runs both over one table of sentences (tests/data/person_guard.txt).

What it cannot find: a name that stands alone, is also a common word and has no title, family name or house before it
("Sơn hay ngồi đây"); nicknames in lower case ("hùng" alone, "thằng nghiện"); a person told by a role or a relation
("con ông trưởng thôn", "chủ quán nước"); rare given names in lower case; a real person who bears the name of a street
("Trần Phú bán hàng"), or stands right after the name of a street or a cue for places ("đoạn Nguyễn Văn Tuấn");
numbers broken by words; names in other scripts; whatever a photo shows.
"""

import json
import re
import unicodedata
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from gis_app.text import has_personal_number

_FILE = Path(__file__).resolve().parents[2] / "static/js/core/person_guard.json"
RULES: dict[str, Any] = json.loads(_FILE.read_text("utf-8"))
# Each has a message, guard.<kind>.
KINDS = ("phone", "identity", "plate", "contact", "account", "birth", "house", "initials", "name", "owner")
_MOST_NAME_WORDS = 4
_MOST_TITLE_CASE = 0.6


@dataclass(frozen=True)
class Finding:
    """Personal data in a text: its kind, where it stands (code points of the text as given), and its words."""

    kind: str
    start: int
    end: int
    words: str


@dataclass(frozen=True)
class Token:
    """A word or number: without accents, as typed (lower case), and whether it starts large within a sentence."""

    folded: str
    raw: str
    cap: bool
    first: bool
    start: int
    end: int
    near: bool
    listed: bool


def fold(text: str) -> tuple[str, list[int]]:
    """Return the text without accents, case kept, and where each of its characters stands in the text."""
    plain: list[str] = []
    at: list[int] = []
    for place, char in enumerate(text):
        for part in unicodedata.normalize("NFKD", {"đ": "d", "Đ": "D"}.get(char, char)):
            if not unicodedata.combining(part):
                plain.append(part)
                at.append(place)
    at.append(len(text))
    return "".join(plain), at


def _folded(word: str) -> str:
    return fold(word)[0].lower()


def _sets(rules: dict[str, Any]) -> dict[str, frozenset[str]]:
    found = {}
    for name, value in rules.items():
        if isinstance(value, list) and value and isinstance(value[0], str):
            found[name] = frozenset(value)
            found[f"{name}_folded"] = frozenset(_folded(word) for word in value)
    return found


_SETS = _sets(RULES)
_PATTERNS = [(rule["kind"], re.compile(rule["re"]), rule["unless"]) for rule in RULES["patterns"]]
_CASED = [(rule["kind"], re.compile(rule["re"]), rule["unless"]) for rule in RULES["cased_patterns"]]
_UNLESS = {name: re.compile(pattern) for name, pattern in RULES["unless"].items()}
_WORD = re.compile(r"[A-Za-z]+|[0-9]+")
_NEAR = re.compile(r"^\s+$")
_LISTED = re.compile(r"^\s*[,/–-]\s*$")
_SENTENCE = re.compile(r"[.!?:\n]")
_FIGURES = frozenset(_folded(figure) for figure in RULES["figures"])
_MOST_FIGURE_WORDS = max(figure.count(" ") + 1 for figure in _FIGURES)


class _Reader:
    """One text, read once from left to right."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.plain, self.at = fold(text)
        self.tokens = self._tokens()
        words = [token for token in self.tokens if token.folded.isalpha()]
        self.accented = any(token.raw != token.folded for token in words)
        self.cased = sum(token.cap for token in words) <= _MOST_TITLE_CASE * len(words)
        self.found: list[Finding] = []
        self.place_end = -1

    def _tokens(self) -> list[Token]:
        tokens: list[Token] = []
        before = 0
        for match in _WORD.finditer(self.plain):
            gap = self.plain[before : match.start()]
            before = match.end()
            source = self.text[self.at[match.start()] : self.at[match.end()]]
            tokens.append(
                Token(
                    folded=match.group().lower(),
                    raw=unicodedata.normalize("NFC", source).lower(),
                    cap=match.group()[0].isupper(),
                    first=not tokens or bool(_SENTENCE.search(gap)),
                    start=match.start(),
                    end=match.end(),
                    near=bool(tokens) and bool(_NEAR.search(gap)),
                    listed=bool(tokens) and bool(_LISTED.search(gap)),
                )
            )
        return tokens

    def keep(self, kind: str, start: int, end: int) -> None:
        """Keep a finding by its place in the plain text, unless one stands there already."""
        first, last = self.at[start], self.at[end]
        if all(last <= other.start or first >= other.end for other in self.found):
            self.found.append(Finding(kind, first, last, self.text[first:last]))

    def patterns(self) -> None:
        """Numbers and addresses."""
        for rules, text in ((_PATTERNS, self.plain.lower()), (_CASED, self.plain)):
            for kind, pattern, unless in rules:
                for match in pattern.finditer(text):
                    start = match.start() + len(match.group(1))
                    if not (unless and _UNLESS[unless].search(text[max(0, start - 24) : start])):
                        self.keep(kind, start, start + len(match.group(2)))

    # What a word is.
    def near(self, i: int) -> bool:
        """Whether there is a word i, with nothing but a space before it."""
        return i < len(self.tokens) and self.tokens[i].near

    def cap(self, i: int) -> bool:
        """Whether word i starts large where that tells something."""
        return self.cased and self.tokens[i].cap

    def is_a(self, name: str, i: int) -> bool:
        """Whether word i is in a set: as typed; without accents only where it was typed so."""
        token = self.tokens[i]
        return token.raw in _SETS[name] or (token.raw == token.folded and token.folded in _SETS[f"{name}_folded"])

    def two(self, i: int) -> str:
        """Words i and i + 1 as typed."""
        return f"{self.tokens[i].raw} {self.tokens[i + 1].raw}" if self.near(i + 1) else ""

    def place_words(self, i: int, name: str = "places") -> int:
        """How many words of a cue for a place stand at i."""
        for count in (3, 2, 1):
            words = self.tokens[i : i + count]
            if len(words) < count or not all(word.near for word in words[1:]):
                continue
            raw, plain = "-".join(w.raw for w in words), "-".join(w.folded for w in words)
            if raw in _SETS[name] and (self.accented or plain not in _SETS["unclear_places"]):
                return count
            if raw == plain and plain in _SETS[f"{name}_folded"] and plain not in _SETS["unclear_places"]:
                return count
        return 0

    def figure(self, i: int, *, cued: bool) -> int:
        """How many words at i are the name of a street, school or place that is a person's."""
        for count in range(min(_MOST_FIGURE_WORDS, len(self.tokens) - i), 1, -1):
            words = self.tokens[i : i + count]
            if " ".join(word.folded for word in words) not in _FIGURES or not all(w.near for w in words[1:]):
                continue
            small_title = self.is_a("titles", i) and not (words[0].cap and self.cased)
            longer = self.near(i + count) and self.cap(i + count) and self.is_a("given", i + count)
            if cued or not (small_title or longer):
                return count
        return 0

    def run(self, i: int, most: int) -> int:
        """Return the end of a run of words that start large, from i."""
        end = i
        while end < len(self.tokens) and end - i < most and self.cap(end) and (end == i or self.near(end)):
            end += 1
        return end

    # Places, that pass.
    def place(self, i: int) -> int:
        """Return the end of a place at i (a cue and a name), or i."""
        number = self.tokens[i].folded.isdigit() and len(self.tokens[i].folded) <= _MOST_NAME_WORDS
        group = i > 0 and self.tokens[i - 1].folded in {"to", "tdp", "doi", "khu"}
        count = 1 if number and not group else self.place_words(i)
        if not count:
            return i
        titled = self.place_words(i, "titled_places") > 0
        end = i + count
        while self.near(end) and (self.place_words(end) or self.tokens[end].folded.isdigit()):
            end += self.place_words(end) or 1
        if not self.near(end):
            return end
        return self.place_name(end, titled=titled, number=number, cue=self.tokens[end - 1])

    def place_name(self, i: int, *, titled: bool, number: bool, cue: Token) -> int:
        """Return the end of a place's name at i, or i."""
        count = self.figure(i, cued=True)
        if count:
            return i + count
        # "duong van tuan" may be a man's name, typed without accents.
        man = cue.raw == "duong" and self.is_a("middles", i)
        if man or (number and not self.is_a("families", i)):
            return i
        if self.cap(i):
            return self.run(i, 6)
        if titled and self.is_a("titles", i) and self.near(i + 1) and (self.cap(i + 1) or not self.cased):
            return i + 2
        if not self.cased and self.is_a("families", i) and self.near(i + 1):
            return min(i + (3 if self.is_a("middles", i + 1) else 2), len(self.tokens))
        return i

    def listed_place(self, i: int) -> int:
        """Return the end of a place that follows another in a list, or i."""
        token = self.tokens[i]
        if i == self.place_end and token.near and token.raw in _SETS["links"] and self.near(i + 1):
            i += 1
        elif not (i == self.place_end and token.listed):
            return i
        if self.cap(i) and not self.is_a("titles", i):
            return self.run(i, 6)
        return i

    # Names.
    def title(self, i: int) -> int:
        """How many words of a title stand at i."""
        if self.two(i) in _SETS["two_word_titles"] or self.two(i) in _SETS["two_word_titles_folded"]:
            return 2
        if self.tokens[i].raw in _SETS["titles"] or self.is_a("handle_titles", i):
            return 1
        # "ba", "lao", "co" among words with accents: a title only before a name in large letters.
        clear = not self.accented or (self.near(i + 1) and self.cap(i + 1))
        return int(clear and self.is_a("titles", i))

    def bears(self, at: int, i: int) -> bool:
        """Whether word i, in lower case, is a name after the title at that word."""
        token, title = self.tokens[i], self.tokens[at]
        following = self.tokens[i + 1].folded if self.near(i + 1) else ""
        pair = f"{title.folded}|{token.folded}"
        if f"{token.folded}|{following}" in _SETS["compounds"]:
            return False
        unclear = not self.accented or token.raw == token.folded
        if unclear and (pair in _SETS["not_names"] or f"{pair}|{following}" in _SETS["not_names"]):
            return False
        if self.is_a("numerals", i):
            clear = self.accented or title.folded in _SETS["clear_numeral_titles"] or self.owned(at)
            return clear and self.is_a("numeral_titles", at) and following not in _SETS["counters"]
        if self.accented:
            return token.raw in _SETS["given"] or (token.raw == token.folded and token.folded in _SETS["sure"])
        if i == at + 1 and (title.folded in _SETS["clear_titles"] or self.owned(at)):
            return token.folded in _SETS["given_folded"]
        return token.folded in _SETS["sure"]

    def owned(self, i: int) -> bool:
        """Whether word i follows a house or a shop."""
        return i > 0 and self.near(i) and self.is_a("owners", i - 1)

    def name_after(self, i: int, count: int) -> int:
        """Return the end of a name that follows the title at i, or i."""
        handle = self.is_a("handle_titles", i)
        j = i + count
        while self.near(j) and j < i + count + 2 and self.is_a("fillers", j) and not self.cap(j) and self.near(j + 1):
            if self.bears(i, j):
                break
            j += 1
        if not self.near(j):
            return i
        token = self.tokens[j]
        if self.cap(j):
            return self.large_name(i, j, handle=handle)
        if handle:
            return i
        full = self.small_full_name(j)
        if full > j:
            return full
        if not self.bears(i, j):
            return i
        end = j + 1
        while self.near(end) and end < j + 2 and token.raw != self.tokens[end].raw and self.is_a("given", end):
            if self.tokens[end].folded not in _SETS["sure"]:
                break
            end += 1
        return end

    def large_name(self, i: int, j: int, *, handle: bool) -> int:
        """Return the end of a name in large letters at j after the title at i, or i."""
        token = self.tokens[j]
        shouted = len(token.folded) > 1 and self.plain[token.start : token.end].isupper()
        if token.folded in _SETS["cap_stop"] or (shouted and not self.is_a("given", j)):
            return i
        if handle and not (self.is_a("given", j) or self.is_a("families", j)):
            return i
        return self.run(j, _MOST_NAME_WORDS)

    def full_name(self, i: int) -> int:
        """Return the end of a full name at i, family name first, or i."""
        if not self.is_a("families", i) or not self.near(i + 1):
            return i
        if not self.cap(i):
            return self.small_full_name(i)
        end = self.run(i, _MOST_NAME_WORDS)
        if end - i == 2:
            initial = len(self.tokens[i + 1].folded) == 1
            return end if self.is_a("given", i + 1) or initial else i
        middle = end - i > 2 and self.is_a("middles", i + 1)
        return end if middle or (end - i > 2 and self.is_a("given", end - 1)) else i

    def small_full_name(self, i: int) -> int:
        """Return the end of a full name in lower case at i, or i."""
        if not (self.near(i + 1) and self.near(i + 2) and self.is_a("families", i)):
            return i
        if not self.is_a("middles", i + 1) or not self.is_a("given", i + 2):
            return i
        if not self.accented and self.tokens[i + 1].folded not in {"van", "thi"}:
            clear = self.tokens[i + 2].folded in _SETS["sure"] and self.tokens[i].folded in {
                "nguyen",
                "tran",
                "pham",
                "le",
            }
            return i + 3 if clear else i
        more = self.near(i + 3) and not self.cased and self.tokens[i + 3].folded in _SETS["sure"]
        return i + 4 if more else i + 3

    def alone(self, i: int) -> int:
        """Return the end of a given name alone at i ("gặp Tuấn", "nhà Tuấn"), or i."""
        token = self.tokens[i]
        if (
            not self.cap(i)
            or token.first
            or (i > 0 and self.near(i) and self.cap(i - 1) and not self.is_a("owners", i - 1))
        ):
            return i
        if self.near(i + 1) and self.cap(i + 1):
            return i
        return i + 1 if self.is_a("lone", i) or (self.owned(i) and self.is_a("given", i)) else i

    def names(self) -> None:
        """Names of persons, in one pass; places are stepped over."""
        i = 0
        while i < len(self.tokens):
            i = self.step(i)

    def step(self, i: int) -> int:
        """Read what stands at word i; return the next word to read."""
        for end in (i + self.figure(i, cued=False), self.listed_place(i), self.place(i)):
            if end > i:
                self.place_end = end
                return end
        count = self.title(i)
        end = self.name_after(i, count) if count else i
        if end == i and not self.tokens[i].folded.isdigit():
            end = self.full_name(i)
        if end == i:
            end = self.alone(i)
        if end == i:
            return i + 1
        first = i - 1 if self.owned(i) else i
        self.keep("owner" if first < i else "name", self.tokens[first].start, self.tokens[end - 1].end)
        return end


def findings(text: str) -> tuple[Finding, ...]:
    """Personal data in a text, in the order of the text."""
    reader = _Reader(text)
    reader.patterns()
    reader.names()
    return tuple(sorted(reader.found, key=lambda finding: finding.start))


def kinds_in(text: str) -> set[str]:
    """What of a person officers' words tell. A pole's number that could be a telephone's counts: no column takes it."""
    kinds = {finding.kind for finding in findings(text)}
    return kinds or ({"identity", "phone"} if has_personal_number(text) else set())


def masked(text: str, sign: str = "…") -> str:
    """Return the text with every finding replaced."""
    for finding in reversed(findings(text)):
        text = text[: finding.start] + sign + text[finding.end :]
    return text
