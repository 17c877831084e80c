import Gateway
import Logging
import Metrics
import Raft

/// Where log lines and numbers go: standard error, and the gateway's `/metrics`.
enum Observability {
    /// Once a process.
    static func bootstrap(level: Logger.Level, node: NodeID, metrics: PrometheusRegistry) -> Logger {
        LoggingSystem.bootstrap { label in
            var handler = StreamLogHandler.standardError(label: label)
            handler.logLevel = level
            handler.metadata["node"] = "\(node.rawValue)"
            return handler
        }
        MetricsSystem.bootstrap(metrics)
        return Logger(label: "redoubt")
    }
}
