#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# install.sh [BUILD_DIR]: installs into a fresh prefix and builds programs against it as a user
# would, with pkg-config alone: shared and static, with 4- and 2-byte wchar_t.
set -uo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
build=${1:-$root/build-test/release}
prefix=$(mktemp -d)
trap 'rm -rf "$prefix"' EXIT
passed=0
failed=0

# check NAME COMMAND...: one case; its output is shown when it fails.
check() {
    local name=$1
    shift
    if "$@" >"$prefix/log" 2>&1; then
        passed=$((passed + 1))
    else
        failed=$((failed + 1))
        echo "test/check/install.sh:1: $name"
        sed 's/^/    /' "$prefix/log"
    fi
}

fails() {
    ! "$@"
}

install_library() {
    if [ ! -e "$build/build.ninja" ]; then
        meson setup "$build" --buildtype=release || return 1
    fi
    meson configure "$build" -Dprefix="$prefix" -Dlibdir=lib && meson install -C "$build"
}

is_complete() {
    local file
    for file in lib/libwinhttp.so lib/libwinhttp.so.0 lib/libwinhttp.a lib/pkgconfig/winhttp.pc \
        include/winhttp.h include/winhttp/types.h; do
        [ -e "$prefix/$file" ] || { echo "$file is missing" && return 1; }
    done
    [ -L "$prefix/lib/libwinhttp.so" ] || { echo "libwinhttp.so is no link" && return 1; }
}

# compile OUTPUT CFLAGS... -- PKG-CONFIG-OPTIONS...
compile() {
    local output=$1 flags=()
    shift
    while [ "$1" != -- ]; do
        flags+=("$1")
        shift
    done
    shift
    local found
    found=$(PKG_CONFIG_PATH=$prefix/lib/pkgconfig pkg-config "$@" --cflags --libs winhttp) || return 1
    # shellcheck disable=SC2086
    "${CC:-cc}" "${flags[@]}" "$root/examples/get.c" $found -o "$prefix/$output"
}

# The program starts, finds its library and tells its usage.
runs() {
    local said
    said=$(LD_LIBRARY_PATH=$prefix/lib "$prefix/$1" 2>&1)
    [ $? = 2 ] && [[ $said == usage:* ]] || { echo "says: $said" && return 1; }
}

# Not grep -q: it ends at the first match, and what writes into the pipe dies of that.
needs_library() {
    LD_LIBRARY_PATH=$prefix/lib ldd "$prefix/$1" | grep "$prefix/lib/libwinhttp.so.0"
}

# As installed with --default-library=static.
remove_shared_library() {
    rm "$prefix"/lib/libwinhttp.so*
}

needs_no_library() {
    { "$prefix/$1" 2>&1 || true; } | grep ^usage: && ! readelf -d "$prefix/$1" | grep libwinhttp
}

check "meson install" install_library
check "what is installed is complete" is_complete
check "a program compiles with pkg-config" compile shared --
check "it runs" runs shared
check "it uses the installed library" needs_library shared
check "it compiles with -fshort-wchar" compile short -fshort-wchar --
check "and runs" runs short
check "the shared library can be left out" remove_shared_library
check "a program links the static library" compile static -- --static
check "and runs without any other" needs_no_library static
mv "$prefix/lib/pkgconfig/winhttp.pc" "$prefix/away"
PKG_CONFIG_LIBDIR=$prefix/absent \
    check "without winhttp.pc it does not compile" fails compile absent --
echo "install: $passed passed, $failed failed"
[ $failed = 0 ]
