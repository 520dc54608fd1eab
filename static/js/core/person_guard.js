/* Finds personal data in Vietnamese text while it is typed: the steps of gis_app/analysis/person_guard.py over the same
   rules, person_guard.json. A test runs both over one table of sentences; what cannot be found is written there. */

const MOST_NAME_WORDS = 4;
const MOST_TITLE_CASE = 0.6;
const WORD = /[A-Za-z]+|[0-9]+/g;
const NEAR = /^\s+$/;
const LISTED = /^\s*[,/–-]\s*$/;
const SENTENCE = /[.!?:\n]/;
const MARK = /\p{M}/u;

/* The text without accents, and where each of its characters stands in the text. */
export function fold(text) {
  let plain = "";
  const at = [];
  let place = 0;
  for (const char of text) {
    const base = char === "đ" ? "d" : char === "Đ" ? "D" : char.normalize("NFKD");
    for (const part of base) {
      if (MARK.test(part)) continue;
      for (let unit = 0; unit < part.length; unit += 1) at.push(place);
      plain += part;
    }
    place += char.length;
  }
  at.push(text.length);
  return { plain, at };
}

const folded = (word) => fold(word).plain.toLowerCase();
const isDigits = (word) => /^[0-9]+$/.test(word);

function prepare(rules) {
  const sets = {};
  for (const [name, value] of Object.entries(rules)) {
    if (!Array.isArray(value) || typeof value[0] !== "string") continue;
    sets[name] = new Set(value);
    sets[`${name}_folded`] = new Set(value.map(folded));
  }
  const compile = (list) => list.map(({ kind, re, unless }) => ({ kind, unless, pattern: new RegExp(re, "g") }));
  return {
    sets,
    patterns: compile(rules.patterns),
    cased: compile(rules.cased_patterns),
    unless: Object.fromEntries(Object.entries(rules.unless).map(([name, re]) => [name, new RegExp(re)])),
    mostFigureWords: Math.max(...rules.figures.map((figure) => figure.split(" ").length)),
  };
}

class Reader {
  constructor(text, ready) {
    this.text = text;
    this.ready = ready;
    this.sets = ready.sets;
    Object.assign(this, fold(text));
    this.tokens = this.readTokens();
    const words = this.tokens.filter((token) => !isDigits(token.folded));
    this.accented = words.some((token) => token.raw !== token.folded);
    this.cased = words.filter((token) => token.cap).length <= MOST_TITLE_CASE * words.length;
    this.found = [];
    this.placeEnd = -1;
  }

  readTokens() {
    const tokens = [];
    let before = 0;
    for (const match of this.plain.matchAll(WORD)) {
      const [word] = match;
      const gap = this.plain.slice(before, match.index);
      const end = match.index + word.length;
      before = end;
      tokens.push({
        folded: word.toLowerCase(),
        raw: this.text.slice(this.at[match.index], this.at[end]).normalize("NFC").toLowerCase(),
        cap: /[A-Z]/.test(word[0]),
        first: !tokens.length || SENTENCE.test(gap),
        start: match.index,
        end,
        near: tokens.length > 0 && NEAR.test(gap),
        listed: tokens.length > 0 && LISTED.test(gap),
      });
    }
    return tokens;
  }

  keep(kind, start, end) {
    const first = this.at[start];
    const last = this.at[end];
    if (this.found.every((other) => last <= other.start || first >= other.end))
      this.found.push({ kind, start: first, end: last, words: this.text.slice(first, last) });
  }

  readPatterns() {
    for (const [rules, text] of [[this.ready.patterns, this.plain.toLowerCase()], [this.ready.cased, this.plain]])
      for (const { kind, unless, pattern } of rules)
        for (const match of text.matchAll(pattern)) {
          const start = match.index + match[1].length;
          if (!(unless && this.ready.unless[unless].test(text.slice(Math.max(0, start - 24), start)))) this.keep(kind, start, start + match[2].length);
        }
  }

  near(i) {
    return i < this.tokens.length && this.tokens[i].near;
  }

  cap(i) {
    return this.cased && this.tokens[i].cap;
  }

  isA(name, i) {
    const { raw, folded: plain } = this.tokens[i];
    return this.sets[name].has(raw) || (raw === plain && this.sets[`${name}_folded`].has(plain));
  }

  two(i) {
    return this.near(i + 1) ? `${this.tokens[i].raw} ${this.tokens[i + 1].raw}` : "";
  }

