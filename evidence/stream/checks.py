"""What has to be true when everything has been taken, by plain SQL and by what nodes and brokers say."""

from deployment import NODES, await_that, say

failures = []
ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"


def expect(what, holds):
    say(f"  {'ok' if holds else 'NOT SO'}: {what}")
    if not holds:
        failures.append(what)


def number_of(transaction_id):
    """The 128 bits of a transaction id, txn_ and 26 characters."""
    number = 0
    for character in transaction_id.removeprefix("txn_"):
        number = number << 5 | ALPHABET.index(character)
    return number


class Acknowledged:
    """What the brokers have acknowledged, as `kafka produce` wrote it down."""

    def __init__(self, path):
        self.path, self.count, self.ids, self.poison, self.offsets = path, 0, set(), set(), {}
        with path.open() as file:
            for line in file:
                _, partition, offset, what = line.split()
                self.count += 1
                place = (int(partition), None if offset == "-" else int(offset))
                self.offsets.setdefault(place[0], []).append(place[1])
                if what == "poison":
                    self.poison.add(place)
                else:
                    self.ids.add(number_of(what))

    @property
    def payments(self):
        return self.count - len(self.poison)


    def stretches(self, ids):
        """Where these ids stand, for people: neighbours in a partition as one stretch."""
        found = []
        with self.path.open() as file:
            for line in file:
                number, partition, offset, what = line.split()
                if what.startswith("txn_") and number_of(what) in ids:
                    found.append((int(partition), -1 if offset == "-" else int(offset), int(number)))
        stretches = []
        for partition, offset, number in sorted(found):
            if stretches and stretches[-1][0] == partition and stretches[-1][2] + 1 == offset:
                stretches[-1][2:] = [offset, stretches[-1][3], number]
            else:
                stretches.append([partition, offset, offset, number, number])
        return [
            f"partition {partition}, offsets {first} to {last}, records {oldest} to {newest}"
            for partition, first, last, oldest, newest in stretches]


def await_everything(cluster, seconds):
    """Waits until the ledger has taken what the brokers have, and every PostgreSQL has it."""
    ends = cluster.ends()
    took, _ = await_that(
        "the ledger has taken everything", lambda: {**dict.fromkeys(ends, 0), **cluster.anyone(cluster.offsets)} == ends,
        seconds)
    cluster.await_ready()
    for node in NODES:
        await_that(
            f"the PostgreSQL of node {node} has everything", lambda: stored_offsets(cluster, node, ends) == ends, seconds)
    say(f"  everything was taken {took:.1f} s after the last acknowledgement")
    return ends


def stored_offsets(cluster, node, ends):
    rows = cluster.rows(node, f"SELECT partition, next_offset FROM stream_offsets WHERE topic = '{cluster.topic}'")
    return dict.fromkeys(ends, 0) | {int(partition): int(offset) for partition, offset in rows}


def check(cluster, production, result, seconds=600):
    say(f"  {result}")
    acknowledged = Acknowledged(production.acknowledged)
    doubled = result["may_be_doubled"]
    expect(f"all {result['records']:,} records were acknowledged, none failed",
           result["failed"] == 0 and "first_error" not in result and result["records"] == result["acknowledged"])
    expect(f"{acknowledged.count:,} acknowledgements are written down, {len(acknowledged.poison):,} of them poison",
           acknowledged.count == result["acknowledged"] and len(acknowledged.poison) == result["poison"])
    expect("no id was given twice", len(acknowledged.ids) == acknowledged.payments)

    ends = await_everything(cluster, seconds)
    total = sum(ends.values())
    expect(f"the brokers' ends add up to {total:,}, the records that were acknowledged"
           + (f" and at most {doubled} that were sent twice" if doubled else ""),
           0 <= total - acknowledged.count <= doubled)
    if not doubled and all(None not in offsets for offsets in acknowledged.offsets.values()):
        expect("each partition's acknowledged offsets are 0 to its end, without a gap",
               all(sorted(offsets) == list(range(ends[partition]))
                   for partition, offsets in acknowledged.offsets.items()))
    for node in NODES:
        check_stored(cluster, node, acknowledged, ends, doubled)

    letters = int(next(cluster.rows(1, "SELECT count(*) FROM dead_letters"))[0])
    await_that("dead letters are in their topic", lambda: cluster.records(cluster.dead_letter_topic) >= letters, 60)
    expect(f"{letters:,} dead letters, and {cluster.records(cluster.dead_letter_topic):,} records in their topic", True)
    result = cluster.redoubt("verify", "--timeout", "600")
    expect(f"redoubt verify: {len(result['nodes'])} nodes equal at entry {result['index']}", result["equal"])
    check_reports(cluster, ends)


def check_stored(cluster, node, acknowledged, ends, doubled):
    count, distinct = map(int, next(cluster.rows(
        node, "SELECT count(*), count(DISTINCT id) FROM transactions")))
    expect(f"node {node}: {count:,} rows, {distinct:,} ids, and {acknowledged.payments:,} payments were acknowledged",
           count == distinct == acknowledged.payments)
    stored = {int(row[0].replace("-", ""), 16) for row in cluster.rows(node, "SELECT id FROM transactions")}
    missing, foreign = acknowledged.ids - stored, stored - acknowledged.ids
    expect(f"node {node}: {len(missing)} acknowledged ids are missing, {len(foreign)} are there that nobody sent",
           not missing and not foreign)
    for stretch in acknowledged.stretches(missing)[:40] if missing else []:
        say(f"    missing: {stretch}")

    letters = [(int(partition), int(offset), reason) for partition, offset, reason in cluster.rows(
        node, f"SELECT partition, stream_offset, reason FROM dead_letters WHERE topic = '{cluster.topic}'")]
    places = {(partition, offset) for partition, offset, _ in letters}
    known = {place for place in acknowledged.poison if place[1] is not None}
    reasons = {}
    for _, _, reason in letters:
        reasons[reason] = reasons.get(reason, 0) + 1
    expect(f"node {node}: {len(letters):,} dead letters are the {len(acknowledged.poison):,} poison records, once each {reasons}",
           len(places) == len(letters) and known <= places
           and 0 <= len(letters) - len(acknowledged.poison) <= doubled)

    offsets = stored_offsets(cluster, node, ends)
    expect(f"node {node}: its offsets are the brokers' ends, partition by partition", offsets == ends)
    expect(f"node {node}: rows, dead letters and repetitions add up to the offsets",
           0 <= sum(offsets.values()) - count - len(letters) <= doubled)


def check_reports(cluster, ends):
    for node in NODES:
        expect(f"node {node}: GET /pipeline has the brokers' ends",
               {**dict.fromkeys(ends, 0), **cluster.offsets(node)} == ends)

    def is_level():
        # The brokers' figures come once a second; there is no lag before the first ones.
        partitions = [one for node in NODES for one in cluster.reader(node)["partitions"]]
        return {one["partition"] for one in partitions} == set(ends) and all(one.get("lag") == 0 for one in partitions)

    try:
        await_that("no lag", is_level, 60)
        level = True
    except RuntimeError:
        level = False
    expect(f"GET /pipeline: all {len(ends)} partitions are read by somebody, and the lag of each is 0", level)
    alarms = [one["alarm"] for node in NODES for one in cluster.reader(node)["partitions"] if one.get("alarm")]
    expect(f"no partition is stopped {alarms or ''}", not alarms)
