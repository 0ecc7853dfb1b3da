// The page, built as a static site, open in a real Chromium with hands on it: what every test of the page begins with.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import type { Server } from "node:http";
import { createRequire } from "node:module";
import { join } from "node:path";
import type { Page } from "playwright-core";
import type { Stroke } from "../src/recognizer/types.js";
import { browser, Hands, host, until, type Browser, type Host } from "./browser.js";
import { page as folder, root } from "./model.js";

const OWN = JSON.parse(readFileSync(join(folder, "tests/own-ink.json"), "utf8")) as { name: string; strokes: Stroke[] }[];
const AXE = readFileSync(createRequire(join(folder, "package.json")).resolve("axe-core/axe.min.js"), "utf8");
export const BOX = { x: 300, y: 340, width: 500, height: 200 };
const FRESH = "New sheet; this one goes to the history";

/** Strokes of our own: `x^2+1=5`, `fraction`, `root`, `integral`, `brackets` or `sub`. */
export const own = (name: string) => OWN.find((sample) => sample.name === name)!.strokes;

export class Site {
  /** What the console said that it should not. */
  readonly complaints: string[] = [];

  private constructor(
    readonly chrome: Browser, readonly page: Page, readonly hands: Hands, private readonly host: Host,
  ) {
    page.on("console", (message) => ["error", "warning"].includes(message.type()) && this.complaints.push(message.text()));
    page.on("pageerror", (error) => this.complaints.push(error.message));
  }

  static async open(options: Parameters<typeof browser>[1] = {}): Promise<Site> {
    const home = await host(join(root, "build/site"));
    const chrome = await browser(home.address, options);
    const page = await chrome.context.newPage();
    const site = new Site(chrome, page, await Hands.on(page), home);
    await site.goto();
    return site;
  }

  get home(): string {
    return this.host.address;
  }

  get server(): Server {
    return this.host.server;
  }

  get asked(): readonly string[] {
    return this.host.asked;
  }

  given(packed: boolean): number {
    return this.host.given(packed);
  }

  async close(): Promise<void> {
    await this.chrome.close();
    this.server.close();
  }

  async goto(address = this.home): Promise<void> {
    await this.page.goto(address);
    await until(this.page, "the model is there", () => document.querySelector(".status")?.textContent === "On this device", 90);
  }

  /** An empty sheet, a pen, and nothing open. */
  async fresh(): Promise<void> {
    await this.page.setViewportSize({ width: 1280, height: 800 });
    await this.page.evaluate(async () => {
      document.querySelectorAll("dialog").forEach((box) => box.close());
      document.querySelectorAll<HTMLElement>("[popover]:popover-open").forEach((menu) => menu.hidePopover());
    });
    if (await this.count()) await this.press(FRESH);
    await this.press("Pen");
    await this.wait("an empty sheet", () => !document.querySelector(".line"));
  }

  press(label: string): Promise<void> {
    return this.page.getByRole("button", { name: label, exact: true }).click();
  }

  /** Press a button of the menu of formats. */
  async take(label: string): Promise<void> {
    await this.press("Copy as …");
    await this.press(label);
  }

  wait(what: string, ask: () => unknown, seconds = 40): Promise<void> {
    return until(this.page, what, ask, seconds);
  }

  /** How many strokes there are. */
  count(): Promise<number> {
    return this.page.evaluate(() => document.querySelector("math-pad")!.ink.length);
  }

  latex(line = 0): Promise<string> {
    return this.page.evaluate((i) => document.querySelectorAll<HTMLElement>(".line")[i]?.dataset.latex ?? "", line);
  }

  async reads(text: string, line = 0, seconds = 60): Promise<void> {
    for (const end = Date.now() + seconds * 1000; (await this.latex(line)) !== text;) {
      assert.ok(Date.now() < end, `not read: ${text}, but ${await this.latex(line)}`);
      await this.page.waitForTimeout(50);
    }
  }

  write(name: string, box = BOX): Promise<void> {
    return this.hands.write(own(name), box);
  }

  clipboard(): Promise<string> {
    return this.page.evaluate(() => navigator.clipboard.readText());
  }

  /** Choose in the settings, and close them. */
  async set(choose: (page: Page) => Promise<void>): Promise<void> {
    await this.press("Settings");
    await choose(this.page);
    await this.page.keyboard.press("Escape");
  }

  /** Where a place on the paper is on the screen. */
  screen(x = 0, y = 0): Promise<[number, number]> {
    return this.page.evaluate(([px, py]) => document.querySelector("math-pad")!.screen(px, py), [x, y] as const);
  }

  async axe(where: string): Promise<void> {
    if (!(await this.page.evaluate(() => "axe" in window))) await this.page.evaluate(AXE);
    const found = await this.page.evaluate(async () => {
      const { violations } = await (window as unknown as { axe: Axe }).axe.run();
      return violations.map(({ id, nodes }) => `${id}: ${nodes.map((node) => `${node.html.slice(0, 90)} ${node.failureSummary}`).join(" | ")}`);
    });
    assert.deepEqual(found, [], where);
  }
}

interface Axe {
  run(): Promise<{ violations: { id: string; nodes: { html: string; failureSummary: string }[] }[] }>;
}