  placeWords(i, name = "places") {
    for (const count of [3, 2, 1]) {
      const words = this.tokens.slice(i, i + count);
      if (words.length < count || !words.slice(1).every((word) => word.near)) continue;
      const raw = words.map((word) => word.raw).join("-");
      const plain = words.map((word) => word.folded).join("-");
      const unclear = this.sets.unclear_places.has(plain);
      if (this.sets[name].has(raw) && (this.accented || !unclear)) return count;
      if (raw === plain && this.sets[`${name}_folded`].has(plain) && !unclear) return count;
    }
    return 0;
  }

  figure(i, cued) {
    for (let count = Math.min(this.ready.mostFigureWords, this.tokens.length - i); count > 1; count -= 1) {
      const words = this.tokens.slice(i, i + count);
      if (!this.sets.figures_folded.has(words.map((word) => word.folded).join(" ")) || !words.slice(1).every((word) => word.near)) continue;
      const smallTitle = this.isA("titles", i) && !(words[0].cap && this.cased);
      const longer = this.near(i + count) && this.cap(i + count) && this.isA("given", i + count);
      if (cued || !(smallTitle || longer)) return count;
    }
    return 0;
  }

  run(i, most) {
    let end = i;
    while (end < this.tokens.length && end - i < most && this.cap(end) && (end === i || this.near(end))) end += 1;
    return end;
  }

  place(i) {
    const { folded: plain } = this.tokens[i];
    const number = isDigits(plain) && plain.length <= MOST_NAME_WORDS;
    const group = i > 0 && ["to", "tdp", "doi", "khu"].includes(this.tokens[i - 1].folded);
    const count = number && !group ? 1 : this.placeWords(i);
    if (!count) return i;
    const titled = this.placeWords(i, "titled_places") > 0;
    let end = i + count;
    while (this.near(end) && (this.placeWords(end) || isDigits(this.tokens[end].folded))) end += this.placeWords(end) || 1;
    if (!this.near(end)) return end;
    return this.placeName(end, titled, number, this.tokens[end - 1]);
  }

  placeName(i, titled, number, cue) {
    const count = this.figure(i, true);
    if (count) return i + count;
    const man = cue.raw === "duong" && this.isA("middles", i);
    if (man || (number && !this.isA("families", i))) return i;
    if (this.cap(i)) return this.run(i, 6);
    if (titled && this.isA("titles", i) && this.near(i + 1) && (this.cap(i + 1) || !this.cased)) return i + 2;
    if (!this.cased && this.isA("families", i) && this.near(i + 1)) return Math.min(i + (this.isA("middles", i + 1) ? 3 : 2), this.tokens.length);
    return i;
  }

  listedPlace(start) {
    let i = start;
    const token = this.tokens[i];
    if (i === this.placeEnd && token.near && this.sets.links.has(token.raw) && this.near(i + 1)) i += 1;
    else if (!(i === this.placeEnd && token.listed)) return i;
    return this.cap(i) && !this.isA("titles", i) ? this.run(i, 6) : i;
  }

  title(i) {
    if (this.sets.two_word_titles.has(this.two(i)) || this.sets.two_word_titles_folded.has(this.two(i))) return 2;
    if (this.sets.titles.has(this.tokens[i].raw) || this.isA("handle_titles", i)) return 1;
    const clear = !this.accented || (this.near(i + 1) && this.cap(i + 1));
    return clear && this.isA("titles", i) ? 1 : 0;
  }

  bears(at, i) {
    const token = this.tokens[i];
    const title = this.tokens[at];
    const following = this.near(i + 1) ? this.tokens[i + 1].folded : "";
    const pair = `${title.folded}|${token.folded}`;
    if (this.sets.compounds.has(`${token.folded}|${following}`)) return false;
    const unclear = !this.accented || token.raw === token.folded;
    if (unclear && (this.sets.not_names.has(pair) || this.sets.not_names.has(`${pair}|${following}`))) return false;
    if (this.isA("numerals", i)) {
      const clear = this.accented || this.sets.clear_numeral_titles.has(title.folded) || this.owned(at);
      return clear && this.isA("numeral_titles", at) && !this.sets.counters.has(following);
    }
    if (this.accented) return this.sets.given.has(token.raw) || (token.raw === token.folded && this.sets.sure.has(token.folded));
    if (i === at + 1 && (this.sets.clear_titles.has(title.folded) || this.owned(at))) return this.sets.given_folded.has(token.folded);
    return this.sets.sure.has(token.folded);
  }

  owned(i) {
    return i > 0 && this.near(i) && this.isA("owners", i - 1);
  }

