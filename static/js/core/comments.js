/** How many comments each group has; asked once a page, and never in the way. */
import { get } from "./api.js";
import { h } from "./dom.js";
import { t } from "./i18n.js";

let asked = null;

/** A map of group id to number; empty where the answer fails. */
export function commentCounts() {
  asked ||= get("/api/comments/counts")
    .then(({ groups }) => new Map(Object.entries(groups).map(([id, n]) => [Number(id), n])))
    .catch(() => new Map());
  return asked;
}

export const commentDot = (n) => h("span", { class: "comment-dot", "data-testid": "comment-dot", title: t("comment.count", { n }) },
  String(n), h("span", { class: "sr-only", text: ` ${t("map.comments_title")}` }));
