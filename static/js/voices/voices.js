/** What is known of voices: their languages' names, groups to show them in, words to find them by. */

export const baseOf = (language) => language.split("-")[0].toLowerCase();

/** Whether some voice speaks this language (BCP 47). */
export const isSpoken = (voices, language) =>
  voices.some((voice) => baseOf(voice.language) === baseOf(language));

const byName = (one, other) => one.localeCompare(other);
const languageNames = new Intl.DisplayNames("en", { type: "language", fallback: "none" });

/** The name of a language (BCP 47), or null of a code that is none, such as an engine's own. */
export function languageName(language) {
  try {
    return languageNames.of(baseOf(language)) ?? null;
  } catch {
    return null;
  }
}

export const languageOf = (voice) =>
  languageName(voice.language) ?? (voice.language_name || voice.name);

/**
 * Group voices by language and model: the document's language first, then the most natural ones, then
 * by name.
 */
export function grouped(voices, language) {
  const groups = new Map();
  for (const voice of voices) {
    const key = `${voice.model_slug} ${baseOf(voice.language)}`;
    if (!groups.has(key)) {
      groups.set(key, {
        languageName: languageOf(voice),
        modelName: voice.model_name,
        nature: voice.nature,
        rank: voice.rank,
        isOwn: baseOf(voice.language) === baseOf(language),
        voices: [],
      });
    }
    groups.get(key).voices.push(voice);
  }
  for (const group of groups.values()) {
    group.voices.sort(
      (one, other) => other.featured - one.featured || byName(one.name, other.name),
    );
  }
  return [...groups.values()].sort(
    (one, other) =>
      other.isOwn - one.isOwn ||
      one.rank - other.rank ||
      byName(one.languageName, other.languageName) ||
      byName(one.modelName, other.modelName),
  );
}

/** The languages of voices with how many speak each: {base, name, count}, as groups are sorted. */
export function languages(voices, language) {
  const found = new Map();
  for (const voice of voices) {
    const base = baseOf(voice.language);
    const entry = found.get(base) ?? { base, name: languageOf(voice), count: 0 };
    entry.count += 1;
    found.set(base, entry);
  }
  const isOwn = ({ base }) => Number(base === baseOf(language));
  return [...found.values()].sort(
    (one, other) => isOwn(other) - isOwn(one) || byName(one.name, other.name),
  );
}

/** What a voice is found by. */
export function wordsOf(voice) {
  return fold(
    [
      voice.name,
      voice.language,
      languageOf(voice),
      voice.language_name,
      voice.model_name,
      voice.nature,
      voice.voice_slug,
    ].join(" "),
  );
}

/** Fold case and accents, so that either way of writing finds a name. */
export function fold(text) {
  return text.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase().trim();
}
