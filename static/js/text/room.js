const GUESSED_PX_PER_CHARACTER = 0.5;

/**
 * How many pixels a block takes up, and each of its characters besides: the straight line nearest
 * to the blocks that were measured, `[characters, height]` each. Neither figure is negative.
 *
 * One figure alone would not do: a book may begin with a page of short lines, or with a picture.
 */
export function roomOf(measured) {
  const known = measured.filter(([characters]) => characters !== undefined);
  if (known.length === 0) return { perBlock: 0, perCharacter: GUESSED_PX_PER_CHARACTER };
  const mean = (of) => known.reduce((sum, each) => sum + of(each), 0) / known.length;
  const length = mean(([characters]) => characters);
  const height = mean(([, px]) => px);
  const spread = mean(([characters]) => (characters - length) ** 2);
  const slope = mean(([characters, px]) => (characters - length) * (px - height)) / spread;
  const most = length > 0 ? height / length : 0;
  // Lines that are all of one row tell nothing of longer ones.
  const perCharacter = Math.min(slope > 0 && spread > 0 ? slope : GUESSED_PX_PER_CHARACTER, most);
  return { perBlock: Math.max(0, height - length * perCharacter), perCharacter };
}
