#!/bin/sh
# Make sure that there is a PostgreSQL whose programs the tests can run: this machine's, or Debian's.
set -eu

if command -v initdb >/dev/null || ls /usr/lib/postgresql/*/bin/initdb >/dev/null 2>&1; then
    exit 0
fi

root=
[ "$(id -u)" = 0 ] || root="sudo -n"
if command -v apt-get >/dev/null && $root true 2>/dev/null; then
    echo "Installing Debian's postgresql for the tests."
    # The package would start a server of its own; the tests start theirs.
    if $root apt-get update -qq &&
        printf 'create_main_cluster = false\n' | $root sh -c \
            'mkdir -p /etc/postgresql-common && tee /etc/postgresql-common/createcluster.conf' \
            >/dev/null &&
        $root env DEBIAN_FRONTEND=noninteractive \
            apt-get install -y -qq --no-install-recommends -o Dpkg::Options::=--force-confold \
            postgresql >/dev/null &&
        ls /usr/lib/postgresql/*/bin/initdb >/dev/null 2>&1; then
        exit 0
    fi
fi
echo "PostgreSQL's server programs (initdb, postgres) are needed; install them and try again." >&2
exit 1
