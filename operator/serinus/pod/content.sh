# Says the digest of a folder's files. Arguments: the folder, the digest wanted or "", the file for last words.
# It is that of the list that sha256sum prints of all files, by name. Downloads from Hugging Face leave notes with times
# in .cache.
# Of files that can't be read in full nothing is said: a part of them would look like a change.
set -eu
cd "$0"
if ! listed=$(find -L . -path ./.cache -prune -o -type f -print0 | LC_ALL=C sort -z | xargs -0 -r sha256sum); then
    printf 'not every file in /mnt/models can be read' >"$2"
    [ -z "$1" ] && exit 0
    exit 1
fi
content=sha256:$(printf '%s' "$listed${listed:+
}" | sha256sum | cut -d ' ' -f 1)
if [ -n "$1" ] && [ "$1" != "$content" ]; then
    printf '/mnt/models holds %s, not %s (model.digest)' "$content" "$1" >"$2"
    exit 1
fi
printf '%s' "$content" >"$2"
