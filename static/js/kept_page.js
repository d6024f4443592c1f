import { onPage } from "./pages.js";
import { canKeep, keptHere } from "./sound/kept_here.js";
import { MB } from "./sound/kept_sounds.js";

const CANNOT = isSecureContext
  ? "This browser keeps no sound for pages: each sound is fetched when it is heard."
  : "Browsers keep sound only for pages that come over https, or from this same device: here, " +
    "each sound is fetched when it is heard.";
// Stands in a row's link in the place of a document's.
const NO_DOCUMENT = "00000000-0000-0000-0000-000000000000";
const HUNG = "This browser does not let the page look at what is kept. Is it a private window?";

onPage("#kept-config", list);

/** Say what is kept, and let it be cleared. */
function list() {
  /** @type {(id: string) => any} an element of the kind that it is */
  const find = (id) => document.getElementById(id);
  const { user, titles } = JSON.parse(find("kept-config").textContent);
  const kept = keptHere(user);

  find("kept-clear").addEventListener("click", () => clear(() => kept.dropAll()));
  if (!canKeep()) tell(CANNOT);
  else if (user.kept_sounds_mb > 0) start();
  else showNone();

  async function start() {
    try {
      const { entries } = await kept.figures();
      const gone = new Set(entries.map((entry) => entry.document).filter((id) => !(id in titles)));
      for (const id of gone) await kept.dropDocument(id);
      await kept.trim();
      await show();
    } catch {
      tell(HUNG);
    }
  }

  async function show() {
    const { entries, hits, misses } = await kept.figures();
    const documents = new Map();
    let [sounds, bytes] = [0, 0];
    for (const entry of entries) {
      const its = documents.get(entry.document) ?? { sounds: 0, bytes: 0 };
      documents.set(entry.document, its);
      const isSound = entry.silence ? 1 : 0; // Marks have none.
      its.sounds += isSound;
      its.bytes += entry.bytes;
      sounds += isSound;
      bytes += entry.bytes;
    }
    const limit = user.kept_sounds_mb;
    find("kept-total").textContent = `${soundsOf(sounds)}, ${inMB(bytes)} of ${limit} MB`;
    find("kept-bar").value = bytes / (limit * MB);
    find("kept-rate").textContent = rate(hits, hits + misses);
    const rows = [...documents].sort(([, one], [, other]) => other.bytes - one.bytes);
    find("kept-documents").tBodies[0].replaceChildren(...rows.map(([id, its]) => rowOf(id, its)));
    find("kept-documents").hidden = find("kept-clear").hidden = entries.length === 0;
    find("kept").hidden = false;
  }

  function showNone() {
    find("kept-total").textContent = "Nothing is kept, as you chose.";
    find("kept-bar").hidden = true;
    find("kept").hidden = false;
  }

  function rowOf(id, { sounds, bytes }) {
    const row = find("kept-row").content.cloneNode(true);
    const title = titles[id] || "A new document";
    const link = row.querySelector("a");
    link.href = link.getAttribute("href").replace(NO_DOCUMENT, id);
    link.textContent = title;
    const [count, size] = row.querySelectorAll("td");
    count.textContent = sounds;
    size.textContent = inMB(bytes);
    const button = row.querySelector("button");
    button.setAttribute("aria-label", `Clear the sound of ${title}`);
    button.addEventListener("click", () => clear(() => kept.dropDocument(id)));
    return row;
  }

  async function clear(drop) {
    await drop();
    await show();
    // The button that had the focus is gone with its row.
    find("kept-total").tabIndex = -1;
    find("kept-total").focus();
  }

  function tell(words) {
    find("kept-cannot").textContent = words;
    find("kept-cannot").hidden = false;
  }

  function rate(hits, all) {
    if (all === 0) return "";
    const percent = Math.round((100 * hits) / all);
    return `Of ${soundsOf(all)} that you heard, ${hits} came from here: ${percent} %.`;
  }

  const soundsOf = (count) => (count === 1 ? "1 sound" : `${count} sounds`);
  const inMB = (bytes) => (bytes / MB).toFixed(bytes < 10 * MB ? 2 : 1);
}
