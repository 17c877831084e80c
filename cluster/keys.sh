# shellcheck shell=bash
# The secrets of a local cluster: its authority, the nodes' certificates, the sealing key, tokens, a password.
# Sourced by cluster/up. What is there is never made anew.

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
    local number=$1 directory request
    directory=$(node_directory "$number")
    request=$directory/node.csr
    make_private_key "$directory/node.key"
    openssl req -new -key "$directory/node.key" -sha256 -subj "/CN=node-$number" -out "$request"
    openssl x509 -req -in "$request" -CA "$BASE/keys/ca.crt" -CAkey "$BASE/keys/ca.key" -sha256 -days 3650 \
        -set_serial "0x$(openssl rand -hex 16)" -extfile <(
            echo "basicConstraints = critical, CA:FALSE"
            echo "keyUsage = critical, digitalSignature"
            echo "extendedKeyUsage = serverAuth, clientAuth"
            echo "subjectAltName = DNS:node-$number, DNS:localhost, IP:127.0.0.1, URI:redoubt://$(<"$BASE/cluster-id")/node/$number"
        ) 2>/dev/null | write_private "$directory/node.crt"
    [[ -s $directory/node.crt ]] || fail "openssl could not sign the certificate of node $number"
    rm -f "$request"
    say "  made the certificate of node $number"
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
