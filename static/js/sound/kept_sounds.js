const FIND_WITHIN_MS = 2_000;
// When the browser has no room left, so much of all is thrown out at once.
const PART_THROWN_OUT = 0.1;

export const MB = 1_000_000;

/**
 * Sounds and their marks, kept in this browser for one person; what was heard least recently is
 * thrown out first.
 *
 * An address names one revision of one variant, so what is kept under it is never stale. It can
 * be damaged: it counts only if its size and its hash are those that were noted.
 * Nothing here is needed for listening: whatever goes wrong, it keeps less, and says nothing.
 */
export class KeptSounds {
  #name;
  #limit;
  #document;
  #index;
  #caches;
  #locked;
  #now;
  #isOff;

  /**
   * `limit`: in bytes, 0 for none; `document`: whose sounds are heard here; `locked(run)`: let no
   * other tab change anything while this runs.
   */
  constructor({
    name = "",
    limit = 0,
    document = "",
    index = null,
    caches = null,
    locked = (run) => run(),
    now = Date.now,
  }) {
    this.#name = name;
    this.#limit = limit;
    this.#document = document;
    this.#index = index;
    this.#caches = caches;
    this.#locked = locked;
    this.#now = now;
    this.#isOff = limit <= 0;
  }

  /** Return what is kept as `{blob, silence}`, or null. */
  find(url) {
    if (this.#isOff) return Promise.resolve(null);
    let timer;
    // A database of the browser may hang, and the person wants to listen.
    const late = new Promise((resolve) => {
      timer = setTimeout(() => {
        this.#isOff = true;
        resolve(null);
      }, FIND_WITHIN_MS);
    });
    const found = this.#find(url).catch(() => null);
    return Promise.race([found, late]).finally(() => clearTimeout(timer));
  }

  /** Return what is kept as JSON, else what `load` fetches, and keep it. */
  async json(url, load) {
    const found = await this.find(url);
    if (found !== null) return JSON.parse(await found.blob.text());
    const value = await load();
    this.#keep(url, new Blob([JSON.stringify(value)], { type: "application/json" }), {});
    return value;
  }

  /** It was heard from here. */
  async heard() {
    await this.#count("hits");
  }

  /** Keep a sound that came from the server, if it is whole: as long as `bytes` says. */
  async keep(url, { blob, silence, bytes }) {
    await this.#count("misses");
    if (blob.size === bytes) await this.#keep(url, blob, { silence });
  }

  async drop(url) {
    await this.#try(() => this.#locked(() => this.#delete(url)));
  }

  async dropDocument(document) {
    await this.#try(() =>
      this.#locked(async () => {
        for (const entry of await this.#index.all()) {
          if (entry.document === document) await this.#delete(entry.url);
        }
      }),
    );
  }

  /** Throw away all there is, and what was counted. */
  async dropAll() {
    await this.#try(() =>
      this.#locked(async () => {
        await this.#caches.delete(this.#name);
        await this.#index.clear();
      }),
    );
  }

  /** Throw out what is more than the limit. */
  async trim() {
    await this.#try(() => this.#locked(() => this.#makeRoom(0)));
  }

  /** Return all that is kept and how often it was of use: `{entries, hits, misses}`. */
  async figures() {
    const [entries, hits = 0, misses = 0] = await Promise.all([
      this.#index.all(),
      this.#index.counted("hits"),
      this.#index.counted("misses"),
    ]);
    return { entries, hits, misses };
  }

  async #find(url) {
    const entry = await this.#index.get(url);
    if (!entry) return null;
    const cache = await this.#caches.open(this.#name);
    const blob = await (await cache.match(url))?.blob();
    if (!(await isSound(blob, entry))) {
      await this.drop(url);
      return null;
    }
    this.#try(() => this.#index.touch(url, this.#now()));
    return { blob, silence: entry.silence ?? [0, 0] };
  }

  async #keep(url, blob, more) {
    if (this.#isOff || this.#index.isGone || blob.size > this.#limit) return;
    await this.#try(async () => {
      const entry = {
        ...more,
        url,
        document: this.#document,
        bytes: blob.size,
        hash: await hashOf(blob),
        heard: this.#now(),
      };
      await this.#locked(() => this.#write(entry, blob));
    });
  }

  async #write(entry, blob) {
    await this.#makeRoom(entry.bytes, entry.url);
    try {
      await this.#put(entry, blob);
    } catch (error) {
      if (error?.name !== "QuotaExceededError") throw error;
      await this.#throwOutPart(entry.bytes);
      await this.#put(entry, blob);
    }
  }

  async #put(entry, blob) {
    // First the note, then the sound: a sound without a note would stay for ever.
    await this.#index.put(entry);
    try {
      const cache = await this.#caches.open(this.#name);
      await cache.put(entry.url, new Response(blob));
    } catch (error) {
      await this.#delete(entry.url);
      throw error;
    }
    if (this.#index.isGone) await this.#caches.delete(this.#name);
  }

  async #makeRoom(bytes, except = null) {
    const others = (await this.#index.all()).filter(({ url }) => url !== except);
    await this.#throwOut(others, sum(others) + bytes - this.#limit);
  }

  async #throwOutPart(bytes) {
    const entries = await this.#index.all();
    await this.#throwOut(entries, Math.max(2 * bytes, sum(entries) * PART_THROWN_OUT));
  }

  /** Throw out so many bytes, or some more. */
  async #throwOut(entries, bytes) {
    entries.sort((one, other) => one.heard - other.heard);
    for (let left = bytes; left > 0 && entries.length > 0; ) {
      const { url, bytes: gained } = entries.shift();
      await this.#delete(url);
      left -= gained;
    }
  }

  async #delete(url) {
    await (await this.#caches.open(this.#name)).delete(url);
    await this.#index.delete(url);
  }

  #count(name) {
    return this.#try(() => this.#index.count(name));
  }

  async #try(act) {
    if (this.#index === null || this.#index.isGone) return;
    try {
      await act();
    } catch (error) {
      console.debug("kept sounds", error);
    }
  }
}

/** Whether this is what was noted. */
const isSound = async (blob, { bytes, hash }) =>
  blob?.size === bytes && (await hashOf(blob)) === hash;

async function hashOf(blob) {
  // Only secure pages have it; elsewhere the size must do.
  if (!globalThis.crypto?.subtle) return "";
  const hash = await crypto.subtle.digest("SHA-256", await blob.arrayBuffer());
  return Array.from(new Uint8Array(hash), (byte) => byte.toString(16).padStart(2, "0")).join("");
}

const sum = (entries) => entries.reduce((total, { bytes }) => total + bytes, 0);
