"""A tree of HTML elements -> blocks: what HTML, EPUB, Markdown and Word documents share."""
