#!/bin/sh
# Make .venv with a Python new enough and install what setup.cfg asks for, as pinned in constraints.txt.
set -eu

new_enough='import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))'

python=
# The distribution's own comes first: it is built with profiles of real work, while what version managers
# build by default takes a quarter longer for the same.
for candidate in ${PYTHON:+"$PYTHON"} /usr/bin/python3 python3 python3.11 python3.12 python3.13 python3.14 python; do
    if command -v "$candidate" >/dev/null 2>&1 && "$candidate" -c "$new_enough" >/dev/null 2>&1; then
        python=$candidate
        break
    fi
done
if [ -z "$python" ]; then
    echo 'Vitrina needs Python 3.11 or newer with its venv module (on Debian: apt install python3 python3-venv).' \
        'Put it on PATH or name it: make PYTHON=/path/to/python3.11 …' >&2
    exit 1
fi

if ! .venv/bin/python -c "$new_enough" >/dev/null 2>&1; then
    echo "Creating .venv with $("$python" --version)…"
    "$python" -m venv --clear .venv
fi
# Compiled is what is imported, when it is: all of it takes a quarter of the time.
echo 'Installing the dependencies (a minute or two the first time)…'
.venv/bin/python -m pip install --no-compile --quiet --disable-pip-version-check --constraint constraints.txt --editable '.[dev]'
