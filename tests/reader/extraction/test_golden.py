"""Sentences in ten languages, reviewed line by line: where a reader pauses, and nowhere else."""

import pytest

from reader.extraction.segmentation import _sentences, units

# What stands on a line is one sentence.
GOLDEN = {
    "en": """
        Dr. Smith paid $3.50 to Mr. Jones, Jr., on Jan. 5 at 4 p.m. in Washington.
        “Is it true?” she asked.
        He works for Acme Inc. and lives in St. Louis, e.g. near the river.
        See Fig. 3 and Sec. 2.1 of the report, vol. 4, pp. 12–15.
        The U.S. economy grew by 2.5 percent.
        Wait… what happened?
    """,
    "de": """
        Am 3. Oktober 1990 kam Dr. Müller, z. B. mit dem Zug, um 8.30 Uhr an.
        „Kommst du?“, fragte sie.
        Das kostet ca. 1.234,50 Euro, d. h. mehr als letztes Jahr.
        Er wohnt in der 2. Etage.
    """,
    "fr": """
        M. Dupont a payé 3,50 euros à Mme Martin, cf. p. 12.
        « Venez-vous ? » demanda-t-elle.
        Il est né le 1er janv. 1900 à St-Denis.
        C’est fini !
    """,
    "es": """
        El Sr. García pagó 3,50 euros a la Dra. López.
        ¿Vienes mañana?
        ¡Qué sorpresa!
        Vive en EE. UU. desde 1990.
    """,
    "it": """
        Il sig. Rossi ha pagato 1.250,75 euro al dott. Bianchi.
        «Vieni domani?» chiese lei.
        Vedi pag. 12, fig. 3.
    """,
    "nl": """
        Dhr. Jansen betaalde 3,50 euro aan mevr. de Vries, o.a. voor brood.
        ‘Kom je morgen?’ vroeg ze.
        Het was d.w.z. te laat.
    """,
    "ru": """
        В 1990 г. г-н Иванов заплатил 3,5 руб. за хлеб.
        «Ты придёшь?» — спросила она.
        Это было, т. е. давно.
    """,
    "ja": """
        田中さんは東京に住んでいます。
        「明日来ますか？」と彼女は聞いた。
        価格は3.5円です！
        本当？
    """,
    "zh": """
        他住在北京。
        “你明天来吗？”她问。
        价格是3.5元！
        真的吗？
    """,
    "ar": """
        يسكن السيد أحمد في القاهرة منذ عام 1990.
        هل ستأتي غدا؟
        دفع 3.5 جنيه.
    """,
}


@pytest.mark.parametrize("language", GOLDEN)
def test_sentences_end_where_a_reader_pauses(language):
    sentences = [line.strip() for line in GOLDEN[language].strip().splitlines()]
    text = ("" if language in {"ja", "zh"} else " ").join(sentences)
    found = [text[start:end].strip() for start, end in _sentences(text, language)]
    assert found == sentences


@pytest.mark.parametrize("language", GOLDEN)
def test_units_are_whole_sentences_of_a_comfortable_length(language):
    sentences = [line.strip() for line in GOLDEN[language].strip().splitlines()]
    glue = "" if language in {"ja", "zh"} else " "
    text = glue.join(sentences * (24 if not glue else 8))
    found = units(text, language)
    assert len(found) > 1
    assert glue.join(found) == text
    for unit in found:
        assert any(unit.endswith(sentence) for sentence in sentences), unit
        assert len(unit) <= 400
