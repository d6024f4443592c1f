/**
 * When the next block begins: so long after the last word of the one before as is chosen, whatever
 * silence the two sounds have at their ends. All pauses are shorter when it is read faster.
 */

/** Return the time until the next sound is to begin, in ms as they pass; null if not known. */
export function untilTurn({ sound, next, leftMs, pauseMs, speed, now }) {
  if (!sound?.started || !next?.handle) return null;
  const [, trail] = sound.handle.silence;
  const afterWords = Math.max(0, pauseMs - leadOf(next));
  const isOver = sound.endedAt !== null;
  const soundMs = (isOver ? 0 : leftMs) - trail + afterWords;
  const ms = soundMs / speed - (isOver ? now - sound.endedAt : 0);
  return Number.isFinite(ms) ? ms : null;
}

/** Return where the next sound is to begin, so that it is not silent for longer than the pause. */
export function placeAfter(next, pauseMs) {
  const surplus = leadOf(next) - pauseMs;
  return surplus > 0 ? { ms: surplus } : {};
}

const leadOf = (next) => next?.handle?.silence[0] ?? 0;
