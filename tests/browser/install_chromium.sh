#!/bin/sh
# Make sure that the browser tests find a Chromium: one of this machine, Debian's, or Playwright's.
set -eu

if [ -n "${CHROMIUM:-}" ]; then
    [ -x "$CHROMIUM" ] && exit 0
    echo "CHROMIUM=$CHROMIUM is not a program." >&2
    exit 1
fi
for name in chromium chromium-browser google-chrome; do
    command -v "$name" >/dev/null && exit 0
done

root=
[ "$(id -u)" = 0 ] || root="sudo -n"
if command -v apt-get >/dev/null && $root true 2>/dev/null; then
    echo "Installing Debian's chromium for the browser tests."
    # Ubuntu's package of that name only points to a snap, which is of no use here.
    if $root apt-get update -qq &&
        $root env DEBIAN_FRONTEND=noninteractive \
            apt-get install -y -qq --no-install-recommends chromium >/dev/null &&
        chromium --version >/dev/null 2>&1; then
        # Most tests need none of its windows. Where there is no such package, they have it whole.
        $root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends \
            chromium-headless-shell >/dev/null 2>&1 || true
        exit 0
    fi
fi
echo "Installing Playwright's own Chromium for the browser tests."
exec playwright install chromium
