# shellcheck shell=bash
# What the cluster scripts share: where things are, which ports they use, and how processes are watched.
# Sourced, never run. Each script has set -euo pipefail before it comes here.

export LC_ALL=C

REPOSITORY=$(cd -- "${BASH_SOURCE[0]%/*}/.." && pwd -P)
BASE=${REDOUBT_HOME:-$REPOSITORY/.redoubt}
[[ $BASE == /* ]] || BASE=$PWD/$BASE
# The members that the cluster begins with. More come and go by cluster/add and cluster/remove.
FOUNDERS=(1 2 3)
NODES=("${FOUNDERS[@]}")
if [[ -r $BASE/nodes ]]; then read -ra NODES <"$BASE/nodes"; fi
BINARY=${REDOUBT_BINARY:-$REPOSITORY/.build/release/redoubt}

# The offset that a cluster was made with stays its own, whatever the environment says later.
if [[ -r $BASE/port-offset ]]; then
    PORT_OFFSET=$(<"$BASE/port-offset")
else
    PORT_OFFSET=${REDOUBT_PORT_OFFSET:-0}
fi

gateway_port() { echo $((8440 + PORT_OFFSET + $1)); }
peer_port() { echo $((7100 + PORT_OFFSET + $1)); }
postgres_port() { echo $((54330 + PORT_OFFSET + $1)); }

node_directory() { echo "$BASE/node-$1"; }
node_url() { echo "https://127.0.0.1:$(gateway_port "$1")"; }

say() { printf '%s\n' "$*"; }
fail() {
    printf 'cluster: %s\n' "$*" >&2
    exit 1
}

need_cluster() {
    [[ -r $BASE/cluster-id ]] || fail "there is no cluster in $BASE; run cluster/up first"
}

# Takes the argument of scripts that are about a node that is there or may be.
need_number() {
    need_cluster
    [[ ${1:-} =~ ^[1-9]$ ]] || fail "say which node, 1 to 9: ${0##*/} N; there are ${NODES[*]}"
}

# Takes the argument of scripts that are about a node that is there.
need_node() {
    need_number "${1:-}"
    has_node "$1" || fail "there is no node $1, only ${NODES[*]}; cluster/add $1 adds it"
}

has_node() { [[ " ${NODES[*]} " == *" $1 "* ]]; }

# --- Processes ---

