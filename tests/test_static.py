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
from django.contrib.staticfiles import finders
from django.contrib.staticfiles.storage import staticfiles_storage
from django.core.management import call_command

from config.bundle import bundle, bundle_later, later_name
from config.staticfiles import ENTRIES

STATIC = settings.BASE_DIR / "static"
TEMPLATES = settings.BASE_DIR / "templates"
# The hashes in the names of files add some.
MOST_BYTES = 52_000 - 300


def test_every_script_of_a_page_is_put_together(tmp_path):
    used = set()
    for template in TEMPLATES.rglob("*.html"):
        used |= set(re.findall(r"type=\"module\" src=\"{% static '([^']+)'", template.read_text()))
    worker = {"js/shared_line.js"}  # named by the reading page's settings
    assert used | worker == ENTRIES
    for entry in sorted(ENTRIES):
        script = tmp_path / Path(entry).with_suffix(".mjs").name
        script.write_text(rjsmin.jsmin(bundle(STATIC / entry)))
        assert not re.search(r"(?:^|[;}])import\b", script.read_text()), entry
        subprocess.run(["node", "--check", script], check=True)
        if later := bundle_later(STATIC / entry):
            script.write_text(rjsmin.jsmin(later))
            subprocess.run(["node", "--check", script], check=True)


def test_scripts_and_styles_of_the_reading_page_are_under_52_kilobytes():
    templates = [(TEMPLATES / name).read_text() for name in ("base.html", "reader/document.html")]
    styles = re.findall(r"'(css/\w+\.css)'", "".join(templates))
    assert len(styles) > 5
    parts = [rcssmin.cssmin((STATIC / name).read_text()) for name in styles]
    parts.append(rjsmin.jsmin(bundle(STATIC / "js/page.js")))
    assert sum(len(brotli.compress(part.encode())) for part in parts) < MOST_BYTES


def test_what_is_loaded_later_has_a_name_that_changes_with_it_and_is_compressed(static_files):
    stored = Path(settings.STATIC_ROOT)
    first = (stored / staticfiles_storage.stored_name("js/page.js")).read_text()
    name = staticfiles_storage.stored_name("js/page.later.js")
    assert re.fullmatch(r"js/page\.later\.[0-9a-f]{12}\.js", name)
    assert f'$script("./{Path(name).name}")' in first
    assert (stored / f"{name}.br").exists()
    for one in (first, (stored / name).read_text()):
        assert "\n\n" not in one  # comments and spaces are taken out


def test_where_sources_are_served_a_browser_runs_the_modules_themselves():
    for entry in ENTRIES:
        assert finders.find(entry) == str(STATIC / entry)


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


LATER = {
    "entry": """import { count } from "./counting.js";
async function run() {
  count();
  const again = () => import("./view.js");
  const [{ show }, { show: same }] = await Promise.all([again(), again()]);
  const { other } = await (await import("./other.js")).load();
  const { count: counted } = await import("./counting.js");
  console.log(show(), show === same, other(), counted === count);
}
run();
""",
    "counting": "let counted = 0;\nexport const count = () => (counted += 1);\n",
    "shared": 'import { count } from "./counting.js";\nexport const made = count();\n',
    "view": 'import { count } from "./counting.js";\nimport { made } from "./shared.js";\n'
    "export function show() {\n  return `${made} ${count()}`;\n}\n",
    "other": 'import { made } from "./shared.js";\n'
    "export const other = () => `other ${made}`;\n"
    'export const load = () => import("./other.js");\n',
}


def test_what_is_imported_later_shares_the_modules_that_are_there(tmp_path):
    entry = modules(tmp_path, **LATER)
    assert "function show" not in bundle(entry)
    (tmp_path / "package.json").write_text('{"type": "module"}')
    done = subprocess.run(["node", entry], capture_output=True, check=True, text=True)
    assert done.stdout == "2 3 true other 2 true\n"
    assert output_of(entry) == "2 3 true other 2 true"


def test_what_could_not_be_loaded_is_tried_again_under_another_address(tmp_path):
    entry = modules(
        tmp_path,
        entry="""async function run() {
  const load = () => import("./late.js").then(({ late }) => late, () => "failed");
  const found = [await load(), await load()];
  globalThis.bringIn();
  console.log(...found, await load(), await load());
}
run();
""",
        late='export const late = "loaded";\n',
    )
    script, hidden = tmp_path / "entry.later.js", tmp_path / "hidden.js"
    hidden.write_text(bundle_later(entry))
    bring_in = f"globalThis.bringIn = () => fs.renameSync({str(hidden)!r}, {str(script)!r});\n"
    (tmp_path / "package.json").write_text('{"type": "module"}')
    entry.write_text(f'import fs from "node:fs";\n{bring_in}{bundle(entry)}')
    done = subprocess.run(["node", entry], capture_output=True, check=True, text=True)
    assert done.stdout == "failed failed loaded loaded\n"


@pytest.mark.parametrize(
    ("sources", "words"),
    [
        ({"entry": 'import { a } from "./b.js";\n', "b": 'import { c } from "./entry.js";\n'},
         "imports itself"),
        ({"entry": 'import a from "./b.js";\n'}, "cannot be put together"),
        ({"entry": "export default 1;\n"}, "cannot be put together"),
        ({"entry": 'const later = import("./b.js");\n'}, "cannot be put together"),
        ({"entry": 'const name = "./b.js";\nconst later = import(name);\n', "b": ""},
         "cannot be put together"),
    ],
)  # fmt: skip
def test_what_is_not_understood_is_an_error(tmp_path, sources, words):
    with pytest.raises(ValueError, match=words):
        bundle(modules(tmp_path, **sources))


def output_of(entry: Path) -> str:
    script = entry.with_name("all.mjs")
    script.write_text(bundle(entry).replace(".later.js", ".later.mjs"))
    entry.with_name(later_name(entry.name)).with_suffix(".mjs").write_text(bundle_later(entry))
    done = subprocess.run(["node", script], capture_output=True, check=True, text=True)
    return done.stdout.strip()


def test_they_are_collected_again_only_when_a_source_changed(static_files, settings, capsys):
    stamp = Path(settings.STATIC_ROOT) / "collected-from"
    collected = stamp.read_text()
    call_command("collectstatic", interactive=False)
    assert "as they were collected" in capsys.readouterr().out
    stamp.write_text("other sources")
    call_command("collectstatic", interactive=False, dry_run=True)
    assert "static file" in capsys.readouterr().out
    assert not stamp.exists()
    stamp.write_text(collected)
    # Even a dry run makes the storage forget the names, and the tests share it.
    assert not staticfiles_storage.hashed_files
    staticfiles_storage.hashed_files, _ = staticfiles_storage.load_manifest()
    assert staticfiles_storage.hashed_files
