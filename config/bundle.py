"""One script for a page: its ES modules in one file, each in a scope of its own.

The sources are modules that a browser runs as they are. Put together they are one request instead
of seventy, and half as large when compressed. Only the forms that our modules use are known here:
any other is an error, when static files are collected and not when a page is opened. Private names
are made short: nobody outside of a class knows them.

What modules import by ``import("./other.js")`` is put together in a second script, which is fetched
when the first of it is asked for. It is a function that is handed the modules of the first script
which it needs, so that each module is there once, whoever imports it. It is evaluated as a whole:
our modules do nothing when they are imported.
"""

from __future__ import annotations

import re
import string
from collections import Counter
from collections.abc import Iterator
from itertools import count, product
from pathlib import Path

IMPORT = re.compile(r'^import \{ ([^}]+) \} from "((?:\.\.?/)+[\w/]+\.js)";\n', re.MULTILINE)
IMPORT_LATER = re.compile(r'\bimport\("((?:\.\.?/)+[\w/]+\.js)"\)')
EXPORT = re.compile(r"^export (?=(?:const|class|(?:async )?function\*?) ([\w$]+))", re.MULTILINE)
UNKNOWN = re.compile(r"^(?:import|export)\b.*|\bimport\(.*|^.*\bimport\.meta.*", re.MULTILINE)

# Where they are used, and where a class declares them.
PRIVATE = re.compile(
    r"(?<=\.)#(?P<used>\w+)|(?<=^  )(?P<kind>(?:static |async |get |set |\*)*)#(?P<declared>\w+)",
    re.MULTILINE,
)

# Some browsers remember for good that an address could not be fetched: another try needs another.
LOAD_LATER = """\
let $loading, $tries = 0;
const $script = (url) => import($tries++ ? `${url}?${$tries}` : url);
const $later = () =>
  ($loading ??= $script("./%(script)s").then(
    ({ modules }) => modules(%(shared)s),
    (error) => {
      $loading = undefined;
      throw error;
    },
  ));"""


def later_name(entry: str) -> str:
    """Return the name of the script with what an entry imports later."""
    return f"{entry.removesuffix('.js')}.later.js"


def bundle(entry: Path) -> str:
    """Return a module and all that it imports at once as one script. Raises ValueError."""
    return _with_short_names(_Modules(entry).first_script())


def bundle_later(entry: Path) -> str:
    """Return as one script what a module and those with it import later, "" for nothing.

    It works with what ``bundle`` returns of the same sources, and with nothing else. Raises
    ValueError.
    """
    return _with_short_names(_Modules(entry).later_script())


class _Modules:
    """The modules that a page needs, each after those that it imports, and their names."""

    def __init__(self, entry: Path) -> None:
        self._entry = entry
        self._sources: dict[Path, str] = {}
        self._names: dict[Path, str] = {}
        self._targets: list[Path] = []  # what is imported later, also if it is there already
        self._first = self._collect(entry.resolve(), ())
        self._later: list[Path] = []
        for target in self._targets:  # which may grow meanwhile
            self._later += self._collect(target, ())

    def first_script(self) -> str:
        scopes = [self._scope(module) for module in self._first]
        if self._later:
            shared = ", ".join(["$later", *self._shared()])
            script = later_name(self._entry.name)
            scopes.insert(0, LOAD_LATER % {"script": script, "shared": shared})
        return "\n".join(scopes)

    def later_script(self) -> str:
        if not self._later:
            return ""
        shared = ", ".join(["$later", *self._shared()])
        scopes = "\n".join(self._scope(module) for module in self._later)
        given = ", ".join(self._names[each] for each in self._targets if each in self._later)
        return f"export const modules = ({shared}) => {{\n{scopes}\nreturn {{ {given} }};\n}};"

    def _collect(self, module: Path, importers: tuple[Path, ...]) -> list[Path]:
        """Return a module and those it imports, as far as they are not there yet, in order."""
        if module in importers:
            raise ValueError(f"{module.name} imports itself by way of {importers[-1].name}")
        if module in self._names:
            return []
        try:
            source = self._sources[module] = module.read_text()
        except OSError:
            raise ValueError(f"{module.name} cannot be put together: it is not there") from None
        found: list[Path] = []
        for _, path in IMPORT.findall(source):
            found += self._collect(_at(module, path), (*importers, module))
        for path in IMPORT_LATER.findall(source):
            if (target := _at(module, path)) not in self._targets:
                self._targets.append(target)
        self._names[module] = f"${len(self._names)}"
        return [*found, module]

    def _shared(self) -> list[str]:
        """Return the names of what the later modules need of the first ones."""
        paths = [
            _at(module, path)
            for module in self._later
            for path in (
                *(path for _, path in IMPORT.findall(self._sources[module])),
                *IMPORT_LATER.findall(self._sources[module]),
            )
        ]
        return [self._names[module] for module in self._first if module in paths]

    def _scope(self, module: Path) -> str:
        """Return a module as the value of its name: what it exports."""

        def take(found: re.Match[str]) -> str:
            name = self._names[_at(module, found[2])]
            return f"const {{ {found[1].replace(' as ', ': ')} }} = {name};\n"

        def take_later(found: re.Match[str]) -> str:
            target = _at(module, found[1])
            name = self._names[target]
            if target in self._later:
                return f"$later().then((modules) => modules.{name})"
            return f"Promise.resolve().then(() => {name})"

        source = self._sources[module]
        exported = ", ".join(EXPORT.findall(source))
        body = IMPORT_LATER.sub("", IMPORT.sub("", EXPORT.sub("", source)))
        if unknown := UNKNOWN.search(body):
            raise ValueError(f"{module.name} cannot be put together with others: {unknown[0]}")
        body = IMPORT_LATER.sub(take_later, IMPORT.sub(take, EXPORT.sub("", source)))
        name = self._names[module]
        return f"const {name} = (() => {{\n{body}\nreturn {{ {exported} }};\n}})();"


def _at(module: Path, path: str) -> Path:
    """Return the module that another one imports by this path."""
    return (module.parent / path).resolve()


def _with_short_names(script: str) -> str:
    """Return a script with short private names, the shortest where there are most."""
    found = Counter(name["used"] or name["declared"] for name in PRIVATE.finditer(script))
    short = dict(zip((name for name, _ in found.most_common()), _names(), strict=False))

    def shorten(name: re.Match[str]) -> str:
        return f"{name['kind'] or ''}#{short[name['used'] or name['declared']]}"

    return PRIVATE.sub(shorten, script)


def _names() -> Iterator[str]:
    for length in count(1):
        yield from map("".join, product(string.ascii_letters, repeat=length))
