#!/bin/sh
# Make ready what the Makefile's commands need, once: .venv with the Python packages, node_modules with Azurite.
# Does nothing when both are up to date; several runs at once wait for one another. Writes to standard error only.
# Usage: sh local/setup.sh [python] [node]
set -eu
cd "$(dirname "$0")/.."

say() { echo "$*" >&2; }
fail() { say "$*"; exit 1; }

# --- Python: the newest supported one that really runs --------------------------------------------------------------

# Version managers put commands on PATH that fail when executed; Debian's python3 comes without ensurepip.
fits() { "$1" -c "import sys, venv, ensurepip; sys.exit(sys.version_info[:2] != ($2))" >/dev/null 2>&1; }

find_python() {
    for minor in 13 12 11; do
        for candidate in "python3.$minor" "$HOME/.pyenv/versions/3.$minor".*/bin/python \
            "$(uv python find --no-python-downloads "3.$minor" 2>/dev/null || true)" python3 python; do
            if [ -n "$candidate" ] && fits "$candidate" "3, $minor"; then
                command -v "$candidate"
                return
            fi
        done
    done
    return 1
}

python_wanted() { cat requirements.txt requirements-dev.txt; }

python_ready() {
    [ -x .venv/bin/python ] && .venv/bin/python -c '' 2>/dev/null && python_wanted | cmp -s - .venv/.installed
}

install_python() {
    if ! .venv/bin/python -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))' 2>/dev/null; then
        python=$(find_python) || fail "Python 3.13, 3.12 or 3.11 with venv is needed, and none was found on this machine."
        say "Creating .venv with $("$python" --version) …"
        "$python" -m venv --clear .venv
    fi
    say "Installing the Python packages (about a minute the first time) …"
    # Apart: pip checks hashes of all packages of a run or of none.
    for file in requirements.txt requirements-dev.txt; do
        .venv/bin/python -m pip install --quiet --disable-pip-version-check -r "$file" >&2
    done
    python_wanted >.venv/.installed
}

# --- Node: Azurite --------------------------------------------------------------------------------------------------

node_ready() { cmp -s package-lock.json node_modules/.installed; }

install_node() {
    command -v node >/dev/null && command -v npm >/dev/null ||
        fail "Node.js 20 or newer, with npm, is needed for Azurite, and it is not installed."
    say "Installing Azurite (about half a minute the first time) …"
    npm ci --no-fund --no-audit --loglevel=error >&2
    cp package-lock.json node_modules/.installed
}

# --- One at a time --------------------------------------------------------------------------------------------------

lock=.local/setup.lock

take_lock() {
    mkdir -p .local
    while ! mkdir "$lock" 2>/dev/null; do
        owner=$(cat "$lock/owner" 2>/dev/null || true)
        if [ -n "$owner" ] && ! kill -0 "$owner" 2>/dev/null; then
            rm -rf "$lock" # its owner was killed
        else
            sleep 0.2
        fi
    done
    trap 'rm -rf "$lock"' EXIT
    trap 'exit 130' INT TERM HUP
    echo "$$" >"$lock/owner"
}

for part in "$@"; do
    "${part}_ready" && continue
    [ -e "$lock/owner" ] && [ "$(cat "$lock/owner" 2>/dev/null)" = "$$" ] || take_lock
    "${part}_ready" || "install_$part" # another run may have done it meanwhile
done
