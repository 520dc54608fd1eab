/* Names of places (person_guard.js): streets, schools and markets that are called after people pass. */
import { Words, isDigits } from "./guard_words.js";

export const MOST_NAME_WORDS = 4;

export class Places extends Words {
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
}
