"""Finding words in all documents: how words are compared, and the index of what blocks say."""
