#!/bin/sh
# SPDX-License-Identifier: MIT
# bundle.sh OUTPUT.a ARCHIVE…: one static library in which only the API can be seen, so that it does
# not clash with what a program defines or links of its own (an llhttp, say).
set -eu
output=$1
shift
object=${output%.a}.bundle.o
ld -r --whole-archive "$@" --no-whole-archive -o "$object"
objcopy --localize-hidden "$object"
rm -f "$output"
ar rcs "$output" "$object"
rm -f "$object"
