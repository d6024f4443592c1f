"""Which voices there are: what engines offer, whether they answer, how they sound."""