# True while the process runs; one that has ended but has not been waited for does not.
is_alive() {
    local stat
    [[ $1 =~ ^[0-9]+$ ]] || return 1
    { read -r stat <"/proc/$1/stat"; } 2>/dev/null || return 1
    stat=${stat##*) }
    [[ ${stat:0:1} != [ZX] ]]
}

# True if the process was started with that word on its command line: a number in a pid file may by now belong to
# something else.
runs_with() {
    local -a words=()
    { mapfile -d '' -t words <"/proc/$1/cmdline"; } 2>/dev/null || return 1
    local word
    for word in "${words[@]}"; do
        [[ $word == "$2" ]] && return 0
    done
    return 1
}

# Sets PID to the process of a pid file if it runs with that word, else to nothing.
# shellcheck disable=SC2034 # for the scripts
find_process() {
    PID=
    local number=
    [[ -r $1 ]] && read -r number <"$1" || return 1
    if is_alive "$number" && runs_with "$number" "$2"; then
        PID=$number
        return 0
    fi
    return 1
}

find_node() { find_process "$(node_directory "$1")/pid" "$(node_directory "$1")/node.yaml"; }
find_kafka_mock() { find_process "$BASE/kafka-mock/pid" "$BASE/kafka-mock/address"; }
find_supervisor() { find_process "$(node_directory "$1")/postgres.supervisor" "supervise-postgres-$PORT_OFFSET-$1"; }

# Sets PID to a node's postmaster.
# shellcheck disable=SC2034 # for the scripts
find_postmaster() {
    PID=
    local data number=
    data=$(postgres_data "$1")
    [[ -r $data/postmaster.pid ]] && read -r number <"$data/postmaster.pid" || return 1
    number=${number#-}
    if is_alive "$number" && runs_with "$number" "$data"; then
        PID=$number
        return 0
    fi
    return 1
}

# Sleeps for a moment without starting a process. The descriptor is a pipe that nobody writes to.
pause() {
    [[ -n ${PAUSE_DESCRIPTOR:-} ]] || exec {PAUSE_DESCRIPTOR}<> <(:)
    read -r -t "$1" -u "$PAUSE_DESCRIPTOR" || true
}

# Waits until a process that was just started has become the program it is to be, so that it is found from now on.
await_program() {
    local end=$((SECONDS + 5))
    until runs_with "$1" "$2" || ! is_alive "$1" || ((SECONDS >= end)); do pause 0.01; done
}

# Waits until a process is gone: wait_gone PID SECONDS.
wait_gone() {
    local end=$((SECONDS + $2))
    while is_alive "$1"; do
        ((SECONDS < end)) || return 1
        pause 0.02
    done
}

# --- PostgreSQL ---

# Where the programs of PostgreSQL 15 or later are.
postgres_programs() {
    local found
    found=$(
        for candidate in /usr/lib/postgresql/*/bin /usr/pgsql-*/bin; do
            [[ -x $candidate/postgres && -x $candidate/initdb ]] || continue
            version=$("$candidate/postgres" --version)
            version=${version##* (PostgreSQL) }
            version=$(sed -E 's/^[^0-9]*([0-9]+).*/\1/' <<<"$version")
            ((version >= 15)) && echo "$version $candidate"
        done | sort -n | tail -n 1
    ) || true
    if [[ -z $found ]] && command -v initdb >/dev/null && command -v postgres >/dev/null; then
        found="0 $(dirname "$(command -v initdb)")"
    fi
    [[ -n $found ]] || return 1
    echo "${found#* }"
}

# PostgreSQL refuses to run as root; then its own system user runs it.
as_postgres() {
    if ((EUID == 0)); then
        (cd / && exec setpriv --reuid=postgres --regid=postgres --init-groups --inh-caps=-all -- "$@")
    else
        (cd / && exec "$@")
    fi
}

# The directory of a node's data. It lies beside the node's own, or under /var/lib where the system user of PostgreSQL
# cannot reach that.
postgres_data() {
    if [[ -r $BASE/postgres-root ]]; then
        echo "$(<"$BASE/postgres-root")/node-$1"
    else
        echo "$(node_directory "$1")/postgres"
    fi
}

start_supervisor() {
    local directory
    umask 077
    directory=$(node_directory "$1")
    find_supervisor "$1" && return 0
    REDOUBT_HOME=$BASE REDOUBT_REPOSITORY=$REPOSITORY setsid nohup bash "$REPOSITORY/cluster/supervise-postgres" \
        "$1" "supervise-postgres-$PORT_OFFSET-$1" >>"$directory/postgres.log" 2>&1 </dev/null 9>&- &
    echo $! >"$directory/postgres.supervisor"
    await_program $! "supervise-postgres-$PORT_OFFSET-$1"
}

wait_postgres() {
    local end=$((SECONDS + 60)) programs
    programs=$(postgres_programs)
    until "$programs/pg_isready" -q -h 127.0.0.1 -p "$(postgres_port "$1")"; do
        if ((SECONDS >= end)) || ! find_supervisor "$1"; then
            tail -n 15 "$(node_directory "$1")/postgres.log" >&2
            fail "the PostgreSQL of node $1 does not start; its log is $(node_directory "$1")/postgres.log"
        fi
        pause 0.1
    done
}

# --- Nodes ---

start_node() {
    local directory
    umask 077
    directory=$(node_directory "$1")
    [[ -x $BINARY ]] || fail "there is no $BINARY; run cluster/up, which builds it"
    find_node "$1" && return 0
    if [[ -f $directory/log && $(stat -c %s "$directory/log") -gt 52428800 ]]; then
        mv -f "$directory/log" "$directory/log.1"
    fi
    setsid nohup "$BINARY" node --config "$directory/node.yaml" >>"$directory/log" 2>&1 </dev/null 9>&- &
    echo $! >"$directory/pid"
    await_program $! "$directory/node.yaml"
}

# One request to a node, quiet: node_get N PATH.
node_get() {
    curl -sS --max-time 5 --cacert "$BASE/keys/ca.crt" \
        -H @"$BASE/keys/operator.header" "$(node_url "$1")$2"
}

is_ready() {
    [[ $(curl -s -o /dev/null -w '%{http_code}' --max-time 2 --cacert "$BASE/keys/ca.crt" \
        -H @"$BASE/keys/operator.header" "$(node_url "$1")/health/ready") == 200 ]]
}

# Waits until these nodes are ready, and says so.
wait_ready() {
    local number began=$SECONDS end=$((SECONDS + 120)) said=$SECONDS
    for number in "$@"; do
        until is_ready "$number"; do
            if ! find_node "$number"; then
                tail -n 20 "$(node_directory "$number")/log" >&2
                fail "node $number has stopped; its log is $(node_directory "$number")/log"
            fi
            if ((SECONDS >= end)); then
                tail -n 20 "$(node_directory "$number")/log" >&2
                fail "node $number is not ready after $((SECONDS - began)) s; its log is $(node_directory "$number")/log"
            fi
            if ((SECONDS - said >= 5)); then
                said=$SECONDS
                say "  still waiting for node $number ($((SECONDS - began)) s)"
            fi
            pause 0.1
        done
        say "  node $number is ready: $(node_url "$number")"
    done
}
