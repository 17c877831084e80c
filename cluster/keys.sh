# shellcheck shell=bash
# The secrets of a local cluster: its authority, the nodes' certificates, the sealing key, tokens, a password.
# Sourced by cluster/up and cluster/container/init. What is there is never made anew.

# Writes standard input to a file that only its owner can read, all of it or nothing.
write_private() {
    (
        umask 077
        cat >"$1.new"
        mv -f "$1.new" "$1"
    )
}

make_keys() {
    local keys=$BASE/keys number
    mkdir -p "$keys"
    chmod 700 "$keys"
    [[ -s $keys/sealing.key ]] || openssl rand -hex 32 | write_private "$keys/sealing.key"
    [[ -s $keys/token.secret ]] || openssl rand -hex 32 | write_private "$keys/token.secret"
    [[ -s $keys/postgres.password ]] || openssl rand -hex 16 | write_private "$keys/postgres.password"
    if [[ ! -s $keys/ca.crt ]]; then
        make_private_key "$keys/ca.key"
        openssl req -x509 -new -key "$keys/ca.key" -sha256 -days 3650 -subj "/CN=redoubt $(<"$BASE/cluster-id")" \
            -addext "basicConstraints=critical,CA:TRUE,pathlen:0" -addext "keyUsage=critical,keyCertSign,cRLSign" |
            write_private "$keys/ca.crt"
        say "  made the certificate authority"
    fi
    for number in "${NODES[@]}"; do
        [[ -s $(node_directory "$number")/node.crt ]] || make_certificate "$number"
    done
}

make_private_key() {
    openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 2>/dev/null | write_private "$1"
}

make_certificate() {
    local directory
    directory=$(node_directory "$1")
    sign_certificate "node-$1" "$directory/node" \
        "$(server_names "node-$1"), URI:redoubt://$(<"$BASE/cluster-id")/node/$1"
    say "  made the certificate of node $1"
}

# What a server is reached by. MORE_NAMES has what is not true of every machine, such as "DNS:fraud.example".
server_names() { echo "DNS:$1, DNS:localhost, IP:127.0.0.1${MORE_NAMES:+, $MORE_NAMES}"; }

# sign_certificate NAME FILE ALTERNATIVE-NAMES: makes FILE.key and FILE.crt, for servers and clients.
sign_certificate() {
    local request=$2.csr
    make_private_key "$2.key"
    openssl req -new -key "$2.key" -sha256 -subj "/CN=$1" -out "$request"
    openssl x509 -req -in "$request" -CA "$BASE/keys/ca.crt" -CAkey "$BASE/keys/ca.key" -sha256 -days 3650 \
        -set_serial "0x$(openssl rand -hex 16)" -extfile <(
            echo "basicConstraints = critical, CA:FALSE"
            echo "keyUsage = critical, digitalSignature"
            echo "extendedKeyUsage = serverAuth, clientAuth"
            echo "subjectAltName = $3"
        ) 2>/dev/null | write_private "$2.crt"
    [[ -s $2.crt ]] || fail "openssl could not sign the certificate of $1"
    rm -f "$request"
}

make_tokens() {
    local keys=$BASE/keys
    [[ -s $keys/operator.token ]] || mint operator >/dev/null
    [[ -s $keys/ingest.token ]] || mint ingest >/dev/null
    # For curl, which reads headers from a file: a token on a command line is there for all to see.
    printf 'Authorization: Bearer %s\n' "$(<"$keys/operator.token")" | write_private "$keys/operator.header"
    printf 'Authorization: Bearer %s\n' "$(<"$keys/ingest.token")" | write_private "$keys/ingest.header"
}

mint() {
    "$BINARY" token mint --subject "local-$1" --role "$1" --lifetime 3650d --key "$BASE/keys/token.secret" |
        write_private "$BASE/keys/$1.token"
    [[ -s $BASE/keys/$1.token ]] || fail "no token could be made"
}

database_uri() {
    echo "postgresql://redoubt:$(<"$BASE/keys/postgres.password")@127.0.0.1:$(postgres_port "$1")/redoubt"
}
