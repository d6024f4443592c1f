#!/bin/sh
# Make sure that there is a Java runtime, which EPUBCheck needs: one of this machine, or Debian's.
set -eu
command -v java >/dev/null && exit 0
root=
[ "$(id -u)" = 0 ] || root="sudo -n"
if command -v apt-get >/dev/null && $root true 2>/dev/null; then
    echo "Installing Debian's Java runtime for EPUBCheck."
    $root apt-get update -qq
    exec $root env DEBIAN_FRONTEND=noninteractive \
        apt-get install -y -qq --no-install-recommends default-jre-headless >/dev/null
fi
echo "EPUBCheck needs a Java runtime: install one, such as default-jre-headless." >&2
exit 1
