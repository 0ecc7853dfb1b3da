// The first visit, and all others: what is fetched, and that nothing more is needed.
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { chromiumPath } from "./browser.js";
import { Site } from "./site.js";

describe("offline", { skip: !chromiumPath && "there is no Chromium" }, () => {
  test("the first visit fetches the model once; later ones work without a network", async () => {
    const site = await Site.open();
    try {
      await site.wait("all is kept", async () => (await caches.keys()).length === 2 && (await navigator.serviceWorker.ready).active);
      const packs = site.asked.filter((name) => /^\/model\/.*\.pack$/.test(name));
      assert.deepEqual([packs.length, new Set(packs).size], [4, 4], `the model comes once: ${packs}`);
      const [plain, packed] = [site.given(false), site.given(true)];
      console.log(`first visit: ${(packed / 1e6).toFixed(2)} MB from a host that compresses text, ${(plain / 1e6).toFixed(2)} MB from others`);
      assert.ok(packed < 16e6 && plain < 16e6);
      site.server.closeAllConnections();
      await new Promise((resolve) => site.server.close(resolve));
      await site.goto();
      await site.write("fraction");
      await site.reads("\\frac { a + b } { 2 }");
      await site.press("Edit the formula");
      await site.page.waitForSelector("math-field");
      await site.press("Cancel");
      assert.deepEqual([site.chrome.elsewhere, site.complaints], [[], []]);
    } finally {
      await site.close();
    }
  });
});
