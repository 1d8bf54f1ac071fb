#!/bin/sh
# SPDX-License-Identifier: MIT
# bundle.sh OUTPUT.a ARCHIVE… -- [COMPILER…]: one static library in which only the API can be seen, so that it does
# not clash with what a program defines or links of its own (an llhttp, say). COMPILER is named when the
# archives are for link-time optimisation: then that is done here, so that any linker takes the result.
set -eu
output=$1
shift
object=${output%.a}.bundle.o
archives=
while [ $# -gt 0 ] && [ "$1" != -- ]; do
    archives="$archives $1"
    shift
done
shift
# shellcheck disable=SC2086
if [ $# -gt 0 ]; then
    "$@" -r -nostdlib -flinker-output=nolto-rel -Wl,--whole-archive $archives \
        -Wl,--no-whole-archive -o "$object"
else
    ld -r --whole-archive $archives --no-whole-archive -o "$object"
fi
objcopy --localize-hidden "$object"
rm -f "$output"
ar rcs "$output" "$object"
rm -f "$object"
