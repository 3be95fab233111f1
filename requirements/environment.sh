#!/usr/bin/env bash
# Prints the interpreter of the locked environment, making that environment first where it is missing.
#
# It lies outside the checkout, under a name that says what is in it, so that several checkouts and branches share
# it as long as they agree on the locks, and a changed lock never meets a half-updated environment.
set -euo pipefail
cd "$(dirname "$0")"

is_new_enough() { "$1" -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1; }

how_to_install() {  # a Python of at least 3.11, in the words of this system's package manager
    if command -v apt-get >/dev/null; then
        if [[ $(apt-cache policy python3 2>/dev/null) =~ Candidate:\ 3\.(1[1-9]|[2-9][0-9]) ]]; then
            echo "apt-get install python3 python3-venv"
        else
            echo "apt-get install python3.11 python3.11-venv"
        fi
    elif command -v dnf >/dev/null; then echo "dnf install python3.12"
    elif command -v zypper >/dev/null; then echo "zypper install python312"
    elif command -v apk >/dev/null; then echo "apk add python3"
    elif command -v pacman >/dev/null; then echo "pacman -S python"
    else echo "your system's package manager"
    fi
}

find_python() {
    local candidate
    # SERINUS_PYTHON is for those who have several; the bare name comes first so that a chosen default wins.
    for candidate in ${SERINUS_PYTHON:-python3 python3.13 python3.12 python3.11}; do
        if is_new_enough "$candidate"; then echo "$candidate"; return; fi
    done
    echo "serinus needs Python 3.11 or newer; found: $(python3 --version 2>&1 || true)" >&2
    echo "Install one with: $(how_to_install)" >&2
    return 1
}

base=$(find_python)
if ! "$base" -c 'import venv, ensurepip' >/dev/null 2>&1; then
    version=$("$base" -c 'import sys; print("%d.%d" % sys.version_info[:2])')
    echo "$base has no venv or ensurepip module. Install it with: apt-get install python$version-venv" >&2
    exit 1
fi

# The base prefix is part of the name: an environment points at the very interpreter that made it.
identity=$("$base" -c 'import sys; print(sys.version, sys.base_prefix)'; cat uv.txt dev.txt)
cache=${XDG_CACHE_HOME:-$HOME/.cache}/serinus
environment=$cache/venv-$(sha256sum <<<"$identity" | cut -c 1-12)

if [ ! -e "$environment/.complete" ]; then
    mkdir -p "$cache"
    exec 9>"$environment.lock"
    if command -v flock >/dev/null; then flock 9; fi  # two makes at once: the second waits and finds it made
    if [ ! -e "$environment/.complete" ]; then
        echo "Making the environment in $environment" >&2
        "$base" -m venv --clear "$environment" >&2
        "$environment/bin/python" -m pip install --quiet --require-hashes --requirement uv.txt >&2
        "$environment/bin/uv" pip sync --quiet --require-hashes --python "$environment/bin/python" dev.txt >&2
        touch "$environment/.complete"
    fi
fi
echo "$environment/bin/python"
