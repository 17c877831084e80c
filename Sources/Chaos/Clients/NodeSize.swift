import Foundation
import Glibc

/// How much a node takes up.
enum NodeSize {
    /// Memory of its own, nil if it does not run.
    static func residentBytes(_ process: ChildProcess?) -> Int? {
        guard let process, let text = try? String(contentsOfFile: "/proc/\(process.pid)/statm", encoding: .utf8) else {
            return nil
        }
        let fields = text.split(separator: " ")
        guard fields.count > 1, let pages = Int(fields[1]) else { return nil }
        return pages * Int(sysconf(Int32(_SC_PAGESIZE)))
    }

    /// Blocks that a directory's files have, nil if it is not there.
    static func diskBytes(_ directory: String) -> Int? {
        guard let names = FileManager.default.enumerator(atPath: directory) else { return nil }
        var bytes = 0
        for case let name as String in names {
            var status = stat()
            if lstat("\(directory)/\(name)", &status) == 0 { bytes += Int(status.st_blocks) * 512 }
        }
        return bytes
    }
}
