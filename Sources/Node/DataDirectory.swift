import Foundation
import Ledger

/// Where a node keeps its log and its checkpoints.
struct DataDirectory {
    let log: String
    let checkpoints: String

    /// Makes what is missing, open to the owner alone.
    init(_ path: String) throws {
        log = path + "/log"
        checkpoints = path + "/checkpoints"
        for directory in [path, log, checkpoints] {
            do {
                try FileManager.default.createDirectory(
                    atPath: directory, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
            } catch {
                throw NodeFault.dataDirectory(path: directory, reason: error.localizedDescription)
            }
        }
    }

    /// Renames a damaged checkpoint, so that it is kept for whoever wants to know, but not counted as one.
    func setAside(_ error: CheckpointError) {
        guard case .damaged(let path, _) = error else { return }
        try? FileManager.default.removeItem(atPath: path + ".damaged")
        try? FileManager.default.moveItem(atPath: path, toPath: path + ".damaged")
    }
}
