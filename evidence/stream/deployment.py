"""A cluster of this harness's own, with Kafka, and the questions that it asks it."""

import json
import os
import re
import shlex
import signal
import ssl
import subprocess
import time
import urllib.request
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parent.parent.parent
NODES = [1, 2, 3]
PARTITIONS = 12


def say(text=""):
    print(text, flush=True)


def await_that(what, condition, seconds):
    """Waits until the condition holds; gives how long it took, and what it held with."""
    began = time.monotonic()
    while True:
        try:
            held = condition()
        except OSError:
            held = None
        if held:
            return time.monotonic() - began, held
        if time.monotonic() - began > seconds:
            raise RuntimeError(f"not so within {seconds} s: {what}")
        time.sleep(0.1)


class Cluster:
    def __init__(self, place, binary, offset, brokers, session_timeout_milliseconds):
        self.place, self.binary, self.offset = place, binary, offset
        self.home = place / "cluster"
        self.brokers = brokers
        # Brokers that outlive the run have other topics and groups for each.
        run = f"-{int(time.time())}" if brokers else ""
        self.topic, self.alerts_topic = f"payments{run}", f"alerts{run}"
        self.dead_letter_topic = f"{self.topic}.dead-letters"
        self.environment = {
            name: value for name, value in os.environ.items()
            if not name.startswith("REDOUBT_") and name != "TMPDIR"}
        self.environment |= {
            "REDOUBT_HOME": str(self.home), "REDOUBT_BINARY": str(binary), "REDOUBT_PORT_OFFSET": str(offset),
            "REDOUBT_KAFKA_TOPIC": self.topic, "REDOUBT_KAFKA_GROUP": f"redoubt{run}",
            "REDOUBT_KAFKA_ALERTS_TOPIC": self.alerts_topic,
            "REDOUBT_KAFKA_SESSION_TIMEOUT_MILLISECONDS": str(session_timeout_milliseconds)}

    def script(self, name, *arguments):
        """Runs one of cluster/; gives what it printed."""
        done = subprocess.run(
            [REPOSITORY / "cluster" / name, *map(str, arguments)], env=self.environment, stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT, text=True, stdin=subprocess.DEVNULL)
        if done.returncode != 0:
            raise RuntimeError(f"cluster/{name} {' '.join(map(str, arguments))} failed:\n{done.stdout}")
        return done.stdout

    def up(self):
        self.script("up", "--no-sample", "--kafka", self.brokers or "mock")
        for line in (self.home / "env").read_text().splitlines():
            words = shlex.split(line, comments=True)
            if words[:1] == ["export"]:
                name, value = words[1].split("=", 1)
                self.environment[name] = value
        self.databases = self.environment["REDOUBT_DATABASES"].split()
        self.tls = ssl.create_default_context(cafile=self.environment["REDOUBT_CACERT"])
        await_that("every node has partitions", lambda: all(self.assigned(node) for node in NODES), 60)

    def down(self, keep):
        subprocess.run(
            [REPOSITORY / "cluster/down", *([] if keep else ["--wipe"])], env=self.environment,
            stdout=subprocess.DEVNULL)

    # --- Questions ---

    def url(self, node, path):
        return f"https://127.0.0.1:{8440 + self.offset + node}{path}"

    def send(self, node, method, path, content=None):
        """The answer to a request that changes something."""
        request = urllib.request.Request(
            self.url(node, path), method=method, data=json.dumps(content).encode() if content else None,
            headers={"Authorization": f"Bearer {self.environment['REDOUBT_TOKEN']}", "Content-Type": "application/json"})
        with urllib.request.urlopen(request, context=self.tls, timeout=20) as answer:
            return json.loads(answer.read() or "null")

    def text(self, node, path):
        request = urllib.request.Request(
            self.url(node, path),
            headers={"Authorization": f"Bearer {self.environment['REDOUBT_TOKEN']}"})
        with urllib.request.urlopen(request, context=self.tls, timeout=3) as answer:
            return answer.read().decode()

    def get(self, node, path):
        return json.loads(self.text(node, path))

    def anyone(self, ask):
        """What the first node says that answers."""
        for node in NODES:
            try:
                return ask(node)
            except OSError:
                pass
        raise OSError("no node answers")

    def is_ready(self, node):
        try:
            self.text(node, "/health/ready")
            return True
        except OSError:
            return False

    def leader(self):
        """The leader, as the first that answers has it; waits for one."""
        def known():
            return self.anyone(lambda node: self.get(node, "/cluster").get("leader"))
        return await_that("somebody leads", known, 30)[1]

    def await_ready(self, seconds=180):
        return await_that("all nodes are ready", lambda: all(self.is_ready(node) for node in NODES), seconds)[0]

    def offsets(self, node):
        """The ledger's next offset of each partition, as a node has it."""
        return {
            offset["partition"]: offset["next_offset"] for offset in self.get(node, "/pipeline")["offsets"]
            if offset.get("topic", self.topic) == self.topic}

    def committed(self):
        """Records of the topic that the ledger has taken."""
        return self.anyone(lambda node: sum(self.offsets(node).values()))

    def reader(self, node):
        """How a node reads the topic; nothing if it does not yet."""
        return self.get(node, "/pipeline").get("reader") or {"partitions": [], "counters": {}, "lag": None}

    def count(self, node, name):
        return self.reader(node)["counters"].get(name, 0)

    def assigned(self, node):
        """The partitions that a node reads."""
        return sorted(one["partition"] for one in self.reader(node)["partitions"])

    def redoubt(self, *arguments):
        done = subprocess.run(
            [self.binary, *map(str, arguments), "--json"], env=self.environment, capture_output=True, text=True)
        if done.returncode != 0:
            raise RuntimeError(f"redoubt {' '.join(map(str, arguments))} failed: {done.stdout}{done.stderr}")
        return json.loads(done.stdout)

    def ends(self):
        """The brokers' end of each partition."""
        return {
            one["partition"]: one["end_offset"] for one in self.redoubt("kafka", "topic", self.topic)["partitions"]}

    def records(self, topic):
        """Of a topic that nothing was removed from."""
        return sum(one["end_offset"] for one in self.redoubt("kafka", "topic", topic)["partitions"])

    def rows(self, node, statement):
        """The rows of a query, as text, one after the other."""
        programs = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: int(path.parent.name))
        psql = programs[-1] / "psql" if programs else "psql"
        with subprocess.Popen(
                [psql, self.databases[node - 1], "-X", "-q", "-v", "ON_ERROR_STOP=1", "-c",
                 f"COPY ({statement}) TO STDOUT"],
                stdout=subprocess.PIPE, text=True) as process:
            for line in process.stdout:
                yield line.rstrip("\n").split("\t")
        if process.returncode != 0:
            raise RuntimeError(f"the PostgreSQL of node {node} does not answer: {statement}")

    # --- Processes ---

    def process(self, node):
        return int((self.home / f"node-{node}/pid").read_text())

    def supervisor(self, node):
        return int((self.home / f"node-{node}/postgres.supervisor").read_text())

    def postmaster(self, node):
        root = self.home / "postgres-root"
        data = Path(root.read_text().strip()) / f"node-{node}" if root.exists() else self.home / f"node-{node}/postgres"
        try:
            return int((data / "postmaster.pid").read_text().splitlines()[0])
        except (OSError, IndexError, ValueError):
            return None

    def resident_bytes(self, node):
        status = Path(f"/proc/{self.process(node)}/status").read_text()
        return int(re.search(r"VmRSS:\s+(\d+) kB", status)[1]) << 10


class Production:
    """`redoubt kafka produce`, in a process of its own."""

    def __init__(self, cluster, records, rate, seed, window, poison_every):
        self.acknowledged = cluster.place / "acknowledged"
        self.notes = cluster.place / "produce.log"
        self.process = subprocess.Popen(
            [cluster.binary, "kafka", "produce", "--records", str(records), "--rate", str(rate), "--with-ids", "--seed",
             str(seed), "--poison-every", str(poison_every), "--window", str(window), "--acked-file",
             self.acknowledged, "--json"],
            env=cluster.environment, stdout=subprocess.PIPE, stderr=self.notes.open("w"), text=True)

    @property
    def is_running(self):
        return self.process.poll() is None

    def end(self, seconds=900):
        """Asks it to end in good order."""
        self.process.send_signal(signal.SIGTERM)
        return self.wait(seconds)

    def wait(self, seconds):
        text, _ = self.process.communicate(timeout=seconds)
        if not text:
            raise RuntimeError(f"kafka produce failed: {self.notes.read_text()[-2_000:]}")
        return json.loads(text)

    def kill(self):
        if self.is_running:
            self.process.kill()
            self.process.wait()
