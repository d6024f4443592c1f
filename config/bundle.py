"""One script for a page: its ES modules in one file, each in a scope of its own.

The sources are modules that a browser runs as they are. Put together they are one request instead
of seventy, and half as large when compressed. Only the forms that our modules use are known here:
any other is an error, when static files are collected and not when a page is opened. Private names
are made short: nobody outside of a class knows them.
"""

from __future__ import annotations

import re
import string
from collections import Counter
from collections.abc import Iterator
from itertools import count, product
from pathlib import Path

IMPORT = re.compile(r'^import \{ ([^}]+) \} from "(\.\.?/[\w/]+\.js)";\n', re.MULTILINE)
EXPORT = re.compile(r"^export (?=(?:const|class|(?:async )?function\*?) ([\w$]+))", re.MULTILINE)
UNKNOWN = re.compile(r"^(?:import|export)\b.*|\bimport\(.*|^.*\bimport\.meta.*", re.MULTILINE)

# Where they are used, and where a class declares them.
PRIVATE = re.compile(
    r"(?<=\.)#(?P<used>\w+)|(?<=^  )(?P<kind>(?:static |async |get |set |\*)*)#(?P<declared>\w+)",
    re.MULTILINE,
)


def bundle(entry: Path) -> str:
    """Return a module and all that it imports as one script. Raises ValueError."""
    names: dict[Path, str] = {}
    scopes: list[str] = []

    def add(module: Path, importers: tuple[Path, ...]) -> str:
        if module in importers:
            raise ValueError(f"{module.name} imports itself by way of {importers[-1].name}")
        if module not in names:
            source = module.read_text()
            imported = {
                path: add((module.parent / path).resolve(), (*importers, module))
                for _, path in IMPORT.findall(source)
            }
            names[module] = f"${len(names)}"
            scopes.append(_scope(module, source, names[module], imported))
        return names[module]

    add(entry.resolve(), ())
    return _with_short_names("\n".join(scopes))


def _scope(module: Path, source: str, name: str, imported: dict[str, str]) -> str:
    """Return a module as the value of a name: what it exports. `imported`: the names by path."""

    def take(found: re.Match[str]) -> str:
        return f"const {{ {found[1].replace(' as ', ': ')} }} = {imported[found[2]]};\n"

    exported = ", ".join(EXPORT.findall(source))
    body = IMPORT.sub(take, EXPORT.sub("", source))
    if unknown := UNKNOWN.search(body):
        raise ValueError(f"{module.name} cannot be put together with others: {unknown[0]}")
    return f"const {name} = (() => {{\n{body}\nreturn {{ {exported} }};\n}})();"


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
