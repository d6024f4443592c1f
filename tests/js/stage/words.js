/** Two sentences of two words each, with a silence between them. */
export const WORDS = [
  [0, 3, 0, 500],
  [4, 8, 500, 1_000],
  [10, 13, 1_400, 2_000],
  [14, 17, 2_000, 2_900],
];
export const sentences = () => [[0, 10], [10, 17]];

/** The same words in two voices, of which the second speaks twice as fast. */
const WORDS_OF_A = [
  [0, 3, 0, 400],
  [4, 8, 400, 900],
  [10, 14, 900, 1_500],
  [15, 19, 1_500, 2_900],
];
const WORDS_OF_B = WORDS_OF_A.map(([start, end, from, to]) => [start, end, from / 2, to / 2]);
export const twoSentences = () => [[0, 10], [10, 99]];
export const loadMarks = async (url) => (url.startsWith("marks/a") ? WORDS_OF_A : WORDS_OF_B);
