# shellcheck shell=bash
# Kafka for the local cluster: brokers that are there, or mock brokers in a process of their own. Sourced by cluster/up,
# cluster/add, cluster/remove and cluster/container/init, after nodes.sh. What was chosen stands in $BASE/kafka.

# The names of topics and group; containers have theirs in .env. What a cluster was given stays its own, until `up --kafka`
# is run again.
kafka_defaults() {
    KAFKA_KIND=
    KAFKA_BROKERS=
    KAFKA_TOPIC=${REDOUBT_KAFKA_TOPIC:-payments}
    KAFKA_GROUP=${REDOUBT_KAFKA_GROUP:-redoubt}
    KAFKA_ALERTS_TOPIC=${REDOUBT_KAFKA_ALERTS_TOPIC:-alerts}
    KAFKA_DEAD_LETTER_TOPIC=${REDOUBT_KAFKA_DEAD_LETTER_TOPIC:-$KAFKA_TOPIC.dead-letters}
    KAFKA_WHEN_UNAVAILABLE=${REDOUBT_KAFKA_WHEN_UNAVAILABLE:-refuse}
    # Empty: what the node thinks.
    KAFKA_SESSION_TIMEOUT=${REDOUBT_KAFKA_SESSION_TIMEOUT_MILLISECONDS:-}
}
KAFKA_SETTINGS=(KIND BROKERS TOPIC GROUP ALERTS_TOPIC DEAD_LETTER_TOPIC WHEN_UNAVAILABLE SESSION_TIMEOUT)
KAFKA_PARTITIONS=12
KAFKA_SMALL_PARTITIONS=3

# Sets KAFKA_KIND and the others to what this cluster has; false if it has no Kafka.
read_kafka() {
    local name value setting
    kafka_defaults
    [[ -r $BASE/kafka ]] || return 1
    while IFS='=' read -r name value; do
        for setting in "${KAFKA_SETTINGS[@]}"; do
            [[ $name == "$setting" ]] && printf -v "KAFKA_$setting" '%s' "$value"
        done
    done <"$BASE/kafka"
    [[ -n $KAFKA_KIND ]]
}

write_kafka() {
    local setting name
    for setting in "${KAFKA_SETTINGS[@]}"; do
        name=KAFKA_$setting
        echo "$setting=${!name}"
    done | write_private "$BASE/kafka"
}

check_kafka_settings() {
    local topic broker
    local -a brokers
    for topic in "$KAFKA_TOPIC" "$KAFKA_ALERTS_TOPIC" "$KAFKA_DEAD_LETTER_TOPIC"; do
        [[ $topic =~ ^[a-zA-Z0-9._-]{1,249}$ ]] || fail "\"$topic\" is no name of a topic"
    done
    [[ $KAFKA_GROUP =~ ^[a-zA-Z0-9._-]{1,249}$ ]] || fail "\"$KAFKA_GROUP\" is no name of a group"
    [[ $KAFKA_WHEN_UNAVAILABLE =~ ^(refuse|log)$ ]] || fail "REDOUBT_KAFKA_WHEN_UNAVAILABLE must be refuse or log"
    [[ $KAFKA_SESSION_TIMEOUT =~ ^([0-9]{4,6})?$ ]] ||
        fail "REDOUBT_KAFKA_SESSION_TIMEOUT_MILLISECONDS must be a number from 1000 to 300000"
    IFS=, read -ra brokers <<<"$KAFKA_BROKERS"
    for broker in "${brokers[@]}"; do
        [[ $broker =~ ^[a-zA-Z0-9.:_-]+:[0-9]{1,5}$ ]] || fail "\"$broker\" is no broker: host:port, commas between them"
    done
}

# --- Mock brokers ---

start_kafka_mock() {
    local directory=$BASE/kafka-mock end=$((SECONDS + 20))
    umask 077
    mkdir -p "$directory"
    rm -f "$directory/address"
    setsid nohup "$BINARY" kafka mock --topic "$KAFKA_TOPIC:$KAFKA_PARTITIONS" \
        --topic "$KAFKA_ALERTS_TOPIC:$KAFKA_SMALL_PARTITIONS" \
        --topic "$KAFKA_DEAD_LETTER_TOPIC:$KAFKA_SMALL_PARTITIONS" \
        --address-file "$directory/address" >>"$directory/log" 2>&1 </dev/null 9>&- &
    echo $! >"$directory/pid"
    await_program $! "$directory/address"
    until [[ -s $directory/address ]]; do
        if ((SECONDS >= end)) || ! find_kafka_mock; then
            tail -n 15 "$directory/log" >&2
            fail "the mock brokers do not start; their log is $directory/log"
        fi
        pause 0.05
    done
    KAFKA_BROKERS=$(<"$directory/address")
    say "  started mock brokers: $KAFKA_BROKERS"
}

stop_kafka_mock() {
    if find_kafka_mock; then stop_process "the mock brokers" "$PID" TERM 10; fi
}

# --- What the nodes are told ---

kafka_section() {
    local broker
    local -a brokers
    IFS=, read -ra brokers <<<"$KAFKA_BROKERS"
    echo "kafka:"
    echo "  brokers:"
    for broker in "${brokers[@]}"; do echo "    - \"$broker\""; done
    echo "  topic: \"${KAFKA_TOPIC:?}\""
    echo "  alerts_topic: \"${KAFKA_ALERTS_TOPIC:?}\""
    echo "  dead_letter_topic: \"${KAFKA_DEAD_LETTER_TOPIC:?}\""
    echo "  group: \"${KAFKA_GROUP:?}\""
    echo "  when_unavailable: ${KAFKA_WHEN_UNAVAILABLE:?}"
    if [[ -n ${KAFKA_SESSION_TIMEOUT:-} ]]; then echo "  session_timeout_milliseconds: $KAFKA_SESSION_TIMEOUT"; fi
}

