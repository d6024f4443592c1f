"""Two people's pages, or two of one person's, on the same sounds."""

from __future__ import annotations

from .listening import ReadingPage

TEXT = "\n\n".join(f"Section {n} is read to two at once." for n in range(1, 31))


def test_two_voices_on_the_same_texts(stack, open_page):
    """In two documents: of one, only the page begun last plays."""
    person, model = stack.person(), stack.tones(first_ms=100, pace=6, ms_per_character=50)
    stack.prefer(person, model, "tone-300")
    one, two = (open_page(person, stack.document(person, TEXT)) for _ in range(2))
    two.choose_voice("tone-1100", model)
    one.play()
    two.play()
    one.hears(300, 20, since=0)
    two.hears(1100, 20, since=0)
    one.waits_for(lambda: one.current >= 3 and two.current >= 3, 30, "both read on")
    assert one.tones() == {300}
    assert two.tones() == {1100}


def test_one_leaves_and_the_other_still_gets_it(stack, open_page):
    """Both want the same variants, slow to make; one changes the voice, then closes the page."""
    model = stack.tones(first_ms=1500, ms_per_character=51)
    text = TEXT.replace("Section", "Part")
    pages: list[ReadingPage] = []
    for _ in range(2):
        person = stack.person()
        stack.prefer(person, model, "tone-500")
        pages.append(open_page(person, stack.document(person, text)))
    staying, leaving = pages
    staying.play()
    leaving.play()
    leaving.choose_voice("tone-700", model)
    leaving.page.close()
    staying.hears(500, 20, since=0)
    staying.waits_for(lambda: staying.current >= 1, 20, "and the next one")
    assert staying.tones() == {500}
