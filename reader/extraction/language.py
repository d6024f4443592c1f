"""A cheap, honest guess of a text's language: by its script, then by its commonest words."""

from __future__ import annotations

import re
from collections import Counter

from tts.scripts import base_of, is_written_so, script_in

SAMPLE = 20_000  # characters
ENOUGH = 2  # common words to find
# Of the scripts that write syllables or words, a character says as much as several letters.
SYLLABIC, LETTERS_IN_SYLLABLE = ("ja", "ko", "zh"), 3

SCRIPTS = (
    ("ja", "\u3040-\u30ff"),
    ("ko", "\uac00-\ud7af\u1100-\u11ff"),
    ("zh", "\u4e00-\u9fff\u3400-\u4dbf"),
    ("el", "\u0370-\u03ff\u1f00-\u1fff"),
    ("he", "\u0590-\u05ff"),
    ("hy", "\u0530-\u058f"),
    ("ka", "\u10a0-\u10ff"),
    ("am", "\u1200-\u137f"),
    ("th", "\u0e00-\u0e7f"),
    ("bn", "\u0980-\u09ff"),
    ("pa", "\u0a00-\u0a7f"),
    ("gu", "\u0a80-\u0aff"),
    ("ta", "\u0b80-\u0bff"),
    ("te", "\u0c00-\u0c7f"),
    ("kn", "\u0c80-\u0cff"),
    ("ml", "\u0d00-\u0d7f"),
    ("si", "\u0d80-\u0dff"),
    ("my", "\u1000-\u109f"),
    # Scripts of several languages, told apart by words.
    ("Latn", "A-Za-z\xc0-\u024f\u1e00-\u1eff"),
    ("Cyrl", "\u0400-\u052f"),
    ("Arab", "\u0600-\u06ff"),
    ("Deva", "\u0900-\u097f"),
)

COMMON_WORDS = {
    "Latn": {
        "en": "the and of to in is that it was for with as his he be not a but have this are you",
        "de": "der die und das den nicht von zu mit ist ein eine sich auf dem des auch war ich er",
        "fr": "le la les et des est un une que qui dans pour pas sur ne il je vous avec au ce se",
        "es": "el la los de y que en un una las por con no es se para su como del lo más pero",
        "it": "il la di che e un una non per è sono con del della si le gli da come più ma nel",
        "pt": "o a os as de que e do da em um uma não para com se por mais dos no na ao é",
        "nl": "de het een en van ik te dat die in niet zijn is was op aan met voor er maar ook",
        "sv": "och att det i en som är på av för med den till inte har de ett om jag han var",
        "da": "og at det i en er på af for med den til ikke har de et der som jeg han var blev",
        "nb": "og at det i en er på av for med den til ikke har de et som jeg han var ble fra",
        "fi": "ja on ei että se oli hän mutta kun niin ovat joka myös kuin mitä olen tai sen",
        "pl": "i w nie na się z do to że jest jak o co ale po za od tak być przez był dla",
        "cs": "a se v na je že to s z do i o jako ale by jsem si tak byl který pro jsou po",
        "sk": "a sa v na je že to s z do aj o ako ale by som si tak bol ktorý pre sú po",
        "hu": "a az és hogy nem is egy ez volt de csak meg mint már van azt még ha el ki",
        "ro": "și de în la a că o nu pe cu un se din mai ce este care pentru sunt dar am lui",
        "hr": "i je u se na da su za od s kao ne što koji bi ali ili iz po bio nije to",
        "tr": "ve bir bu da de için ile çok ne gibi daha o ben olarak kadar ama var değil",
        "id": "yang dan di itu dengan ini untuk dari tidak dalam akan pada juga adalah ke saya",
        "vi": "và của là có không được một cho người trong với những các này đã khi cũng từ",
        "lt": "ir yra kad į iš su tai buvo bet kaip ne jis apie nuo bus jo šis per už arba",
        "lv": "un ir ka no ar par uz tas bija bet kā nav viņš pēc līdz arī to šī ko vai",
        "et": "ja on ei et see oli ta aga kui ning mis kes ka oma siis veel nii või välja",
        "sl": "in je v na se da so za pa kot ki bi ni z po od tudi še ali kako bil ter",
        "ca": "el la els de i que en un una les per amb no és es del va com més però al",
    },
    "Cyrl": {
        "ru": "и в не на что он с как это по но из у за от же так было был она я бы для",
        "uk": "і в не на що він з як це до та але із у за від є так було був вона я для",
        "bg": "и в не на че той с като това по но от за се да е са ще беше тя аз си",
        "sr": "и у не на да је се он са као то по али из за од су би био она ја",
    },
    "Arab": {
        "ar": "في من على إلى أن هذا هذه التي الذي لا ما عن مع كان هو هي قال ذلك بعد",
        "fa": "و در به از که این را با است برای آن یک خود تا بر هم نیز می شد بود او",
        "ur": "کے میں کی ہے اور سے کا کو اس نے پر یہ ہیں بھی کہ تھا کر نہیں ایک وہ",
    },
    "Deva": {
        "hi": "के में की है और से का को इस ने पर यह हैं भी कि था कर नहीं एक वह",
        "mr": "आणि आहे या ते हे मध्ये नाही तो ती होते एक की व पण असे होता आहेत",
        "ne": "र को छ मा यो हो लाई पनि गर्न भएको थियो छन् एक का ले तर गरेको",
    },
}

