// Keeps all files of this app, so that it works without a network; those of LATER once a page has asked for them. The
// constants are filled in by `cyclekit export`.

const FILES = [];
const LATER = [];
const VERSION = "";

self.addEventListener("install", (event) => {
  event.waitUntil(caches.open(VERSION).then((cache) => cache.addAll(FILES)).then(() => self.skipWaiting()));
});

self.addEventListener("activate", (event) => {
  const old = (names) => Promise.all(names.filter((name) => name !== VERSION).map((name) => caches.delete(name)));
  event.waitUntil(caches.keys().then(old).then(() => self.clients.claim()));
});

self.addEventListener("fetch", (event) => {
  if (event.request.method !== "GET") return;
  event.respondWith(caches.match(event.request, { ignoreSearch: true }).then((kept) => kept ?? fetched(event.request)));
});

async function fetched(request) {
  const response = await fetch(request);
  const later = LATER.some((name) => new URL(name, self.registration.scope).href === request.url);
  if (response.ok && later) await (await caches.open(VERSION)).put(request, response.clone());
  return response;
}
