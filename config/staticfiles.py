"""Static files: few and small, with hashed names, compressed, for ever cacheable."""

import re
from pathlib import Path
from typing import IO, Any

import rcssmin
import rjsmin
from django.contrib.staticfiles import finders
from django.core.files.base import ContentFile
from whitenoise.storage import CompressedManifestStaticFilesStorage

from .bundle import bundle

MINIFY = {"js": rjsmin.jsmin, "css": rcssmin.cssmin}
HASH = re.compile(r"\.[0-9a-f]{12}\.")
# The scripts that pages load; each brings its modules along.
ENTRIES = {f"js/{name}.js" for name in
           ("page", "library", "new_document", "settings", "kept_page", "nobody")}  # fmt: skip


class HashedStaticFilesStorage(CompressedManifestStaticFilesStorage):
    """Put the modules of a page together, and take the comments and spaces out of our own files."""

    support_js_module_import_aggregation = True

    def _save(self, name: str, content: IO[Any]) -> str:
        folder = Path(name).parts[0]
        if folder in MINIFY:
            content.seek(0)
            text = content.read().decode()
            # The hashed name comes from a text that has the hashed names of its modules in it.
            entry = HASH.sub(".", name)
            if entry in ENTRIES and (source := finders.find(entry)):
                text = bundle(Path(source))
            content = ContentFile(MINIFY[folder](text).encode())
        return str(super()._save(name, content))
