import Dispatch
import Foundation
import Gateway
import Identity
import Logging
import Pipeline
import Raft

/// What happened to the cluster, as this node saw it: kept on disk, for people to look at. Written on a queue of its own,
/// in order; a line that can't be written is lost, and nothing else.
final class History: Sendable {
    private let file: HistoryFile<HistoryEvent>?
    private let queue = DispatchQueue(label: "redoubt.history", qos: .utility)
    private let logger: Logger

    init(_ directory: DataDirectory, logger: Logger) {
        self.logger = logger
        do {
            file = try HistoryFile(path: directory.history)
        } catch {
            logger.error("the history can't be kept", metadata: ["error": "\(error)"])
            file = nil
        }
    }

    func record(_ kind: HistoryEvent.Kind, term: Term, index: LogIndex?, _ detail: String) {
        let event = HistoryEvent(
            microseconds: Int64(Date().timeIntervalSince1970 * 1_000_000), kind: kind, term: term.rawValue,
            index: index?.rawValue, detail: detail)
        queue.async { [file, logger] in
            do {
                try file?.append(event)
            } catch {
                logger.error("the history can't be kept", metadata: ["error": "\(error)"])
            }
        }
    }

    /// Newest first.
    func newest(_ limit: Int) throws(BackendError) -> [HistoryEvent] {
        do {
            return try file?.newest(limit).reversed() ?? []
        } catch {
            throw .internal("the history can't be read: \(error)")
        }
    }
}