  nameAfter(i, count) {
    const handle = this.isA("handle_titles", i);
    let j = i + count;
    while (this.near(j) && j < i + count + 2 && this.isA("fillers", j) && !this.cap(j) && this.near(j + 1)) {
      if (this.bears(i, j)) break;
      j += 1;
    }
    if (!this.near(j)) return i;
    const token = this.tokens[j];
    if (this.cap(j)) return this.largeName(i, j, handle);
    if (handle) return i;
    const full = this.smallFullName(j);
    if (full > j) return full;
    if (!this.bears(i, j)) return i;
    let end = j + 1;
    while (this.near(end) && end < j + 2 && token.raw !== this.tokens[end].raw && this.isA("given", end)) {
      if (!this.sets.sure.has(this.tokens[end].folded)) break;
      end += 1;
    }
    return end;
  }

  largeName(i, j, handle) {
    const token = this.tokens[j];
    const shouted = token.folded.length > 1 && /^[A-Z]+$/.test(this.plain.slice(token.start, token.end));
    if (this.sets.cap_stop.has(token.folded) || (shouted && !this.isA("given", j))) return i;
    if (handle && !(this.isA("given", j) || this.isA("families", j))) return i;
    return this.run(j, MOST_NAME_WORDS);
  }

  fullName(i) {
    if (!this.isA("families", i) || !this.near(i + 1)) return i;
    if (!this.cap(i)) return this.smallFullName(i);
    const end = this.run(i, MOST_NAME_WORDS);
    if (end - i === 2) return this.isA("given", i + 1) || this.tokens[i + 1].folded.length === 1 ? end : i;
    return end - i > 2 && (this.isA("middles", i + 1) || this.isA("given", end - 1)) ? end : i;
  }

  smallFullName(i) {
    if (!(this.near(i + 1) && this.near(i + 2) && this.isA("families", i))) return i;
    if (!this.isA("middles", i + 1) || !this.isA("given", i + 2)) return i;
    if (!this.accented && !["van", "thi"].includes(this.tokens[i + 1].folded)) {
      const clear = this.sets.sure.has(this.tokens[i + 2].folded) && ["nguyen", "tran", "pham", "le"].includes(this.tokens[i].folded);
      return clear ? i + 3 : i;
    }
    return this.near(i + 3) && !this.cased && this.sets.sure.has(this.tokens[i + 3].folded) ? i + 4 : i + 3;
  }

  alone(i) {
    if (!this.cap(i) || this.tokens[i].first || (i > 0 && this.near(i) && this.cap(i - 1) && !this.isA("owners", i - 1))) return i;
    if (this.near(i + 1) && this.cap(i + 1)) return i;
    return this.isA("lone", i) || (this.owned(i) && this.isA("given", i)) ? i + 1 : i;
  }

  step(i) {
    for (const end of [i + this.figure(i, false), this.listedPlace(i), this.place(i)])
      if (end > i) {
        this.placeEnd = end;
        return end;
      }
    const count = this.title(i);
    let end = count ? this.nameAfter(i, count) : i;
    if (end === i && !isDigits(this.tokens[i].folded)) end = this.fullName(i);
    if (end === i) end = this.alone(i);
    if (end === i) return i + 1;
    const first = this.owned(i) ? i - 1 : i;
    this.keep(first < i ? "owner" : "name", this.tokens[first].start, this.tokens[end - 1].end);
    return end;
  }

  read() {
    this.readPatterns();
    for (let i = 0; i < this.tokens.length; ) i = this.step(i);
    return this.found.sort((one, other) => one.start - other.start);
  }
}

/* (text) -> [{kind, start, end, words}], places in UTF-16 units as the browser counts. */
export function makeGuard(rules) {
  const ready = prepare(rules);
  return (text) => new Reader(text, ready).read();
}

let loading;

/* The guard of this page, loaded once; where the rules cannot be had it finds nothing, and the server still reads. */
export function loadGuard() {
  loading ||= fetch(new URL("person_guard.json", import.meta.url), { credentials: "same-origin" })
    .then((response) => (response.ok ? response.json() : Promise.reject(new Error(`status ${response.status}`))))
    .then(makeGuard)
    .catch(() => {
      loading = undefined;
      return () => [];
    });
  return loading;
}

/* The text with every finding replaced. */
export function masked(text, found, sign = "…") {
  return [...found].reverse().reduce((kept, { start, end }) => kept.slice(0, start) + sign + kept.slice(end), text);
}
