"""For everyone: axe on each page in each theme, contrast of what is read, keys, motion."""

from __future__ import annotations

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

from .conftest import sign_in
from .listening import ReadingPage

THEMES = ("light", "sepia", "dark", "contrast")
SIZES = {"desktop": {"width": 1280, "height": 800}, "phone": {"width": 390, "height": 844}}
RULES = {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21aa", "wcag22aa", "best-practice"]}
TEXT = "\n\n".join(f"Paragraph {n} of a text. It has a second sentence." for n in range(12))
OUTSIDE = ("/accounts/login/", "/accounts/signup/")
PAGES = (
    "/",
    "/documents/new/",
    "/?q=second",
    "/trash/",
    "/queue/",
    "/subscriptions/",
    "/settings/",
    "/settings/words/",
    "/settings/use/",
    "/accounts/password_change/",
    "/nothing-here/",
    "/documents/{uuid}/speech/",
    "/documents/{uuid}/speech/1/",
)
# The contrast of two colours as CSS has them, by the formula of WCAG.
CONTRAST = """([ink, ground]) => {
  const canvas = new OffscreenCanvas(1, 1).getContext("2d");
  const light = (colour) => {
    const probe = document.createElement("i");
    probe.style.color = `var(${colour})`;
    document.body.append(probe);
    canvas.fillStyle = getComputedStyle(probe).color;
    probe.remove();
    canvas.fillRect(0, 0, 1, 1);
    const [r, g, b] = [...canvas.getImageData(0, 0, 1, 1).data].map((c) => c / 255)
      .map((c) => (c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4));
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const [a, b] = [light(ink), light(ground)].sort((x, y) => y - x);
  return (a + 0.05) / (b + 0.05);
}"""


def violations(page: Page, context: str | None = None) -> list[str]:
    page.wait_for_timeout(350)  # what fades in has come
    results = Axe().run(page, context, {"runOnly": RULES, "resultTypes": ["violations"]})
    return [
        f"{page.url}: {violation['id']}: {node['target']} {node['failureSummary']}"
        for violation in results.response["violations"]
        for node in violation["nodes"]
    ]


@pytest.fixture(scope="module")
def someone(stack) -> tuple[str, str]:
    person = stack.person()
    stack.prefer(person, stack.tones(ms_per_character=60), "tone-500")
    return person, stack.document(person, TEXT, "A text to hear")


def wear(person: str, theme: str) -> None:
    from reader.models import User

    User.objects.filter(username=person).update(theme=theme)


@pytest.fixture(params=[(theme, size) for theme in THEMES for size in SIZES], ids="-".join)
def themed(request, someone, new_context) -> tuple[Page, str]:
    theme, size = request.param
    wear(someone[0], theme)
    page = new_context(viewport=SIZES[size], heard=False).new_page()
    sign_in(page, someone[0])
    return page, someone[1]


def test_no_page_has_a_violation_in_any_theme(themed):
    page, uuid = themed
    found: list[str] = []
    for path in PAGES:
        page.goto(path.format(uuid=uuid))
        found += violations(page)
    assert not found, "\n".join(sorted(set(found)))


def test_the_reading_page_has_none_whatever_is_open(themed):
    page, uuid = themed
    page.goto(f"/documents/{uuid}/")
    page.wait_for_selector("#play:enabled")
    found = violations(page)
    for part in ("contents", "search", "annotations", "look", "about"):
        page.click(f"#{part}-open")
        found += violations(page)
        page.click("#panel-close")
    page.click("#speed-open")
    found += violations(page)
    page.keyboard.press("Escape")
    for key in ("v", "?"):
        page.keyboard.press(key)
        found += violations(page)
        page.keyboard.press("Escape")
    page.evaluate("getSelection().selectAllChildren(document.querySelector('.block__body'))")
    page.click("[data-act=say]")
    page.wait_for_selector("#say-dialog[open]")
    found += violations(page, "#say-dialog")
    page.keyboard.press("Escape")
    page.click("#play")
    page.wait_for_selector(".block--current")
    found += violations(page)
    assert not found, "\n".join(sorted(set(found)))


def test_signing_in_has_none(new_context):
    for scheme in ("light", "dark"):
        page = new_context(color_scheme=scheme, heard=False).new_page()
        for path in OUTSIDE:
            page.goto(path)
            assert violations(page) == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("theme", THEMES)
def test_what_is_read_has_the_contrast_of_aaa(theme, scheme, someone, new_context):
    wear(someone[0], theme)
    page = new_context(color_scheme=scheme, heard=False).new_page()
    sign_in(page, someone[0])
    page.goto("/")
    pairs = {
        "the text": ("--ink", "--paper"),
        "the block being read": ("--ink", "--lamp-pool"),
        "the word being spoken": ("--lamp-ink", "--lamp"),
        "what is marked": ("--ink", "--marked"),
        "in a panel": ("--ink", "--sheet"),
    }
    ratios = {name: page.evaluate(CONTRAST, pair) for name, pair in pairs.items()}
    assert min(ratios.values()) >= 7, ratios


def test_everything_can_be_reached_and_seen_by_the_keyboard(someone, open_page):
    reading: ReadingPage = open_page(*someone, heard=False)
    page = reading.page
    page.wait_for_selector("#play:enabled")
    wanted = set(
        page.evaluate(
            """[...document.querySelectorAll("a[href], button, input, select, textarea")]
            .filter((e) => e.tabIndex >= 0 && !e.disabled && e.checkVisibility({
              visibilityProperty: true }) && !e.closest("dialog, [popover]"))
            .map((e, n) => (e.dataset.reach = String(n)))"""
        )
    )
    reached, unseen = set(), []
    for _ in range(len(wanted) + 5):
        page.keyboard.press("Tab")
        at = page.evaluate(
            """(() => { const e = document.activeElement, style = getComputedStyle(e);
            const seen = e.matches(":focus-visible") && (style.outlineStyle !== "none" ||
              e.id === "seek");
            return [e.dataset.reach ?? null, seen, e.outerHTML.slice(0, 90)]; })()"""
        )
        reached.add(at[0])
        if at[0] is not None and not at[1]:
            unseen.append(at[2])
    assert wanted - reached == set()
    assert unseen == []


def test_motion_is_left_out_where_it_is_unwanted(someone, new_context):
    page = new_context(reduced_motion="reduce", heard=False).new_page()
    sign_in(page, someone[0])
    page.goto(f"/documents/{someone[1]}/")
    page.wait_for_selector("#play:enabled")
    page.click("#block-8 .block__body")
    page.wait_for_selector("#block-8.block--current")
    moving = page.evaluate("""document.getAnimations().filter((a) => a.playState === "running"
      && a.effect.getComputedTiming().duration > 1).length""")
    assert moving == 0
