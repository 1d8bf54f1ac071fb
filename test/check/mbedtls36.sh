#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Builds the library and runs its tests with mbedTLS 3.6, the libllhttp package and newer compilers:
# inside a fresh Debian 13, made by debootstrap in a temporary folder and removed at the end.
# Where the machine itself has mbedTLS 3, the ordinary builds have done that already.
set -uo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
release=trixie
scratch=

finish() {
    if [ -n "$scratch" ]; then
        umount -l "$tree/proc" 2>/dev/null
        umount -l "$tree/dev" 2>/dev/null
        if mountpoint -q "$tree/proc" || mountpoint -q "$tree/dev"; then
            echo "$tree: still mounted; unmount proc and dev there and remove it"
        else
            rm -rf --one-file-system "$scratch"
        fi
    fi
}

fail() {
    echo "test/check/mbedtls36.sh:1: $1"
    echo "mbedtls36: 0 passed, 1 failed"
    exit 1
}

inside() {
    chroot "$tree" /usr/bin/env -i PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin \
        HOME=/root LC_ALL=C.UTF-8 CI="${CI:-}" "$@" </dev/null
}

version=$(pkg-config --modversion mbedtls 2>/dev/null || echo 2)
if [ "${version%%.*}" -ge 3 ]; then
    echo "the builds of this machine use mbedTLS $version"
    echo "mbedtls36: 1 passed, 0 failed"
    exit 0
fi
if [ "$(id -u)" != 0 ]; then
    fail "a fresh Debian $release can only be made by root: run tools/test as root"
fi
trap finish EXIT
trap 'exit 143' TERM
trap 'exit 130' INT
scratch=$(mktemp -d)
tree=$scratch/$release
log=$scratch/log
# The mirror that apt uses; without one, debootstrap knows where to go.
mirror=$(apt-get indextargets --format '$(REPO_URI)' 'Created-By: Packages' 'Label: Debian' |
    head -n 1)
debootstrap --variant=minbase "$release" "$tree" ${mirror:+"$mirror"} >"$log" 2>&1 </dev/null
status=$?
if [ $status != 0 ]; then
    tail -n 20 "$log"
    fail "debootstrap $release failed: is the mirror ${mirror:-"of debootstrap"} reachable?"
fi
mount -t proc proc "$tree/proc" || fail "cannot mount proc"
mount --bind /dev "$tree/dev" || fail "cannot mount dev"
printf '#!/bin/sh\nexit 101\n' >"$tree/usr/sbin/policy-rc.d"
chmod +x "$tree/usr/sbin/policy-rc.d"
printf '127.0.0.1 localhost\n::1 localhost\n' >"$tree/etc/hosts"
mkdir "$tree/src"
git -C "$root" -c safe.directory="$root" ls-files -z --cached --others --exclude-standard |
    tar -C "$root" --null -T - --ignore-failed-read -c 2>/dev/null | tar -C "$tree/src" -x
inside /src/tools/deps demo || fail "tools/deps failed on Debian $release"
inside apt-get -qq install -y --no-install-recommends libcmocka-dev curl apache2-bin gnutls-bin \
    >"$log" 2>&1 || fail "cannot install cmocka, curl, Apache and GnuTLS: $(tail -n 1 "$log")"
inside pkg-config --modversion mbedtls | sed 's/^/mbedTLS /'
# With what only a build that asks for it has, and with libuv alone.
inside env CC=gcc meson setup /src/build-test/gcc /src -Dwerror=true -Dtests=enabled \
    -Dkeylog=enabled -Dpoller=uv >"$log" 2>&1 || fail "cannot configure: $(tail -n 1 "$log")"
inside /src/test/run.py --quick '^gcc/' >"$log" 2>&1
sed '$d' "$log"
echo "mbedtls36: $(tail -n 1 "$log")"
tail -n 1 "$log" | grep -q ' 0 failed$'
