// A real Chromium, a static host for the built site, and hands that write on it.
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { extname, join, normalize } from "node:path";
import { gzipSync } from "node:zlib";
import { chromium, type BrowserContext, type CDPSession, type Page } from "playwright-core";
import type { Stroke } from "../src/recognizer/types.js";

const TYPES: Record<string, string> = {
  ".html": "text/html", ".js": "text/javascript", ".css": "text/css", ".json": "application/json", ".svg": "image/svg+xml",
  ".woff2": "font/woff2", ".webmanifest": "application/manifest+json",
};
const PATHS = [process.env.CHROMIUM, "/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"];
export const chromiumPath = PATHS.find((path) => path && existsSync(path));

export interface Host {
  readonly server: Server;
  readonly address: string;
  /** What was asked for. */
  readonly asked: string[];
  /** How many bytes of it went out, text as it is or as gzip makes it. */
  given(packed: boolean): number;
}

/** Serve a folder as any static host does, with no headers of our own but one that tells whether a file has changed. */
export async function host(folder: string): Promise<Host> {
  const asked: string[] = [];
  const given: [number, number][] = [];
  const server = createServer((request, response) => {
    asked.push(request.url ?? "");
    const name = normalize(decodeURIComponent(new URL(request.url ?? "/", "http://x").pathname)).replace(/\/$/, "/index.html");
    const file = join(folder, name);
    if (!existsSync(file) || !statSync(file).isFile()) return response.writeHead(404).end();
    const tag = `"${statSync(file).mtimeMs}"`;
    if (request.headers["if-none-match"] === tag) return response.writeHead(304, { ETag: tag }).end();
    const [type, content] = [TYPES[extname(file)], readFileSync(file)];
    given.push([content.length, type && extname(file) !== ".woff2" ? gzipSync(content).length : content.length]);
    response.writeHead(200, { "Content-Type": type ?? "application/octet-stream", ETag: tag }).end(content);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const sum = (packed: boolean) => given.reduce((total, sizes) => total + sizes[Number(packed)], 0);
  return { server, address: `http://localhost:${(server.address() as AddressInfo).port}/`, asked, given: sum };
}

export interface Browser {
  readonly context: BrowserContext;
  /** Addresses of every request that went elsewhere than to `home`. */
  readonly elsewhere: string[];
  close(): Promise<void>;
}

export async function browser(home: string, options: Parameters<typeof chromium.launchPersistentContext>[1] = {}): Promise<Browser> {
  const profile = mkdtempSync(join(tmpdir(), "math-page-"));
  const context = await chromium.launchPersistentContext(profile, {
    executablePath: chromiumPath, headless: true, viewport: { width: 1280, height: 800 },
    args: ["--headless", "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking",
      "--disable-component-update", "--disable-sync"],
    permissions: ["clipboard-read", "clipboard-write"], ...options,
  });
  const elsewhere: string[] = [];
  context.on("request", (request) => {
    if (!request.url().startsWith(home) && !/^(data|blob):/.test(request.url())) elsewhere.push(request.url());
  });
  const close = async () => {
    await context.close();
    rmSync(profile, { recursive: true, force: true });
  };
  return { context, elsewhere, close };
}

type Kind = "pen" | "mouse" | "touch";
/** A part of the screen, in pixels. */
type Rectangle = Readonly<Record<"x" | "y" | "width" | "height", number>>;

/** Hands on a page: they write by true input events. */
export class Hands {
  private constructor(private readonly page: Page, private readonly session: CDPSession) {}

  static async on(page: Page): Promise<Hands> {
    return new Hands(page, await page.context().newCDPSession(page));
  }

  /** Write strokes, scaled into a box of the paper, with a pause after each, in milliseconds. */
  async write(strokes: readonly Stroke[], box: Rectangle, kind: Kind = "pen", pause = 0): Promise<void> {
    for (const stroke of this.placed(strokes, box)) {
      await this.stroke(stroke, kind);
      if (pause) await this.page.waitForTimeout(pause);
    }
  }

  placed(strokes: readonly Stroke[], box: Rectangle): number[][][] {
    const all = strokes.flat();
    const [xs, ys] = [all.map(([x]) => x), all.map(([, y]) => y)];
    const [left, top] = [Math.min(...xs), Math.min(...ys)];
    const scale = Math.min(box.width / (Math.max(...xs) - left || 1), box.height / (Math.max(...ys) - top || 1));
    return strokes.map((stroke) => stroke.map(([x, y]) => [box.x + (x - left) * scale, box.y + (y - top) * scale]));
  }

  async stroke(points: readonly (readonly number[])[], kind: Kind = "pen"): Promise<void> {
    if (kind === "touch") return this.finger(points, 8);
    const send = (type: "mousePressed" | "mouseMoved" | "mouseReleased", [x, y]: readonly number[]) =>
      this.session.send("Input.dispatchMouseEvent", {
        type, x, y, button: "left", buttons: type === "mouseReleased" ? 0 : 1, clickCount: 1, pointerType: kind === "pen" ? "pen" : "mouse",
        force: kind === "pen" ? 0.6 : 0,
      });
    await send("mousePressed", points[0]);
    for (const point of points.slice(1)) await send("mouseMoved", point);
    await send("mouseReleased", points[points.length - 1]);
  }

  /** Put a pen down and leave it there. */
  async begin(points: readonly (readonly number[])[]): Promise<void> {
    const event = { button: "left", buttons: 1, clickCount: 1, pointerType: "pen", force: 0.6 } as const;
    await this.session.send("Input.dispatchMouseEvent", { type: "mousePressed", x: points[0][0], y: points[0][1], ...event });
    for (const [x, y] of points.slice(1)) await this.session.send("Input.dispatchMouseEvent", { type: "mouseMoved", x, y, ...event });
  }

  /** A finger, or with a large `radius` a palm. */
  finger(points: readonly (readonly number[])[], radius: number): Promise<void> {
    return this.fingers([points], radius);
  }

  /** Fingers that go their ways together, each with as many points. */
  async fingers(ways: readonly (readonly (readonly number[])[])[], radius = 8): Promise<void> {
    type Contact = { x: number; y: number; radiusX: number; radiusY: number; id: number };
    const send = (type: "touchStart" | "touchMove" | "touchEnd", touchPoints: Contact[]) =>
      this.session.send("Input.dispatchTouchEvent", { type, touchPoints });
    const at = (step: number) => ways.map((way, id) => ({ x: way[step][0], y: way[step][1], radiusX: radius, radiusY: radius, id }));
    await send("touchStart", at(0));
    for (let step = 1; step < ways[0].length; step++) await send("touchMove", at(step));
    await send("touchEnd", []);
  }
}

/** Wait until `ask`, run in the page, is true. */
export async function until(page: Page, what: string, ask: () => unknown, seconds = 20): Promise<void> {
  for (const end = Date.now() + 1000 * seconds; Date.now() < end;) {
    if (await page.evaluate(ask)) return;
    await page.waitForTimeout(50);
  }
  throw new Error(`not within ${seconds} s: ${what}`);
}
