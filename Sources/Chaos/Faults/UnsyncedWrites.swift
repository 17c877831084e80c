import Foundation
import Glibc

/// Takes back what a node had written and not synced, from what the shim kept: chaos/shims/disk.c has the format.
struct UnsyncedWrites {
    private static let headerBytes = 32

    let data: String
    let control: String

    private struct Record {
        var offset: Int
        var sizeBefore: Int
        var kept: ArraySlice<UInt8>
    }

    /// Is there anything that a loss of power would take now?
    var isAny: Bool {
        undoNames.contains { name in
            var status = stat()
            return stat("\(undoDirectory)/\(name)", &status) == 0 && status.st_size > 0
        }
    }

    /// How many writes a loss of power would take. Certain while the node stands still.
    var count: Int {
        get throws { try kept().reduce(0) { $0 + $1.records.count } }
    }

    /// How many writes were taken back. The node must not run.
    func undo() throws -> Int {
        var count = 0
        for file in try kept() {
            try Self.play(file.records.reversed(), on: file.path)
            count += file.records.count
        }
        for name in undoNames { try FileManager.default.removeItem(atPath: "\(undoDirectory)/\(name)") }
        return count
    }

    private var undoDirectory: String { control + "/undo" }

    private var undoNames: [String] {
        (try? FileManager.default.contentsOfDirectory(atPath: undoDirectory)) ?? []
    }

    /// By file. One that is gone has nothing to take back.
    private func kept() throws -> [(path: String, records: [Record])] {
        var paths: [String: String] = [:]
        for case let name as String in FileManager.default.enumerator(atPath: data) ?? .init() {
            var status = stat()
            if lstat("\(data)/\(name)", &status) == 0 { paths["\(status.st_dev)-\(status.st_ino)"] = "\(data)/\(name)" }
        }
        return try undoNames.compactMap { name in
            guard let path = paths[name] else { return nil }
            let bytes = Array(FileManager.default.contents(atPath: "\(undoDirectory)/\(name)") ?? Data())
            return (path, try Self.records(bytes))
        }
    }

    private static func records(_ bytes: [UInt8]) throws -> [Record] {
        var records: [Record] = []
        var at = 0
        while bytes.count - at >= headerBytes {
            let numbers = (0..<4).map { field in
                (0..<8).reduce(UInt64(0)) { $0 | UInt64(bytes[at + field * 8 + $1]) << UInt64($1 * 8) }
            }
            let begin = at + headerBytes
            // The last one may be cut off: then its write was not made either.
            guard let kept = Int(exactly: numbers[2]), bytes.count - begin >= kept,
                let offset = Int(exactly: numbers[0]),
                let size = Int(exactly: numbers[1])
            else { break }
            records.append(Record(offset: offset, sizeBefore: size, kept: bytes[begin..<begin + kept]))
            at = begin + kept
        }
        return records
    }

    private static func play(_ records: some Sequence<Record>, on path: String) throws {
        let descriptor = open(path, O_WRONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw ChaosError.system("opening \(path)", code: errno) }
        defer { close(descriptor) }
        for record in records {
            let bytes = Array(record.kept)
            guard pwrite(descriptor, bytes, bytes.count, off_t(record.offset)) == bytes.count,
                ftruncate(descriptor, off_t(record.sizeBefore)) == 0
            else { throw ChaosError.system("taking back a write to \(path)", code: errno) }
        }
    }
}
