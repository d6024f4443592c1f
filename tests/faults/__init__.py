"""Whatever dies, hangs or fills up: nothing is lost, nothing is made twice, and it sounds again.

The real processes of the Procfile run under the real supervisor, on either database. Between them
and Redis or PostgreSQL stands a proxy of ours; Redis and PostgreSQL are started again by the
harness, as a machine's own service manager does it. A listener reads a document by the socket, as
a page does, while something is broken; then history is compared with what is there.
"""
