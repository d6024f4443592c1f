"""A document made into a file that other programs play or read.

gathering.py   a document, as its owner hears it -> what is written: a ``Book``
sounds.py      the sounds and word times that are missing
job.py         all of it, a short while at a time
files.py       what is stored of an export, and taking it away
writers/       the kinds of files: a module each, in the table there; no Django
"""
