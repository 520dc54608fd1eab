/* Names of people (person_guard.js): after a title, whole, after an owner's word. */
import { MOST_NAME_WORDS, Places } from "./guard_places.js";
import { isDigits } from "./guard_words.js";

export class Names extends Places {
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
