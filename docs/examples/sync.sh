#!/bin/sh
# Do something with every good that Vitrina publishes. Works in any POSIX shell.
#
#   PYTHON=.venv/bin/python sh docs/examples/sync.sh owner@example.org
set -eu

owner=${1:?usage: sync.sh EMAIL}
here=$(CDPATH='' cd -- "$(dirname -- "$0")/../.." && pwd)

read_config() {
    "${PYTHON:-python3}" "$here/run/read_config.py" --user "$owner" "$@"
}

# The configuration comes as KEY='value' lines; the exit code tells whether to go on.
code=0
settings=$(read_config) || code=$?
case $code in
    0) ;;
    3) echo "Nothing to do: synchronisation is off." ; exit 0 ;;
    *) exit "$code" ;;
esac
eval "$settings"
echo "Community $VK_OWNER_ID ($VK_COMMUNITY_NAME), stores: $STORE_IDS"

# Kept in a file, so that a failure is seen here and not lost in a pipe.
goods=$(mktemp)
trap 'rm -f "$goods"' EXIT
read_config --products > "$goods"

# One good a line: store id, product id, name, price, quantity. Read as a whole: a shell takes two tabs for one.
count=0
while IFS= read -r line; do
    name=$(printf '%s\n' "$line" | cut -f 3)
    price=$(printf '%s\n' "$line" | cut -f 4)
    printf '%s: %s\n' "$name" "${price:-no price}"
    count=$((count + 1))
done < "$goods"
echo "Goods to publish: $count"
