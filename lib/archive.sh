#!/bin/sh
# SPDX-License-Identifier: MIT
# archive.sh OUTPUT ARCHIVE...: one static library of several, in which only the public functions are
# global. What is hidden in the shared library is local here, so a program may have an llhttp of its
# own. Called by lib/meson.build.
set -eu
output=$1
shift
rm -f "$output" "$output.o"
${LD:-ld} -r -o "$output.o" --whole-archive "$@"
${OBJCOPY:-objcopy} --localize-hidden "$output.o"
${AR:-ar} rcs "$output" "$output.o"
rm -f "$output.o"
