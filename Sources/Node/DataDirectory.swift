import Foundation

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
}
