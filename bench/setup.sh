#!/bin/sh
# Make ready what `make bench` needs beside the app's own environment, below .local/bench: the peers and uvicorn.
set -eu
cd "$(dirname "$0")/.."
place=.local/bench

wanted() { cat requirements.txt bench/requirements.txt bench/servers/package.json bench/servers/package-lock.json; }

wanted | cmp -s - "$place/.installed" && exit
echo "Installing the servers to compare with (about a minute the first time) …" >&2
.venv/bin/python -m venv --clear "$place/python"
# Apart: pip checks hashes of all packages of a run or of none.
for file in requirements.txt bench/requirements.txt; do
    "$place/python/bin/python" -m pip install --quiet --disable-pip-version-check -r "$file" >&2
done
mkdir -p "$place/node"
cp bench/servers/package.json bench/servers/package-lock.json "$place/node"
npm ci --prefix "$place/node" --no-fund --no-audit --loglevel=error >&2
wanted >"$place/.installed"
