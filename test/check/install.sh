#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# install.sh [BUILD_DIR]: installs into a fresh prefix and builds programs against it as a user
# would, with pkg-config alone: shared and static, with 4- and 2-byte wchar_t, and with libwinhttp16.so.
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
        meson setup "$build" --buildtype=release -Db_lto=true || return 1
    fi
    meson configure "$build" -Dprefix="$prefix" -Dlibdir=lib && meson install -C "$build"
}

is_complete() {
    local file
    for file in lib/libwinhttp.so lib/libwinhttp.so.0 lib/libwinhttp.a lib/pkgconfig/winhttp.pc \
        lib/libwinhttp16.so lib/libwinhttp16.so.0 lib/pkgconfig/winhttp16.pc \
        include/winhttp.h include/winhttp/types.h; do
        [ -e "$prefix/$file" ] || { echo "$file is missing" && return 1; }
    done
    for file in lib/libwinhttp.so lib/libwinhttp16.so; do
        [ -L "$prefix/$file" ] || { echo "$file is no link" && return 1; }
    done
}

# build SOURCE OUTPUT CFLAGS... -- PKG-CONFIG-OPTIONS... NAME
build() {
    local source=$1 output=$2 flags=()
    shift 2
    while [ "$1" != -- ]; do
        flags+=("$1")
        shift
    done
    shift
    local found
    found=$(PKG_CONFIG_PATH=$prefix/lib/pkgconfig pkg-config --cflags --libs "$@") || return 1
    # shellcheck disable=SC2086
    "${CC:-cc}" "${flags[@]}" "$source" $found -o "$prefix/$output"
}

# compile OUTPUT CFLAGS... -- PKG-CONFIG-OPTIONS... NAME
compile() {
    build "$root/examples/get.c" "$@"
}

write_calls() {
    python3 "$root/test/check/calls.py" "$prefix/include" >"$prefix/calls.c"
    grep -q WinHttpOpen "$prefix/calls.c"
}

# every_function CFLAGS... -- PKG-CONFIG-OPTIONS... NAME: of the header as it is installed.
every_function() {
    build "$prefix/calls.c" calls -Wall -Wextra -Werror "$@" &&
        LD_LIBRARY_PATH=$prefix/lib "$prefix/calls"
}

# The program starts, finds its library and tells its usage.
runs() {
    local said
    said=$(LD_LIBRARY_PATH=$prefix/lib "$prefix/$1" 2>&1)
    [ $? = 2 ] && [[ $said == usage:* ]] || { echo "says: $said" && return 1; }
}

# Not grep -q: it ends at the first match, and what writes into the pipe dies of that.
needs_library() {
    LD_LIBRARY_PATH=$prefix/lib ldd "$prefix/$1" | grep "$prefix/lib/$2.so.0"
}

# As installed with --default-library=static.
remove_shared_library() {
    rm "$prefix"/lib/libwinhttp.so* "$prefix"/lib/libwinhttp16.so*
}

needs_no_library() {
    { "$prefix/$1" 2>&1 || true; } | grep ^usage: && ! readelf -d "$prefix/$1" | grep libwinhttp
}

check "meson install" install_library
check "what is installed is complete" is_complete
check "a program compiles with pkg-config" compile shared -- winhttp
check "it runs" runs shared
check "it uses the installed library" needs_library shared libwinhttp
check "it compiles with -fshort-wchar" compile short -fshort-wchar -- winhttp
check "and runs" runs short
check "it compiles with libwinhttp16.so" compile plain -- winhttp16
check "and runs" runs plain
check "it uses libwinhttp16.so" needs_library plain libwinhttp16
check "and libwinhttp.so" needs_library plain libwinhttp
check "the header has functions" write_calls
check "every function is there" every_function -- winhttp
check "with -fshort-wchar" every_function -fshort-wchar -- winhttp
check "in libwinhttp16.so" every_function -- winhttp16
check "in C++" every_function -x c++ -- winhttp
check "the shared library can be left out" remove_shared_library
check "a program links the static library" compile static -- --static winhttp
check "and runs without any other" needs_no_library static
check "every function is there" every_function -- --static winhttp
check "with -fshort-wchar" every_function -fshort-wchar -- --static winhttp
mv "$prefix/lib/pkgconfig/winhttp.pc" "$prefix/away"
PKG_CONFIG_LIBDIR=$prefix/absent \
    check "without winhttp.pc it does not compile" fails compile absent -- winhttp
echo "install: $passed passed, $failed failed"
[ $failed = 0 ]
