# shellcheck shell=bash
# What a machine needs: Debian packages and a Swift toolchain. Sourced by cluster/up, cluster/test,
# cluster/Dockerfile and .ci/run.

# To build. The container image is built with the same.
BUILD_PACKAGES=(libpq-dev libuv1-dev libssl-dev librdkafka-dev libjemalloc-dev zlib1g-dev libopenblas-dev pkg-config)
# For faults: namespaces of the network, cut cables, and a library before a node's own.
FAULT_PACKAGES=(iproute2 iptables gcc libc6-dev)
PACKAGES=(postgresql "${BUILD_PACKAGES[@]}" openssl curl ca-certificates util-linux python3)

install_packages() { ensure_packages "${PACKAGES[@]}"; }
install_fault_packages() { ensure_packages "${PACKAGES[@]}" "${FAULT_PACKAGES[@]}"; }

# ensure_packages PACKAGE...
ensure_packages() {
    if ! command -v dpkg-query >/dev/null; then
        check_without_packages
        return
    fi
    local package missing=()
    for package in "$@"; do
        [[ $(dpkg-query -W -f='${db:Status-Status}' "$package" 2>/dev/null) == installed ]] || missing+=("$package")
    done
    if [[ " ${missing[*]} " == *" pkg-config "* ]] && command -v pkg-config >/dev/null; then
        # pkgconf goes by that name too.
        mapfile -t missing < <(printf '%s\n' "${missing[@]}" | grep -vx pkg-config || true)
    fi
    if [[ " ${missing[*]} " == *" postgresql "* ]] && postgres_programs >/dev/null; then
        mapfile -t missing < <(printf '%s\n' "${missing[@]}" | grep -vx postgresql || true)
    fi
    ((${#missing[@]} == 0)) && return
    local -a root=()
    if ((EUID != 0)); then
        if command -v sudo >/dev/null && sudo -n true 2>/dev/null; then
            root=(sudo -n)
        else
            fail "packages are missing; install them with: sudo apt-get install ${missing[*]}"
        fi
    fi
    say "Installing ${missing[*]}"
    "${root[@]}" apt-get update -q >/dev/null || say "  apt-get update failed; trying with the lists that are there"
    "${root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -q -y --no-install-recommends "${missing[@]}" ||
        fail "apt-get could not install: ${missing[*]}"
    postgres_programs >/dev/null || fail "PostgreSQL 15 or later is needed, and apt-get did not bring it"
}

# Other systems: names of packages differ, so only what is needed is looked for.
check_without_packages() {
    local program
    for program in openssl curl pkg-config setsid setpriv flock; do
        command -v "$program" >/dev/null || fail "$program is missing; install it with this system's package manager"
    done
    postgres_programs >/dev/null || fail "PostgreSQL 15 or later is missing; install it with this system's package manager"
    pkg-config --exists libuv libpq openssl rdkafka zlib openblas ||
        fail "development files are missing; install those of libuv, libpq, OpenSSL, librdkafka, zlib and OpenBLAS"
}

# Sets SWIFT, from the path or from where toolchains are usually put.
find_swift() {
    local candidate version
    SWIFT=
    for candidate in "$(command -v swift || true)" "${HOME:-/}/.local/share/swiftly/bin/swift" \
        /opt/swift/usr/bin/swift /usr/local/swift/usr/bin/swift; do
        [[ -n $candidate && -x $candidate ]] || continue
        version=$("$candidate" --version 2>/dev/null | sed -nE 's/.*Swift version ([0-9]+)\.([0-9]+).*/\1 \2/p' | head -n 1)
        [[ -n $version ]] || continue
        # shellcheck disable=SC2086
        set -- $version
        if (($1 > 6 || ($1 == 6 && $2 >= 2))); then
            SWIFT=$candidate
            export PATH="${SWIFT%/*}:$PATH"
            return
        fi
    done
    # shellcheck disable=SC2016 # to be copied as it stands
    fail 'Swift 6.2 or later is missing; install it with: curl -O https://download.swift.org/swiftly/linux/swiftly-$(uname -m).tar.gz && tar zxf swiftly-$(uname -m).tar.gz && ./swiftly init'
}