# What is taken for the language of a passage in another script, if its words do not tell.
OF_SCRIPT = {"Latn": "en", "Cyrl": "ru", "Arab": "ar", "Deva": "hi", "Hans": "zh"}
# A passage is of another language than its document if so many words show it: this share of them.
ENOUGH_WORDS, CLEAR_SHARE = 8, 0.2
# ... and so many of them are different: titles and names repeat the same few articles.
ENOUGH_KINDS = 3
# Languages whose commonest words are nearly the same: a doubt between two is none about a third.
ALIKE = ({"da", "nb"}, {"cs", "sk"})
# Of Greek, letters alone are signs: formulas are full of them.
GREEK_WORD = re.compile(r"[\u0370-\u03ff\u1f00-\u1fff]{3}")

# First and last letter of each range, and its script.
_RANGES = [(*letters[at : at + 3 : 2], name) for name, letters in SCRIPTS
           for at in range(0, len(letters), 3)]  # fmt: skip
_WORD = re.compile(
    r"(?<![\d_^])[^\W\d_](?:[^\W\d_]|[\u0300-\u036f\u0900-\u0903\u093a-\u094f\u0962\u0963])*"
)


def _by_word(languages: dict[str, str]) -> dict[str, list[str]]:
    """Return which languages have a word among their commonest."""
    found: dict[str, list[str]] = {}
    for language, words in languages.items():
        for word in words.split():
            found.setdefault(word, []).append(language)
    return found


# A passage has few words, and the languages many.
_LANGUAGES_OF = {script: _by_word(languages) for script, languages in COMMON_WORDS.items()}


def guess_language(text: str) -> str:
    """Return a language as BCP 47, or nothing when the text does not show it."""
    sample = text[:SAMPLE]
    if len(text) > 2 * SAMPLE:  # a book may begin with a licence in another language
        sample += text[len(text) // 2 :][:SAMPLE]
    letters = dict.fromkeys((name for name, _ in SCRIPTS), 0)
    for letter, count in Counter(sample).items():
        if script := _script(letter):
            letters[script] += count
    for name in SYLLABIC:
        letters[name] *= LETTERS_IN_SYLLABLE
    script = max(letters, key=lambda name: letters[name])
    if not letters[script]:
        return ""
    if script == "zh" and letters["ja"] > letters["zh"] / 20:
        return "ja"  # written with Chinese characters and kana
    return _by_words(sample, script) if script in COMMON_WORDS else script


def language_of(passage: str, usual: str, *, is_told: bool = False) -> str:
    """Return the language of a passage (BCP 47) in a document of the usual one.

    Letters of another script tell it. So do words, if there are enough and they leave no doubt: a
    few foreign ones change nothing. ``is_told``: the document itself says that it is of this
    language, and only its letters may say otherwise.
    """
    if not is_written_so(passage, usual):
        if script_in(passage) == "Grek" and not GREEK_WORD.search(passage):
            return usual
        return guess_language(passage) or OF_SCRIPT.get(script_in(passage), usual)
    if is_told:
        return usual
    if not usual:
        return guess_language(passage)
    # Names, titles and headings are capitalised: they may be of any language.
    counts = Counter(_WORD.findall(passage[:SAMPLE]))
    count = counts.total()
    script = script_in(passage)
    common = COMMON_WORDS.get(script, {})
    if count < ENOUGH_WORDS or base_of(usual) not in common:  # or its own words are not known
        return usual
    found = _common_words(counts, script)
    hits = {each: sum(counts[word] for word in words) / count for each, words in found.items()}
    best = max(hits, key=lambda language: hits[language])
    alike = next((group for group in ALIKE if best in group), {best})
    others = max(hits[each] for each in hits if each not in alike)
    own = (
        sum(counts[word] + counts[word.title()] for word in common[base_of(usual)].split()) / count
    )
    is_clear = hits[best] > max(CLEAR_SHARE, 3 * own, others)
    kinds = sum(len(word) > 1 for word in found[best])  # one letter may be anything
    return best if is_clear and kinds >= ENOUGH_KINDS else usual


def _script(letter: str) -> str:
    return next((name for first, last, name in _RANGES if first <= letter <= last), "")


def _common_words(counts: Counter[str], script: str) -> dict[str, list[str]]:
    """Return which of the words are among the commonest, for each language of a script."""
    found: dict[str, list[str]] = {language: [] for language in COMMON_WORDS[script]}
    languages_of = _LANGUAGES_OF[script]
    for word in counts:
        for language in languages_of.get(word, ()):
            found[language].append(word)
    return found


def _by_words(sample: str, script: str) -> str:
    counts = Counter(word.lower() for word in _WORD.findall(sample))
    found = _common_words(counts, script)
    # A single letter may be of a formula, or an initial.
    hits = {
        language: sum(counts[word] * (1 if len(word) > 1 else 0.5) for word in words)
        for language, words in found.items()
    }
    best, second = sorted(hits, key=lambda language: -hits[language])[:2]
    enough = sum(counts[word] for word in found[best]) >= ENOUGH
    return best if enough and hits[best] > hits[second] else ""
