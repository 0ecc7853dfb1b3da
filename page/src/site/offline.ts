// The service worker: keeps every file of the page, so that it works without a network after the first visit.

/** By the build: every file of the page, and a name for their contents. */
declare const FILES: readonly string[];
declare const VERSION: string;

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
  skipWaiting(): Promise<void>;
};
const CACHE = `page-${VERSION}`;

scope.addEventListener("install", (event) => event.waitUntil(install()));
scope.addEventListener("activate", (event) => event.waitUntil(activate()));
scope.addEventListener("fetch", (event) => {
  if (event.request.method === "GET" && event.request.url.startsWith(scope.registration.scope)) event.respondWith(answer(event.request));
});

/** Get everything; the large packs come from the browser's own cache when the page has just fetched them. */
async function install(): Promise<void> {
  const cache = await caches.open(CACHE);
  for (const file of FILES) {
    const address = new URL(file, scope.registration.scope).href;
    if (!(await cache.match(address))) await cache.add(address);
  }
  await cache.put(scope.registration.scope, (await cache.match(new URL("index.html", scope.registration.scope).href)) as Response);
  await scope.skipWaiting();
}

async function activate(): Promise<void> {
  const old = (await caches.keys()).filter((name) => name.startsWith("page-") && name !== CACHE);
  await Promise.all(old.map((name) => caches.delete(name)));
  await scope.clients.claim();
}

async function answer(request: Request): Promise<Response> {
  const address = new URL(request.url);
  address.hash = address.search = "";
  return (await (await caches.open(CACHE)).match(address.href)) ?? fetch(request);
}
