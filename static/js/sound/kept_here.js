import { KeptIndex } from "./kept_index.js";
import { KeptSounds, MB } from "./kept_sounds.js";

const PREFIX = "lectern-sounds-";

/** Whether this browser can keep sounds: over plain http it mostly will not. */
export const canKeep = () => Boolean(globalThis.caches && globalThis.indexedDB);

/** Return what this browser keeps for a person, `{id, kept_sounds_mb}`, and forget all others. */
export function keptHere({ id, kept_sounds_mb: mb }, document = "") {
  const name = `${PREFIX}${id}`;
  forgetKept(mb > 0 ? name : null);
  if (!canKeep() || mb <= 0) return new KeptSounds({});
  return new KeptSounds({
    name,
    document,
    limit: mb * MB,
    index: new KeptIndex(name),
    caches,
    locked: (run) => navigator.locks.request(name, run),
  });
}

/** Forget what is kept for anyone but the one of this name. */
export async function forgetKept(except = null) {
  if (!canKeep()) return;
  try {
    const databases = (await indexedDB.databases?.()) ?? [];
    const names = new Set([...(await caches.keys()), ...databases.map(({ name }) => name)]);
    for (const name of names) {
      if (!name.startsWith(PREFIX) || name === except) continue;
      // Pages that are open elsewhere hear of the first, and keep nothing from then on.
      indexedDB.deleteDatabase(name);
      await caches.delete(name);
    }
  } catch (error) {
    console.debug("kept sounds", error);
  }
}
