/* Copies or pre-bundles the npm packages of package-lock.json into static/vendor (not committed). */
import { build } from "esbuild";
import { copyFile, mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises";
import path from "node:path";
import { fileURLToPath } from "node:url";

const here = path.dirname(fileURLToPath(import.meta.url));
const modules = path.join(here, "..", "node_modules");
const vendor = path.join(here, "vendor");

/* The page brings its own rules and reads z/x/y tiles, so the styles and the PMTiles reader stay out. */
const stubs = {
  "@protomaps/basemaps": "export const namedFlavor = () => { throw new Error('no built-in styles'); };",
  pmtiles: "export class PMTiles {}",
};
const stubPlugin = {
  name: "stub",
  setup(b) {
    b.onResolve({ filter: /^(@protomaps\/basemaps|pmtiles)$/ }, (args) => ({ path: args.path, namespace: "stub" }));
    b.onLoad({ filter: /.*/, namespace: "stub" }, (args) => ({ contents: stubs[args.path] }));
  },
};

async function bundle(folder, contents) {
  const result = await build({
    stdin: { contents, resolveDir: here },
    bundle: true, format: "esm", minify: true, target: "es2020", legalComments: "none", metafile: true,
    outfile: path.join(vendor, folder, `${folder}.js`), plugins: [stubPlugin], logLevel: "warning",
  });
  const packages = new Set(Object.keys(result.metafile.inputs)
    .map((input) => /node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(input)?.[1]).filter(Boolean));
  await licences(folder, [...packages].sort());
}

/* Every folder tells whose work it holds and under which licence. */
async function licences(folder, packages) {
  const texts = [];
  for (const name of packages) {
    const root = path.join(modules, name);
    const { version, license } = JSON.parse(await readFile(path.join(root, "package.json"), "utf8"));
    const file = (await readdir(root)).find((f) => /^licen[cs]e/i.test(f));
    texts.push(`${name} ${version} (${license})\n\n${file ? await readFile(path.join(root, file), "utf8") : ""}`);
  }
  await mkdir(path.join(vendor, folder), { recursive: true });
  await writeFile(path.join(vendor, folder, "LICENSES.txt"), texts.join(`\n${"-".repeat(72)}\n`));
}

async function copy(folder, source, files) {
  await mkdir(path.join(vendor, folder), { recursive: true });
  await Promise.all(files.map((f) => copyFile(path.join(modules, source, f), path.join(vendor, folder, path.basename(f)))));
}

/* The latin and the Vietnamese subset; Vietnamese comes last so that its letters win. */
async function fonts() {
  const name = "@fontsource/be-vietnam-pro";
  const ranges = JSON.parse(await readFile(path.join(modules, name, "unicode.json"), "utf8"));
  const faces = [];
  for (const weight of [400, 600, 700]) {
    for (const subset of ["latin", "vietnamese"]) {
      const file = `be-vietnam-pro-${subset}-${weight}-normal.woff2`;
      await copy("fonts", name, [`files/${file}`]);
      faces.push(`@font-face{font-family:"Be Vietnam Pro";font-style:normal;font-display:swap;font-weight:${weight};`
        + `src:url(${file}) format("woff2");unicode-range:${ranges[subset]}}`);
    }
  }
  await writeFile(path.join(vendor, "fonts", "fonts.css"), `${faces.join("\n")}\n`);
  await licences("fonts", [name]);
}

await rm(vendor, { recursive: true, force: true });
await copy("leaflet", "leaflet", ["dist/leaflet.js", "dist/leaflet.css"]);
await licences("leaflet", ["leaflet"]);
await bundle("protomaps", `export { leafletLayer, PolygonSymbolizer, LineSymbolizer, LineLabelSymbolizer,
  CenteredTextSymbolizer, exp } from "protomaps-leaflet";`);
await bundle("supercluster", `export { default } from "supercluster";`);
await fonts();
