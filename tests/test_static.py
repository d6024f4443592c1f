"""What pages load: put together, small, and an error where it could not be."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import brotli
import pytest
import rcssmin
import rjsmin
from django.conf import settings

from config.bundle import bundle
from config.staticfiles import ENTRIES

STATIC = settings.BASE_DIR / "static"
TEMPLATES = settings.BASE_DIR / "templates"
# The hashes in the names of files add some.
MOST_BYTES = 60 * 1024 - 300


def test_every_script_of_a_page_is_put_together(tmp_path):
    used = set()
    for template in TEMPLATES.rglob("*.html"):
        used |= set(re.findall(r"type=\"module\" src=\"{% static '([^']+)'", template.read_text()))
    assert used == ENTRIES
    for entry in sorted(ENTRIES):
        script = tmp_path / Path(entry).with_suffix(".mjs").name
        script.write_text(rjsmin.jsmin(bundle(STATIC / entry)))
        assert not re.search(r"(?:^|[;}])import\b", script.read_text()), entry
        subprocess.run(["node", "--check", script], check=True)


def test_scripts_and_styles_of_the_reading_page_are_under_60_kilobytes():
    templates = [(TEMPLATES / name).read_text() for name in ("base.html", "reader/document.html")]
    styles = re.findall(r"'(css/\w+\.css)'", "".join(templates))
    assert len(styles) > 5
    parts = [rcssmin.cssmin((STATIC / name).read_text()) for name in styles]
    parts.append(rjsmin.jsmin(bundle(STATIC / "js/page.js")))
    assert sum(len(brotli.compress(part.encode())) for part in parts) < MOST_BYTES


def modules(folder: Path, **sources: str) -> Path:
    for name, source in sources.items():
        (folder / f"{name}.js").write_text(source)
    return folder / "entry.js"


def test_modules_share_what_they_export_and_nothing_else(tmp_path):
    entry = modules(
        tmp_path,
        entry='import { add as plus } from "./sums.js";\nimport { two } from "./two.js";\n'
        "const own = 1;\nconsole.log(plus(own, two()));\n",
        sums='import { two } from "./two.js";\nconst own = 40;\n'
        "export const add = (a, b) => a + b + own - two() + 2;\n",
        two="const own = 2;\nexport function two() {\n  return own;\n}\n",
    )
    assert output_of(entry) == "43"


def test_private_names_are_short_and_nothing_else_is_changed(tmp_path):
    entry = modules(
        tmp_path,
        entry="""import { Counting } from "./counting.js";
class Shown {
  #counting = new Counting();
  static #words = "#words #text";
  get #text() {
    return `${Shown.#words} #${this.#counting.next()}`;
  }
  static is(one) {
    return one?.#text;
  }
}
console.log(Shown.is(new Shown()), Shown.is(null));
""",
        counting="""export class Counting {
  #count = 40;
  next() {
    return this.#add(2);
  }
  #add = (number) => (this.#count += number);
}
""",
    )
    assert not re.search(r"this\.#\w\w", bundle(entry))
    assert output_of(entry) == "#words #text #42 undefined"


def test_modules_of_one_name_in_two_folders_are_two(tmp_path):
    for folder in ("player", "session"):
        (tmp_path / folder).mkdir()
    modules(tmp_path / "session", parts='export const word = "from the session";\n')
    modules(
        tmp_path / "player",
        parts='import { word } from "../session/parts.js";\nexport const said = ["heard", word];\n',
    )
    entry = modules(
        tmp_path,
        entry='import { said } from "./player/parts.js";\n'
        'import { word } from "./session/parts.js";\nconsole.log(said.join(" "), word.length);\n',
    )
    assert output_of(entry) == "heard from the session 16"


@pytest.mark.parametrize(
    ("sources", "words"),
    [
        ({"entry": 'import { a } from "./b.js";\n', "b": 'import { c } from "./entry.js";\n'},
         "imports itself"),
        ({"entry": 'import a from "./b.js";\n'}, "cannot be put together"),
        ({"entry": "export default 1;\n"}, "cannot be put together"),
        ({"entry": 'const later = import("./b.js");\n'}, "cannot be put together"),
    ],
)  # fmt: skip
def test_what_is_not_understood_is_an_error(tmp_path, sources, words):
    with pytest.raises(ValueError, match=words):
        bundle(modules(tmp_path, **sources))


def output_of(entry: Path) -> str:
    script = entry.with_name("all.mjs")
    script.write_text(bundle(entry))
    done = subprocess.run(["node", script], capture_output=True, check=True, text=True)
    return done.stdout.strip()