# write_kafka_section N: the node's configuration says what $BASE/kafka says. False if it did already.
write_kafka_section() {
    local file new
    file=$(node_directory "$1")/node.yaml
    # The old section ends where the next one begins.
    new=$(awk '/^[^ #]/ { inside = /^kafka:/ } !inside' "$file" && kafka_section) || fail "$file cannot be read"
    [[ $new != "$(<"$file")" ]] || return 1
    printf '%s\n' "$new" | write_private "$file"
}

# --- Setting it up ---

# set_up_kafka WANTED: WANTED is what `up --kafka` was given, or nothing for what this cluster has. Starts mock brokers if
# they are needed, makes topics that others lack, and writes everything down. Sets KAFKA_RESTART to the nodes that run and have to be
# restarted for it.
set_up_kafka() {
    local wanted=$1 kind brokers topic number is_new=
    KAFKA_RESTART=()
    read_kafka || [[ -n $wanted ]] || return 0
    kind=$KAFKA_KIND brokers=$KAFKA_BROKERS topic=$KAFKA_TOPIC
    if [[ -n $wanted ]]; then
        kafka_defaults
        KAFKA_KIND=brokers KAFKA_BROKERS=$wanted
        if [[ $wanted == mock ]]; then KAFKA_KIND=mock KAFKA_BROKERS=$brokers; fi
    fi
    say "Preparing Kafka"
    if [[ $KAFKA_KIND == mock ]]; then
        # Mock brokers have the topics that they were started with.
        [[ $kind == mock && $topic == "$KAFKA_TOPIC" ]] || stop_kafka_mock
        if find_kafka_mock; then
            say "  mock brokers run: $KAFKA_BROKERS"
        else
            start_kafka_mock
            is_new=1
        fi
        check_kafka_settings
    else
        check_kafka_settings
        stop_kafka_mock
        make_kafka_topics
        [[ $brokers == "$KAFKA_BROKERS" ]] || is_new=1
    fi
    write_kafka
    if [[ -n $kind && -n $is_new && $topic == "$KAFKA_TOPIC" ]]; then tell_of_another_kafka "$kind"; fi
    for number in "${NODES[@]}"; do
        write_kafka_section "$number" || continue
        if find_node "$number"; then KAFKA_RESTART+=("$number"); fi
    done
}

make_kafka_topics() {
    local topic partitions=$KAFKA_PARTITIONS
    for topic in "$KAFKA_TOPIC" "$KAFKA_ALERTS_TOPIC" "$KAFKA_DEAD_LETTER_TOPIC"; do
        "$BINARY" kafka topic "$topic" --brokers "$KAFKA_BROKERS" --create --partitions "$partitions" --json \
            >/dev/null || fail "the topic $topic is neither there nor can it be made; are the brokers $KAFKA_BROKERS?"
        partitions=$KAFKA_SMALL_PARTITIONS
    done
}

tell_of_another_kafka() {
    local other=$KAFKA_TOPIC-2
    [[ $KAFKA_TOPIC =~ ^(.*)-([0-9]+)$ ]] && other=${BASH_REMATCH[1]}-$((BASH_REMATCH[2] + 1))
    if [[ $1 == mock && $KAFKA_KIND == mock ]]; then
        say "  ATTENTION: the mock brokers of before are gone, and what they held is gone with them. The new ones are"
        say "  another Kafka cluster."
    else
        say "  ATTENTION: these are other brokers than before. If they are another Kafka cluster,"
    fi
    cat <<TEXT
  What the ledger has taken from $KAFKA_TOPIC before, it keeps. But its offsets do not fit another
  Kafka cluster: partitions of which it has read stop with the alarm other_cluster, and nothing is read of them until
  an operator says where to go on (POST /pipeline/reset; docs/kafka.md, "When a partition stops"). Either that, or go on
  with a topic that the ledger has never heard of:
    REDOUBT_KAFKA_TOPIC=$other cluster/up --no-sample --kafka ${KAFKA_KIND/#brokers/$KAFKA_BROKERS}
  or begin anew: cluster/down --wipe.
TEXT
}

# What `up` says of it.
tell_of_kafka() {
    local mock=
    read_kafka || return 0
    [[ $KAFKA_KIND != mock ]] || mock="MOCK brokers, no Kafka: in memory, and gone when they end: "
    say "Kafka: $mock$KAFKA_BROKERS"
    say "  redoubt kafka produce --records 1000 --rate 200 --window 5000 puts payments on the topic $KAFKA_TOPIC"
    say
}

# The nodes read their configuration when they start. One after the other, so that there is always a majority.
restart_for_kafka() {
    local number
    ((${#KAFKA_RESTART[@]} > 0)) || return 0
    say "Restarting nodes ${KAFKA_RESTART[*]}, one after the other: their configuration has another section kafka now."
    say "source $BASE/env again."
    for number in "${KAFKA_RESTART[@]}"; do
        stop_node "$number"
        start_node "$number"
        wait_ready "$number"
    done
}
