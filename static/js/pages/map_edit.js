/** What the map page fetches when somebody edits: the editor with its style sheet. */
import { openEditor } from "../edit/editor.js";

const sheet = () => new Promise((resolve, reject) => {
  const link = document.createElement("link");
  Object.assign(link, { rel: "stylesheet", href: new URL("../../css/edit.css", import.meta.url).href, onload: resolve, onerror: reject });
  document.head.append(link);
});

export async function open(app) {
  await sheet();
  return openEditor(app);
}
