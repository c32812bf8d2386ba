#!/bin/sh
# Checks what `make setup` cannot install itself and prints the Python to use.
# Whatever is missing gets one sentence on stderr and exit code 1.

fail() {
    echo "$1" >&2
    exit 1
}

is_new_enough='import sys; sys.exit(sys.version_info < (3, 11))'
for candidate in ${PYTHON:-python3 python3.14 python3.13 python3.12 python3.11}; do
    if "$candidate" -c "$is_new_enough" 2>/dev/null; then
        python=$(command -v "$candidate")
        break
    fi
done
[ -n "$python" ] ||
    fail "Python 3.11 or newer is needed, and ${PYTHON:-python3} is $(${PYTHON:-python3} --version 2>&1 | sed -n 's/^Python //p' | grep . || echo missing): install one, or name it with PYTHON=."

"$python" -c 'import ensurepip, venv' 2>/dev/null ||
    fail "Python's venv module is missing: install it (on Debian and Ubuntu: apt-get install python3-venv)."

command -v node >/dev/null ||
    fail "Node.js 20.19 or newer is needed to build the storefront, and it is missing: install it from nodejs.org or your system."

node -e 'const [a, b] = process.versions.node.split(".").map(Number); process.exit(a > 20 || (a === 20 && b >= 19) ? 0 : 1)' ||
    fail "Node.js 20.19 or newer is needed to build the storefront, and this is $(node --version): install a newer one from nodejs.org or your system."

command -v npm >/dev/null ||
    fail "npm is missing: install it together with Node.js (on Debian and Ubuntu: apt-get install npm)."

echo "$python"
