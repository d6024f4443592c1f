"""One script for a page: its ES modules in one file, each in a scope of its own.

The sources are modules that a browser runs as they are. Put together they are one request instead
of seventy, and half as large when compressed. Only the forms that our modules use are known here:
any other is an error, when static files are collected and not when a page is opened.
"""

from __future__ import annotations

import re
from pathlib import Path

IMPORT = re.compile(r'^import \{ ([^}]+) \} from "\./(\w+\.js)";\n', re.MULTILINE)
EXPORT = re.compile(r"^export (?=(?:const|class|(?:async )?function\*?) ([\w$]+))", re.MULTILINE)
UNKNOWN = re.compile(r"^(?:import|export)\b.*|\bimport\(.*|^.*\bimport\.meta.*", re.MULTILINE)


def bundle(entry: Path) -> str:
    """Return a module and all that it imports as one script. Raises ValueError."""
    scopes: dict[Path, str] = {}

    def add(module: Path, importers: tuple[Path, ...]) -> None:
        if module in importers:
            raise ValueError(f"{module.name} imports itself by way of {importers[-1].name}")
        if module in scopes:
            return
        source = module.read_text()
        for _, name in IMPORT.findall(source):
            add(module.parent / name, (*importers, module))
        scopes[module] = _scope(module, source)

    add(entry, ())
    return "\n".join(scopes.values())


def _scope(module: Path, source: str) -> str:
    exported = ", ".join(EXPORT.findall(source))
    body = IMPORT.sub(_take, EXPORT.sub("", source))
    if unknown := UNKNOWN.search(body):
        raise ValueError(f"{module.name} cannot be put together with others: {unknown[0]}")
    return f"const {_name(module.stem)} = (() => {{\n{body}\nreturn {{ {exported} }};\n}})();"


def _take(found: re.Match[str]) -> str:
    names = found[1].replace(" as ", ": ")
    return f"const {{ {names} }} = {_name(found[2].removesuffix('.js'))};\n"


def _name(stem: str) -> str:
    return f"${stem}"
