"""Feeds in: RSS and Atom subscriptions, whose new articles come into a collection, and OPML."""
