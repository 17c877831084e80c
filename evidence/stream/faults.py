"""What happens to the cluster meanwhile, and what came of it."""

import os
import signal
import time
from pathlib import Path

from deployment import NODES, PARTITIONS, await_that, say

KINDS = ["kill a follower", "kill the leader", "freeze a node", "kill a PostgreSQL"]


class Faults:
    """One after the other, so that a majority is always there, in an order and at times that the seed decides."""

    def __init__(self, cluster, chance, session_timeout):
        self.cluster, self.chance, self.session_timeout = cluster, chance, session_timeout
        self.bites = dict.fromkeys(KINDS, 0)
        self.struck = dict.fromkeys(KINDS, 0)

    def run(self, while_that):
        """Rounds of all kinds, as long as it holds."""
        began = time.monotonic()
        while True:
            order = KINDS[:]
            self.chance.shuffle(order)
            for kind in order:
                time.sleep(self.chance.uniform(1, 3))
                if not while_that():
                    return
                self.settle()
                if not while_that():
                    return
                bit, told = self.strike(kind)
                self.struck[kind] += 1
                self.bites[kind] += bit
                say(f"  {time.monotonic() - began:5.0f} s  {kind}: {told}{'' if bit else ' (nothing to bite)'}")

    def strike(self, kind):
        if kind == KINDS[0]:
            leader = self.cluster.leader()
            return self.kill(self.chance.choice([node for node in NODES if node != leader]), leads=False)
        if kind == KINDS[1]:
            return self.kill(self.cluster.leader(), leads=True)
        if kind == KINDS[2]:
            return self.freeze(self.chance.choice(NODES))
        return self.kill_postgres(self.chance.choice(NODES))

    def settle(self):
        """All nodes are ready, and all partitions are read."""
        self.cluster.await_ready()
        await_that("all partitions are read again", lambda: self.readers() == set(range(PARTITIONS)), 60)

    def readers(self, nodes=NODES):
        return {partition for node in nodes for partition in self.cluster.assigned(node)}

    def others(self, node):
        return [other for other in NODES if other != node]

    def kill(self, node, leads):
        cluster = self.cluster
        held = cluster.assigned(node)
        # Sometimes it is back before the group has missed it, sometimes it is not.
        away = self.chance.uniform(1, self.session_timeout + 5)
        before = cluster.committed()
        process = cluster.process(node)
        os.kill(process, signal.SIGKILL)
        began = time.monotonic()
        await_that(f"process {process} is gone", lambda: not Path(f"/proc/{process}/exe").exists(), 10)
        told = [f"node {node} with {len(held)} partitions"]
        led = True
        if leads:
            took, successor = await_that("another node leads", lambda: self.successor(node), 60)
            led = successor != node
            told.append(f"node {successor} leads after {took:.1f} s")
        time.sleep(max(0, began + away - time.monotonic()))
        moved = len(self.readers(self.others(node)) & set(held))
        told.append(f"{moved} of them were read by others when it was started after {away:.1f} s")
        told.append(f"{cluster.committed() - before} records taken meanwhile")
        cluster.script("start", node)
        told.append(f"ready after {cluster.await_ready():.1f} s")
        return bool(held) and led, "; ".join(told)

    def successor(self, node):
        for other in self.others(node):
            try:
                leader = self.cluster.get(other, "/cluster").get("leader")
            except OSError:
                continue
            if leader and leader != node:
                return leader
        return None

    def freeze(self, node):
        cluster = self.cluster
        held = cluster.assigned(node)
        led = cluster.leader() == node
        before = {name: cluster.count(node, name) for name in ["conflicts", "seeks"]}
        process = cluster.process(node)
        hold = self.session_timeout + self.chance.uniform(3, 6)
        os.kill(process, signal.SIGSTOP)
        began = time.monotonic()
        try:
            took, _ = await_that(
                "others read what it had", lambda: self.readers(self.others(node)) >= set(held), 60)
            time.sleep(max(0, began + hold - time.monotonic()))
            lasted = time.monotonic() - began
        finally:
            os.kill(process, signal.SIGCONT)
        back = cluster.await_ready()
        after = {name: cluster.count(node, name) - value for name, value in before.items()}
        return bool(held), (
            f"node {node}{', the leader,' if led else ''} with {len(held)} partitions for {lasted:.1f} s; others read them "
            f"after {took:.1f} s; back and ready after {back:.1f} s; {after['conflicts']} of its batches were "
            f"refused, {after['seeks']} times it was moved to where the ledger stood")

    def kill_postgres(self, node):
        cluster = self.cluster
        old = cluster.postmaster(node)
        cluster.script("kill-postgres", node)
        took, new = await_that(
            f"the PostgreSQL of node {node} runs again",
            lambda: cluster.postmaster(node) not in (None, old) and cluster.postmaster(node), 60)
        back = cluster.await_ready()
        return bool(old) and new != old, (
            f"of node {node}; it ran again after {took:.1f} s, all nodes were ready {back:.1f} s later")
