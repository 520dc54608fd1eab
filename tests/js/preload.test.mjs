import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import test from "node:test";
import { fileURLToPath } from "node:url";

const STATIC = join(dirname(fileURLToPath(import.meta.url)), "../../static");
const PAGE = join(STATIC, "../gis_app/templates/map/index.html");
/* The page opens this panel at once, by `import()`. */
const ENTRIES = ["js/pages/map.js", "js/panels/overview.js"];

function graph(path, found = new Set()) {
  if (found.has(path)) return found;
  found.add(path);
  if (path.startsWith("vendor/")) return found;
  const text = readFileSync(join(STATIC, path), "utf-8");
  for (const [, target] of text.matchAll(/^(?:import|export)[^"]*?from "(\.[^"]+)";$/gms)) {
    graph(relative(STATIC, join(STATIC, dirname(path), target)), found);
  }
  return found;
}

test("the page names every module that it needs, so that none waits for another", () => {
  const needed = new Set(ENTRIES.flatMap((entry) => [...graph(entry)]));
  const [, list] = /for module in \[([^\]]+)\]/.exec(readFileSync(PAGE, "utf-8"));
  const named = [...list.matchAll(/"([^"]+)"/g)].map(([, path]) => path);
  assert.deepEqual(named, [...needed].sort());
});
