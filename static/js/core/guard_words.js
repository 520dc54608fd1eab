/* The text of the guard (person_guard.js): without accents, as words, and what patterns alone find. */

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
export const isDigits = (word) => /^[0-9]+$/.test(word);

export function prepare(rules) {
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

/* The words of a text, and what patterns find in it. */
export class Words {
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
}
