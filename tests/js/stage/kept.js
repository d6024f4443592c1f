import { KeptSounds } from "../../../static/js/sound/kept_sounds.js";

export const NAME = "lectern-sounds-7";

const full = () => new DOMException("no room", "QuotaExceededError");

/** A browser's caches, with `roomBytes` of room. */
export class StageCaches {
  roomBytes = Infinity;
  stores = new Map();

  async open(name) {
    if (!this.stores.has(name)) this.stores.set(name, new StageCache(this));
    return this.stores.get(name);
  }

  async delete(name) {
    return this.stores.delete(name);
  }

  get bytes() {
    const sizes = [...this.stores.values()].flatMap((cache) => [...cache.blobs.values()]);
    return sizes.reduce((total, { size }) => total + size, 0);
  }
}

class StageCache {
  blobs = new Map();
  #caches;

  constructor(caches) {
    this.#caches = caches;
  }

  async match(url) {
    return this.blobs.has(url) ? new Response(this.blobs.get(url)) : undefined;
  }

  async put(url, response) {
    const blob = await response.blob();
    if (this.#caches.bytes + blob.size > this.#caches.roomBytes) throw full();
    this.blobs.set(url, blob);
  }

  async delete(url) {
    return this.blobs.delete(url);
  }
}

export class StageIndex {
  isGone = false;
  entries = new Map();
  counts = {};

  get = async (url) => this.entries.get(url);
  all = async () => [...this.entries.values()];
  put = async (entry) => void this.entries.set(entry.url, entry);
  delete = async (url) => void this.entries.delete(url);
  count = async (name) => void (this.counts[name] = (this.counts[name] ?? 0) + 1);
  counted = async (name) => this.counts[name];

  async touch(url, heard) {
    if (this.entries.has(url)) this.entries.set(url, { ...this.entries.get(url), heard });
  }

  async clear() {
    this.entries.clear();
    this.counts = {};
  }
}

/** Return what a person's browser keeps, and the browser. */
export function stageKept({ limit = 1_000, document = "a", ...more } = {}) {
  const stage = { caches: new StageCaches(), index: new StageIndex(), at: 0 };
  stage.open = (document) =>
    new KeptSounds({
      name: NAME,
      limit,
      document,
      index: stage.index,
      caches: stage.caches,
      now: () => ++stage.at,
      ...more,
    });
  stage.kept = stage.open(document);
  stage.urls = () => [...(stage.caches.stores.get(NAME)?.blobs.keys() ?? [])];
  stage.damage = async (url, blob) =>
    (await stage.caches.open(NAME)).put(url, new Response(blob));
  return stage;
}

/** Return a whole sound of so many bytes, all of them alike. */
export function soundOf(bytes, byte = 1) {
  const blob = new Blob([new Uint8Array(bytes).fill(byte)], { type: "audio/wav" });
  return { blob, silence: [10, 20], bytes };
}
