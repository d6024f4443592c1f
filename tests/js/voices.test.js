import assert from "node:assert/strict";
import { test } from "node:test";

import { grouped, languages } from "../../static/js/voices/voices.js";

const voice = (model_slug, name, language, featured = false) => ({
  model_slug,
  model_name: model_slug,
  voice_slug: name.toLowerCase(),
  name,
  language,
  language_name: "",
  featured,
});

const VOICES = [
  voice("espeak", "Zoe", "en-GB"),
  voice("espeak", "Adam", "en-US"),
  voice("espeak", "Mia", "en", true),
  voice("espeak", "Hans", "de-AT"),
  voice("server", "Åsa", "sv"),
  voice("espeak", "Pirate", "x-pirate"),
];

test("the document's language comes first, then the others by name, with how many there are", () => {
  assert.deepEqual(
    languages(VOICES, "de-CH").map(({ base, count }) => [base, count]),
    [["de", 1], ["en", 3], ["x", 1], ["sv", 1]],
  );
  assert.deepEqual(languages(VOICES, "")[0].name, "English");
});

test("natural voices come before robotic ones, those of the document's language before all", () => {
  const like = (rank, one) => ({ ...one, rank, nature: ["natural", "", "robotic"][rank] });
  const groups = grouped(
    [
      like(2, voice("espeak", "Adam", "en-US")),
      like(2, voice("espeak", "Hans", "de")),
      like(1, voice("another", "Uwe", "de")),
      like(0, voice("piper", "Thorsten", "de")),
      like(2, voice("espeak", "Li", "zh")),
      like(0, voice("hibari", "Heart", "en-US")),
    ],
    "de",
  );
  assert.deepEqual(
    groups.map(({ languageName, modelName, nature }) => [languageName, modelName, nature]),
    [
      ["German", "piper", "natural"],
      ["German", "another", ""],
      ["German", "espeak", "robotic"],
      ["English", "hibari", "natural"],
      ["Chinese", "espeak", "robotic"],
      ["English", "espeak", "robotic"],
    ],
  );
});

test("voices stand by language and model, those that are featured first", () => {
  const [english, german] = grouped(VOICES, "en");
  assert.deepEqual(english.voices.map(({ name }) => name), ["Mia", "Adam", "Zoe"]);
  assert.equal(german.languageName, "German");
});
