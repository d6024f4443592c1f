"""The document that a new installation starts with."""

SAMPLE_TITLE = "Welcome to Lectern"
SAMPLE_TEXT = """\
Welcome to Lectern

Press play, and this page is read to you. The words light up as they are spoken, so that your \
eyes can follow, or rest.

Moving about

Click any word to hear it from there. The arrow keys go to the next paragraph and back, the space \
bar pauses, and a question mark shows all the keys. If you scroll away to look at something, the \
page stays where you put it; one button brings you back to where it is reading.

Choosing a voice

The voice you hear now is called Heart. It is built in: what you read is spoken on this machine, \
and nothing is sent anywhere. Other languages have voices of their own, which read by themselves \
where a text changes to one of them. Choose another voice while you listen: the sentence you are \
in starts again in the new voice, and everything after it is in that voice too.

Bringing in your own

Paste an article or the address of a page, or drop a book or a file on your library, and press \
play. Whatever you bring in stays yours: nobody else can read it or hear it. Your place is kept, \
so that you can stop here and go on tomorrow.
"""
