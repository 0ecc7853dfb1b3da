// How it looks, and to whom: axe in every state, 320 pixels to 4K, and the pictures of the README.
import assert from "node:assert/strict";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { after, before, beforeEach, describe, test } from "node:test";
import { chromiumPath } from "./browser.js";
import { root } from "./model.js";
import { Site } from "./site.js";

describe("looks", { skip: !chromiumPath && "there is no Chromium" }, () => {
  let site: Site;
  before(async () => (site = await Site.open()));
  after(() => site?.close());
  beforeEach(() => site.fresh());

  test("axe finds nothing: empty, written, editing, in menus and dialogs, light and dark", async () => {
    await site.page.emulateMedia({ reducedMotion: "reduce" }); // nothing is judged halfway
    await site.axe("empty");
    await site.write("root");
    await site.reads("\\sqrt { x + y }");
    await site.wait("symbols are known", () => document.querySelector(".line[data-beams]"));
    for (const colorScheme of ["light", "dark"] as const) {
      await site.page.emulateMedia({ colorScheme });
      const accent = { light: "rgb(53, 86, 214)", dark: "rgb(147, 171, 255)" }[colorScheme];
      await site.page.waitForFunction((color) => getComputedStyle(document.querySelector(".primary")!).backgroundColor === color, accent);
      await site.axe(`written, ${colorScheme}`);
      await site.press("Copy as …");
      await site.axe(`copying, ${colorScheme}`);
      await site.page.keyboard.press("Escape");
      await site.page.locator(".main .formula .katex-html [data-t]", { hasText: /^x$/ }).last().click();
      await site.wait("choices", () => document.querySelectorAll(".choices button").length > 1);
      await site.axe(`a symbol, ${colorScheme}`);
      await site.page.keyboard.press("Escape");
      for (const name of ["Settings", "History"]) {
        await site.press(name);
        await site.axe(`${name}, ${colorScheme}`);
        await site.page.keyboard.press("Escape");
      }
      await site.press("Edit the formula");
      await site.page.waitForSelector("math-field");
      await site.axe(`editing, ${colorScheme}`);
      await site.press("Cancel");
    }
    await site.fresh();
    await site.axe("empty, dark");
    await site.page.emulateMedia({ colorScheme: "light", reducedMotion: "no-preference" });
  });

  test("from 320 pixels to 4K nothing sticks out or covers the other", async () => {
    await site.write("sub");
    await site.wait("it is read", () => document.querySelector<HTMLElement>(".line")?.dataset.read);
    for (const [width, height] of [[320, 568], [390, 844], [768, 1024], [844, 390], [1280, 720], [3840, 2160]]) {
      await site.page.setViewportSize({ width, height });
      await site.page.waitForTimeout(100);
      const [w, h] = await site.page.evaluate(() => [document.documentElement.scrollWidth, document.documentElement.scrollHeight]);
      assert.ok(w <= width && h <= height, `${width} x ${height}: ${w} x ${h}`);
      const out = await site.page.evaluate(() => {
        const boxes = [...document.querySelectorAll(".bar > *, .toolbar .icon, .taking button, .line .icon")]
          .filter((element) => element.checkVisibility())
          .map((element) => ({ name: element.className || element.tagName, box: element.getBoundingClientRect() }));
        const inside = ({ left, top, right, bottom }: DOMRect) => left >= 0 && top >= 0 && right <= innerWidth + 1 && bottom <= innerHeight + 1;
        const apart = (a: DOMRect, b: DOMRect) => a.right <= b.left + 1 || b.right <= a.left + 1 || a.bottom <= b.top + 1 || b.bottom <= a.top + 1;
        const clashes = boxes.flatMap((a, i) => boxes.slice(i + 1).filter((b) => !apart(a.box, b.box)).map((b) => `${a.name} and ${b.name}`));
        return [...boxes.filter(({ box }) => !inside(box)).map(({ name }) => name), ...clashes];
      });
      assert.deepEqual(out, [], `${width} x ${height}`);
    }
  });

  test("looks as the README shows it", async () => {
    const shots = join(root, process.env.SHOTS ? "docs" : "build/shots");
    mkdirSync(shots, { recursive: true });
    const shoot = async (name: string) => {
      await site.page.waitForTimeout(600);
      const picture = await site.page.screenshot({ path: join(shots, `page-${name}.png`) });
      assert.ok(picture.length < 150_000, `${name}: ${picture.length} bytes`);
    };
    await site.page.setViewportSize({ width: 1120, height: 760 });
    await site.write("integral", { x: 360, y: 350, width: 420, height: 110 });
    await site.write("fraction", { x: 360, y: 560, width: 300, height: 120 });
    await site.reads("\\int x ^ { 2 } d x", 0);
    await site.reads("\\frac { a + b } { 2 }", 1);
    await site.wait("alternatives", () => document.querySelectorAll(".line[data-beams]").length === 2);
    const clipped = await site.page.evaluate(() => {
      const list = document.querySelector(".results")!;
      return list.scrollHeight - list.clientHeight;
    });
    assert.ok(clipped <= 1, `two formulas have room, but for ${clipped} pixels`);
    await site.page.locator(".line").nth(1).locator(".katex-html [data-t]", { hasText: /^b$/ }).last().click();
    await site.page.locator(".choices button").nth(2).waitFor();
    await site.wait("the ink of the symbol is lit", () => document.querySelector("math-pad")!.lights.size > 0);
    await shoot("desktop");
    await site.page.keyboard.press("Escape");
    await site.page.emulateMedia({ colorScheme: "dark" });
    await site.page.setViewportSize({ width: 390, height: 760 });
    await site.page.evaluate(() => ((document.activeElement as HTMLElement).blur(), document.querySelector("math-pad")!.fit()));
    await shoot("phone");
    await site.press("New sheet; this one goes to the history");
    await site.page.emulateMedia({ colorScheme: "light" });
    await site.page.mouse.move(0, 0);
    await site.page.waitForTimeout(5000);
    await shoot("empty");
  });

  test("nothing was refused or failed", () => assert.deepEqual(site.complaints, []));
});
