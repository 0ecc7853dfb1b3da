// The recognizer reads what the Python package reads; run in Node, on the code that the worker runs.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { before, describe, test } from "node:test";
import { Recognizer } from "../src/recognizer/recognizer.js";
import type { Reading } from "../src/recognizer/types.js";
import type { Stroke } from "../src/recognizer/types.js";
import { archive, expected, page, recognizer } from "./model.js";

/** Ink of our own, with what the Python package made of it. */
const OWN = JSON.parse(readFileSync(join(page, "tests/own-ink.json"), "utf8")) as {
  name: string; strokes: Stroke[]; latex: string; confidence: number; beams: Reading[];
}[];
const ink = (name: string) => OWN.find((own) => own.name === name)!.strokes;

describe("recognizer", () => {
  let reader: Recognizer;
  before(async () => (reader = await recognizer()));
  const read = async (strokes: readonly Stroke[], beams = 1) => (await reader.read(strokes, beams))!;

  test("reads our own ink as Python does, with its confidences and alternatives", async () => {
    for (const own of OWN) {
      const greedy = await read(own.strokes);
      assert.equal(greedy.latex, own.latex);
      assert.ok(Math.abs(greedy.confidence! - own.confidence) < 0.02, `${own.name}: ${greedy.confidence}`);
      const { latex, confidence, alternatives } = await read(own.strokes, 4);
      const sure = (readings: readonly Reading[]) => readings.filter((reading) => reading.confidence! > 0.005);
      assert.deepEqual(
        sure([{ latex, confidence }, ...alternatives]).map((reading) => reading.latex),
        sure(own.beams).map((reading) => reading.latex),
      );
    }
  });

  test("takes little of a processor", async () => {
    const first = process.cpuUsage();
    for (let i = 0; i < 3; i++) for (const own of OWN) await read(own.strokes);
    const { user, system } = process.cpuUsage(first);
    const each = (user + system) / 1000 / (3 * OWN.length);
    console.log(`processor time of a reading: ${each.toFixed(0)} ms, n ${3 * OWN.length}`);
    assert.ok(each < 300); // 60 to 90 on a quiet machine; the tests share theirs
  });

  test("tells which strokes a symbol was written with", async () => {
    const found = await reader.explain(ink("x^2+1=5"), "x ^ { 2 } + 1 = 5");
    const strokes = found!.map((symbol) => symbol.strokes);
    assert.deepEqual(strokes, [[0, 1], [2], [3, 4], [5], [6, 7], [8]]);
    assert.equal(await reader.read(ink("root"), 1, async () => true), null);
    assert.equal(await reader.explain(ink("root"), "\\sqrt { x + y }", async () => true), null);
  });

  test("knows what else a symbol may be", async () => {
    const found = (await reader.others(ink("root"), "\\sqrt { x + y }", 2)).map((reading) => reading.latex);
    assert.equal(found[0], "x");
    assert.ok(found.includes("X"));
  });

  test("takes ink in any unit and anywhere, and leaves out a tap far away", async () => {
    const moved = ink("fraction").map((stroke) => stroke.map(([x, y]) => [x * 0.01 - 7, y * 0.01 + 900]));
    assert.equal((await read(moved)).latex, "\\frac { a + b } { 2 }");
    assert.equal((await read([...moved, [[100, 900]]])).latex, "\\frac { a + b } { 2 }");
  });

  test("refuses what no pen draws", async () => {
    for (const strokes of [[], [[]], [[[1, 2]]], [[[0, 0], [NaN, 1]]], [[[0, 0], [1e10, 1]]], [[[0, 0], [0, Infinity]]]]) {
      await assert.rejects(read(strokes), /no strokes|single point|coordinate/);
    }
  });

  test("draws strokes of extreme shape", async () => {
    for (const strokes of [[[[0, 0], [1e6, 0]]], [[[0, 0], [0, 1e-3]]], [[[0, 0], [1e4, 1]], [[1e4, 5e3], [1e4, 5e3]]]]) {
      assert.equal(typeof (await read(strokes)).latex, "string");
    }
  });

  const crohme = archive("crohme-2014.tar.xz");
  test("reads at least 99 % of CROHME 2014 as Python does", { skip: !crohme }, async () => {
    const samples = expected("--archive", crohme!, "--most", process.env.ALL_INKS ? "0" : "100");
    const different: string[] = [];
    for (const { id, strokes, latex } of samples) {
      if ((await read(strokes)).latex !== latex) different.push(id);
    }
    console.log(`${samples.length - different.length} of ${samples.length} texts equal ${different.join(" ")}`);
    assert.ok(different.length <= 0.01 * samples.length);
  });
});
