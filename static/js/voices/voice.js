/** Take the voice out of a message that carries one. */
export function voiceOf({ model_slug, voice_slug }) {
  return { model_slug, voice_slug };
}

export function sameVoice(one, other) {
  return (
    one !== null &&
    other !== null &&
    one.model_slug === other.model_slug &&
    one.voice_slug === other.voice_slug
  );
}

/** Return what is known of a voice, or null of one that is not listed. */
export const entryOf = (voices, voice) => voices.find((each) => sameVoice(each, voice)) ?? null;

/** Name a voice for a person. */
export const shownName = (voices, voice) =>
  entryOf(voices, voice)?.name ?? voice?.voice_slug ?? "Choose a voice";

/** Name a voice for logs: "model/voice". */
export function voiceName(voice) {
  return voice === null ? "none" : `${voice.model_slug}/${voice.voice_slug}`;
}
