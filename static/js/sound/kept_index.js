const ENTRIES = "entries";
const COUNTS = "counts";

/**
 * What is known of each thing that is kept, and counts, in a database of the browser: there each
 * change is whole, whichever tab makes it.
 */
export class KeptIndex {
  #opened;
  /** Whether it was taken away: the person signed out, or somebody else signed in. */
  isGone = false;

  constructor(name) {
    this.#opened = this.#open(name);
    this.#opened.catch(() => {}); // Whoever asks for something is told.
  }

  get(url) {
    return this.#run(ENTRIES, "readonly", (store) => store.get(url));
  }

  all() {
    return this.#run(ENTRIES, "readonly", (store) => store.getAll());
  }

  put(entry) {
    return this.#run(ENTRIES, "readwrite", (store) => store.put(entry));
  }

  delete(url) {
    return this.#run(ENTRIES, "readwrite", (store) => store.delete(url));
  }

  /** Note when it was last heard; nothing if another tab has thrown it out meanwhile. */
  touch(url, heard) {
    return this.#run(ENTRIES, "readwrite", (store) => {
      const request = store.get(url);
      request.onsuccess = () => request.result && store.put({ ...request.result, heard });
    });
  }

  count(name) {
    return this.#run(COUNTS, "readwrite", (store) => {
      const request = store.get(name);
      request.onsuccess = () => store.put((request.result ?? 0) + 1, name);
    });
  }

  counted(name) {
    return this.#run(COUNTS, "readonly", (store) => store.get(name));
  }

  async clear() {
    await this.#run(ENTRIES, "readwrite", (store) => store.clear());
    await this.#run(COUNTS, "readwrite", (store) => store.clear());
  }

  async #open(name) {
    const request = indexedDB.open(name);
    request.onupgradeneeded = () => {
      request.result.createObjectStore(ENTRIES, { keyPath: "url" });
      request.result.createObjectStore(COUNTS);
    };
    const database = await new Promise((resolve, reject) => {
      request.onsuccess = () => resolve(request.result);
      request.onerror = () => reject(request.error);
    });
    database.onversionchange = database.onclose = () => {
      this.isGone = true;
      database.close();
    };
    return database;
  }

  async #run(name, mode, act) {
    const transaction = (await this.#opened).transaction(name, mode);
    const request = act(transaction.objectStore(name));
    await new Promise((resolve, reject) => {
      transaction.oncomplete = resolve;
      transaction.onabort = () => reject(transaction.error ?? request?.error);
    });
    return request?.result;
  }
}
