// Builds what this folder gives: `node build.mjs page|site|package|tests` (see docs/page.md).
import { build } from "esbuild";
import { execFileSync } from "node:child_process";
import { cpSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { createHash } from "node:crypto";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { constants, gzipSync } from "node:zlib";

const here = dirname(fileURLToPath(import.meta.url));
const model = join(here, "../src/unimumer/models/nano");
const modules = join(here, "node_modules");
const options = { bundle: true, format: "esm", target: "es2022", minify: true, legalComments: "none", logLevel: "warning" };

const targets = {
  page: () => page(join(here, "../src/unimumer/serve/static"), "server"),
  site: () => page(join(here, "../build/site"), "local"),
  package: () => npmPackage(join(here, "../build/math-pad")),
  tests,
};

async function page(out, reader) {
  rmSync(out, { recursive: true, force: true });
  mkdirSync(join(out, "fonts"), { recursive: true });
  await build({
    ...options, absWorkingDir: here, outdir: out, splitting: true, chunkNames: "[name]-[hash]",
    entryPoints: { page: "src/site/main.ts", style: "src/site/style.css" },
    external: ["*.woff2", "*.woff", "*.ttf"], define: { READER: JSON.stringify(reader) },
  });
  for (const font of fonts()) cpSync(join(modules, "katex/dist/fonts", font), join(out, "fonts", font));
  for (const file of readdirSync(join(here, "src/site/static"))) cpSync(join(here, "src/site/static", file), join(out, file));
  if (reader === "local") {
    await worker(out);
    packs(join(out, "model"));
    await offline(out);
  }
}

/** The fonts that formulas need; those of scripts and alphabets that nobody writes here stay away. */
const FONTS = /_(AMS-Regular|Main-(Regular|Bold|Italic)|Math-Italic|Size\d-Regular|Caligraphic-Regular)\.woff2$/;
const fonts = () => readdirSync(join(modules, "katex/dist/fonts")).filter((name) => FONTS.test(name));

const worker = (out) =>
  build({ ...options, absWorkingDir: here, entryPoints: { worker: "src/recognizer/worker.ts" }, outdir: out, external: ["node:*", "module"] });

/** The model's files as `weights.ts` fetches them. */
function packs(out) {
  mkdirSync(out, { recursive: true });
  const runtime = readFileSync(join(modules, "onnxruntime-web/dist/ort-wasm-simd-threaded.wasm"));
  const files = { encoder: planes("encoder.onnx"), decoder: planes("decoder.onnx"), runtime };
  const about = JSON.parse(readFileSync(join(model, "nano.json"), "utf8"));
  if (about.language?.length) files.language = readFileSync(join(model, "language.safetensors"));
  const sizes = {};
  for (const [name, bytes] of Object.entries(files)) {
    const packed = gzipSync(bytes, { level: 9, strategy: name.endsWith("coder") ? constants.Z_FILTERED : constants.Z_DEFAULT_STRATEGY });
    writeFileSync(join(out, `${name}.pack`), packed);
    sizes[name] = packed.length;
  }
  writeFileSync(join(out, "packs.json"), JSON.stringify(sizes));
  for (const name of ["nano.json", "tokenizer.json"]) {
    writeFileSync(join(out, name), JSON.stringify(JSON.parse(readFileSync(join(model, name), "utf8"))));
  }
}

/** All even bytes, then all odd ones: weights in half precision compress better so. */
function planes(name) {
  const bytes = readFileSync(join(model, name));
  const odd = (bytes.length + 1) >> 1;
  const out = Buffer.alloc(bytes.length);
  bytes.forEach((byte, i) => (out[(i >> 1) + (i & 1 ? odd : 0)] = byte));
  return out;
}

/**
 * The service worker, which knows every file but the model's, and names its caches after their contents. Large scripts
 * that the page needs only later have a packed copy for it, since not every host compresses.
 */
async function offline(out) {
  for (const name of readdirSync(out).filter((name) => /^(editor|worker).*\.js$/.test(name))) {
    writeFileSync(join(out, `${name}.pack`), gzipSync(readFileSync(join(out, name)), { level: 9 }));
  }
  const files = readdirSync(out, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(out.length + 1).replaceAll("\\", "/"))
    .sort();
  const digest = (some) => {
    const hash = createHash("sha256");
    for (const file of some) hash.update(file).update(readFileSync(join(out, file)));
    return JSON.stringify(hash.digest("hex").slice(0, 12));
  };
  const [model, rest] = [true, false].map((is) => files.filter((file) => file.startsWith("model/") === is));
  const packed = rest.filter((file) => file.endsWith(".pack"));
  const plain = rest.filter((file) => !file.endsWith(".pack") && !packed.includes(`${file}.pack`));
  const define = { FILES: JSON.stringify(plain), PACKED: JSON.stringify(packed), VERSION: digest(rest), MODEL: digest(model) };
  await build({ ...options, absWorkingDir: here, entryPoints: { offline: "src/site/offline.ts" }, outdir: out, define });
}

async function npmPackage(out) {
  rmSync(out, { recursive: true, force: true });
  mkdirSync(out, { recursive: true });
  await build({ ...options, absWorkingDir: here, outdir: out, entryPoints: { "math-pad": "src/pad/index.ts" } });
  await worker(out);
  packs(join(out, "model"));
  execFileSync(join(modules, ".bin/tsc"), ["-p", join(here, "tsconfig.package.json"), "--outDir", join(out, "types")], { stdio: "inherit" });
  for (const file of ["package.json", "README.md"]) cpSync(join(here, "src/package", file), join(out, file));
  cpSync(join(here, "../LICENSE"), join(out, "LICENSE"));
  cpSync(join(model, "LICENSE.md"), join(out, "model/LICENSE.md"));
}

async function tests() {
  const out = join(here, "build/tests");
  rmSync(out, { recursive: true, force: true });
  const entryPoints = readdirSync(join(here, "tests")).filter((name) => name.endsWith(".test.ts"));
  await build({
    ...options, absWorkingDir: join(here, "tests"), entryPoints, outdir: out, minify: false, platform: "node",
    packages: "external", outExtension: { ".js": ".mjs" }, define: { HERE: JSON.stringify(here) },
  });
}

const wanted = process.argv.slice(2);
if (!wanted.length || wanted.some((name) => !targets[name])) throw new Error(`use: node build.mjs ${Object.keys(targets).join("|")}`);
for (const name of wanted) await targets[name]();
