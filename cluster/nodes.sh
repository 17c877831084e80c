# shellcheck shell=bash
# What a node of the local cluster consists of, from its directory to its place in the list. Sourced by cluster/up,
# cluster/add, cluster/remove and cluster/replace, after lib.sh and keys.sh; kafka.sh comes after it.

# One script at a time changes what there is.
take_lock() {
    exec 9>"$BASE/lock"
    flock -n 9 || fail "another cluster script is at work in $BASE"
}

# Sets NODES, and writes down which nodes there are.
write_nodes() {
    mapfile -t NODES < <(printf '%s\n' "$@" | sort -n)
    echo "${NODES[*]}" >"$BASE/nodes.new"
    mv -f "$BASE/nodes.new" "$BASE/nodes"
}

make_node_directory() {
    mkdir -p "$(node_directory "$1")"
    chmod 711 "$(node_directory "$1")"
}

# Sets the environment of `redoubt cluster` to all nodes but one.
use_others() {
    local other
    local -a urls=()
    # shellcheck disable=SC1091
    source "$BASE/env"
    for other in "${NODES[@]}"; do
        [[ $other == "$1" ]] || urls+=("$(node_url "$other")")
    done
    ((${#urls[@]} > 0)) || fail "node $1 is the only one; cluster/down stops it"
    export REDOUBT_URLS="${urls[*]}"
}

# --- Stopping ---

# stop_process WHAT PID SIGNAL SECONDS
stop_process() {
    kill "-$3" "$2" 2>/dev/null || true
    if ! wait_gone "$2" "$4"; then
        say "  $1 did not stop within $4 s: killing it"
        kill -KILL "$2" 2>/dev/null || true
        wait_gone "$2" 5 || fail "$1 (pid $2) does not die"
    fi
    say "  stopped $1"
}

stop_node() {
    if find_node "$1"; then stop_process "node $1" "$PID" TERM 20; fi
}

stop_postgres() {
    if find_supervisor "$1"; then stop_process "the PostgreSQL of node $1" "$PID" TERM 60; fi
    # A postmaster whose supervisor was killed.
    if find_postmaster "$1"; then stop_process "the PostgreSQL of node $1" "$PID" INT 60; fi
}

# Deletes what a node has stored: its log and checkpoints, and its PostgreSQL. Both must be stopped.
wipe_node() {
    local data
    data=$(postgres_data "$1")
    [[ $data == */node-"$1"* ]] || fail "$data is not where the PostgreSQL of node $1 should be"
    rm -rf -- "$(node_directory "$1")/data" "$data"
    say "  deleted the data directory and the PostgreSQL of node $1"
}

# --- Making ---

# The database cluster of one node: one role, one database, connections over loopback with a password.
make_postgres() {
    local number=$1 data programs compression=lz4
    data=$(postgres_data "$number")
    programs=$(postgres_programs)
    [[ -e $data/redoubt.conf ]] && return 0
    rm -rf -- "$data"
    mkdir -p "$data"
    chmod 700 "$data"
    ((EUID == 0)) && chown postgres:postgres "$data"
    as_postgres "$programs/initdb" -D "$data" -U postgres --auth-local=reject --auth-host=reject --encoding=UTF8 \
        --no-locale --data-checksums --no-sync >"$(node_directory "$number")/initdb.log" ||
        fail "initdb failed for node $number; see $(node_directory "$number")/initdb.log"
    as_postgres "$programs/postgres" -D "$data" -c wal_compression=lz4 -C wal_compression >/dev/null 2>&1 ||
        compression=on
    printf 'host all all 127.0.0.1/32 scram-sha-256\n' | as_postgres tee "$data/pg_hba.conf" >/dev/null
    printf "CREATE ROLE redoubt LOGIN PASSWORD '%s' IN ROLE pg_monitor;\nCREATE DATABASE redoubt OWNER redoubt;\n" \
        "$(<"$BASE/keys/postgres.password")" |
        as_postgres "$programs/postgres" --single -D "$data" -c log_min_messages=fatal postgres >/dev/null
    printf "include_if_exists 'redoubt.conf'\n" | as_postgres tee -a "$data/postgresql.conf" >/dev/null
    # One flush of the file system instead of one for each of a thousand files.
    sync -f "$data"
    # Written last: a half-made directory is made anew. Commits are asynchronous because the nodes' log is what is
    # durable; everything that keeps a crash from corrupting the database stays on.
    as_postgres tee "$data/redoubt.conf" >/dev/null <<CONF
listen_addresses = '127.0.0.1'
port = $(postgres_port "$number")
unix_socket_directories = ''
wal_compression = $compression
$(<"$REPOSITORY/cluster/postgres/redoubt.conf")
CONF
    say "  made the PostgreSQL of node $number, port $(postgres_port "$number")"
}

# write_node_configuration N [join]: with `join` the node founds no cluster, but is admitted to the one that is there.
write_node_configuration() {
    local number=$1 joins=${2:-} directory peer
    local -a peers=("${NODES[@]}")
    directory=$(node_directory "$number")
    [[ -r $directory/node.yaml ]] && return 0
    if [[ -n $joins ]]; then mapfile -t peers < <(present_members "$number"); fi
    {
        echo "cluster_id: $(<"$BASE/cluster-id")"
        echo "node_id: $number"
        echo "data_directory: \"$directory/data\""
        echo "peers:"
        for peer in "${peers[@]}"; do echo "  $peer: \"127.0.0.1:$(peer_port "$peer")\""; done
        if [[ -n $joins ]]; then join_section; fi
        echo "gateway:"
        echo "  listen: \"127.0.0.1:$(gateway_port "$number")\""
        echo "  certificate: \"$directory/node.crt\""
        echo "  private_key: \"$directory/node.key\""
        echo "  advertised_urls:"
        for peer in "${peers[@]}"; do echo "    $peer: \"$(node_url "$peer")\""; done
        echo "tls:"
        echo "  certificate: \"$directory/node.crt\""
        echo "  private_key: \"$directory/node.key\""
        echo "  authority: \"$BASE/keys/ca.crt\""
        echo "postgres: \"$(database_uri "$number")\""
        echo "sealing_key: \"$BASE/keys/sealing.key\""
        echo "tokens:"
        echo "  hs256_secret: \"$BASE/keys/token.secret\""
        echo "  issuer: redoubt"
        echo "log_level: info"
        # Settings that all nodes of this cluster are to have beside.
        if [[ -r $BASE/extra.yaml ]]; then cat "$BASE/extra.yaml"; fi
    } | write_private "$directory/node.yaml"
}

join_section() { printf 'cluster:\n  join: true\n'; }

# A node with an empty disk is not to found a cluster, even if it is one of the founders.
mark_as_joining() {
    local file
    file=$(node_directory "$1")/node.yaml
    grep -q '^cluster:' "$file" || { cat "$file"; join_section; } | write_private "$file"
}

# The new node and up to six of the others, one a line: as many as a configuration names.
present_members() {
    local other count=0
    echo "$1"
    for other in "${NODES[@]}"; do
        [[ $other == "$1" ]] && continue
        ((++count <= 6)) || break
        echo "$other"
    done
}

write_environment() {
    local number urls=() databases=()
    for number in "${NODES[@]}"; do
        urls+=("$(node_url "$number")")
        databases+=("$(database_uri "$number")")
    done
    {
        echo "# For scripts and people: source it."
        printf 'export REDOUBT_URLS=%q\n' "${urls[*]}"
        printf 'export REDOUBT_CACERT=%q\n' "$BASE/keys/ca.crt"
        printf 'export REDOUBT_TOKEN=%q\n' "$(<"$BASE/keys/operator.token")"
        printf 'export REDOUBT_INGEST_TOKEN=%q\n' "$(<"$BASE/keys/ingest.token")"
        printf 'export REDOUBT_DATABASES=%q\n' "${databases[*]}"
        if read_kafka; then
            printf 'export REDOUBT_KAFKA=%q\n' "$KAFKA_BROKERS"
            printf 'export REDOUBT_KAFKA_TOPIC=%q\n' "$KAFKA_TOPIC"
        fi
    } | write_private "$BASE/env"
}
