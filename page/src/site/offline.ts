// The service worker: keeps every file of the page, so that it works without a network after the first visit.

/** By the build: files of the page but for the model, scripts that come packed, and names for the contents. */
declare const FILES: readonly string[];
declare const PACKED: readonly string[];
declare const VERSION: string;
declare const MODEL: string;

interface Waiting extends Event {
  waitUntil(work: Promise<unknown>): void;
}
interface Asked extends Waiting {
  readonly request: Request;
  respondWith(answer: Promise<Response>): void;
}
const scope = self as unknown as {
  readonly registration: { readonly scope: string };
  addEventListener(name: "install" | "activate", handler: (event: Waiting) => void): void;
  addEventListener(name: "fetch", handler: (event: Asked) => void): void;
  readonly clients: { claim(): Promise<void> };
};
const [PAGE_CACHE, MODEL_CACHE] = [`page-${VERSION}`, `model-${MODEL}`];

scope.addEventListener("install", (event) => event.waitUntil(install()));
scope.addEventListener("activate", (event) => event.waitUntil(activate()));
scope.addEventListener("fetch", (event) => {
  if (event.request.method === "GET" && event.request.url.startsWith(scope.registration.scope)) event.respondWith(answer(event));
});

/** Get all but the model, which is kept when the page fetches it: it is large, and fetched once. */
async function install(): Promise<void> {
  const cache = await caches.open(PAGE_CACHE);
  const request = (file: string) => new Request(new URL(file, scope.registration.scope), { cache: "no-cache" });
  await Promise.all([cache.addAll(FILES.map(request)), ...PACKED.map((file) => unpack(cache, request(file)))]);
  await cache.put(scope.registration.scope, (await cache.match(new URL("index.html", scope.registration.scope))) as Response);
}

/** Keep a script, under its own name, that comes packed. */
async function unpack(cache: Cache, request: Request): Promise<void> {
  const response = await fetch(request);
  if (!response.ok || !response.body) throw new Error(`${request.url}: status ${response.status}`);
  const script = response.body.pipeThrough(new DecompressionStream("gzip"));
  await cache.put(request.url.replace(/\.pack$/, ""), new Response(script, { headers: { "Content-Type": "text/javascript" } }));
}

/** Forget former pages and models. This one begins with the first visit, a newer one when the old is closed. */
async function activate(): Promise<void> {
  const old = (await caches.keys()).filter((name) => /^(page|model)-/.test(name) && name !== PAGE_CACHE && name !== MODEL_CACHE);
  await Promise.all(old.map((name) => caches.delete(name)));
  await scope.clients.claim();
}

async function answer(event: Asked): Promise<Response> {
  const address = new URL(event.request.url);
  address.hash = address.search = "";
  const kept = await caches.match(address.href);
  if (kept) return kept;
  const response = await fetch(event.request);
  if (response.ok && address.href.startsWith(new URL("model/", scope.registration.scope).href)) {
    const copy = response.clone();
    event.waitUntil(caches.open(MODEL_CACHE).then((cache) => cache.put(address.href, copy)));
  }
  return response;
}
