"""Static files: small, with hashed names, compressed, for ever cacheable."""

from typing import IO, Any

import rcssmin
import rjsmin
from django.core.files.base import ContentFile
from whitenoise.storage import CompressedManifestStaticFilesStorage

OURS = {"js/": rjsmin.jsmin, "css/": rcssmin.cssmin}


class HashedStaticFilesStorage(CompressedManifestStaticFilesStorage):
    """Take the comments and spaces out of our own scripts and styles.

    The imports of ES modules are rewritten too, so that a page never mixes two releases' modules.
    """

    support_js_module_import_aggregation = True

    def _save(self, name: str, content: IO[Any]) -> str:
        for folder, minify in OURS.items():
            if name.replace("\\", "/").startswith(folder):
                content.seek(0)
                content = ContentFile(minify(content.read().decode()).encode())
        return str(super()._save(name, content))
