import Gateway
import Ledger
import Pipeline
import Streams

/// The node's own numbers, read when somebody asks for them.
enum NodeMetrics {
    static func register(in registry: PrometheusRegistry, backend: NodeBackend, pipeline: Pipeline) {
        func gauge(_ name: String, _ help: String) -> PrometheusGauge {
            registry.describe(name, help)
            return registry.gauge(name)
        }
        let leader = gauge("redoubt_is_leader", "1 on the node that leads, else 0.")
        let ready = gauge("redoubt_is_ready", "1 when the node serves reads and writes, else 0.")
        let term = gauge("redoubt_raft_term", "The election term this node is in.")
        let last = gauge("redoubt_raft_last_index", "Last entry of this node's log.")
        let commit = gauge("redoubt_raft_commit_index", "Last entry known to be committed.")
        let folded = gauge("redoubt_folded_index", "Last entry folded into the profiles.")
        let applied = gauge("redoubt_applied_index", "Last entry in this node's PostgreSQL.")
        let flushed = gauge("redoubt_flushed_index", "Last entry that this node's PostgreSQL can't lose.")
        let logBytes = gauge("redoubt_log_bytes", "Size of the log's segments on disk.")
        let transactions = gauge("redoubt_transactions_stored", "Transactions in this node's PostgreSQL.")
        let conflicts = gauge("redoubt_apply_conflicts", "Batches that only the unique index kept from doubling.")
        let waiting = gauge("redoubt_intake_waiting", "Requests at this node that wait for the leader's answer.")
        if backend.kafka != nil {
            for (name, help) in StreamMetrics.descriptions { registry.describe(name, help) }
        }
        registry.onCollect {
            backend.kafka?.publishMetrics()
            let status = backend.status
            let health = backend.health
            leader.set(Int64(health.isLeader ? 1 : 0))
            ready.set(Int64(health.isReady ? 1 : 0))
            term.set(Int64(clamping: status.term))
            last.set(Int64(clamping: status.lastIndex))
            commit.set(Int64(clamping: status.commitIndex))
            folded.set(Int64(clamping: status.foldedIndex))
            applied.set(Int64(clamping: status.appliedIndex))
            flushed.set(Int64(clamping: status.flushedIndex))
            logBytes.set(Int64(status.logBytes))
            let store = backend.storeProgress
            transactions.set(Int64(store.transactions))
            conflicts.set(Int64(store.statistics.conflicts))
            waiting.set(Int64(pipeline.requestsWaiting))
        }
    }
}
