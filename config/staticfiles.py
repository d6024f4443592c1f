"""Static files with hashed names, compressed, for ever cacheable."""

from whitenoise.storage import CompressedManifestStaticFilesStorage


class HashedStaticFilesStorage(CompressedManifestStaticFilesStorage):
    """Rewrite the imports of ES modules too, so that a page never mixes two releases' modules."""

    support_js_module_import_aggregation = True
