import Foundation
import NIOCore
import Training

/// The rows of some files, one batch after another, as bodies of requests.
final class ReplaySource: ReplayRows {
    private let paths: [String]
    private let currency: String
    private let limit: Int
    private var fileIndex = 0
    private var lines: GzipLines?
    private var columns: ReplayColumns?
    private let totalBytes: Int
    private var finishedBytes = 0
    private(set) var rows = 0

    /// Opens nothing but checks that every file is there.
    init(paths: [String], currency: String, limit: Int?) throws(GzipLines.Failure) {
        self.paths = paths
        self.currency = currency
        self.limit = limit ?? .max
        var total = 0
        for path in paths { total += try Self.size(of: path) }
        totalBytes = total
    }

    /// How much has been given out, 0...1.
    var fraction: Double {
        if limit != .max { return Double(rows) / Double(max(limit, 1)) }
        return Double(finishedBytes + (lines?.consumedBytes ?? 0)) / Double(max(totalBytes, 1))
    }

    /// Writes up to `count` rows; how many there were, zero at the end.
    func next(_ count: Int, into body: inout ByteBuffer) throws(GzipLines.Failure) -> Int {
        var taken = 0
        while taken < count, rows < limit {
            guard try nextRow(into: &body) else { break }
            taken += 1
            rows += 1
        }
        return taken
    }

    private func nextRow(into body: inout ByteBuffer) throws(GzipLines.Failure) -> Bool {
        while true {
            guard let lines, let columns else {
                guard try openNext() else { return false }
                continue
            }
            let currency = currency
            let wrote: Bool? = try lines.next { line throws(GzipLines.Failure) in
                guard !line.isEmpty else { return false }
                do throws(ReplayColumns.Malformed) {
                    try columns.write(row: line, currency: currency, into: &body)
                    return true
                } catch {
                    throw GzipLines.Failure(path: lines.path, reason: "line \(lines.lineNumber): \(error.reason)")
                }
            }
            switch wrote {
            case true: return true
            case false: continue
            default:
                finishedBytes += try Self.size(of: lines.path)
                self.lines = nil
                self.columns = nil
            }
        }
    }

    private func openNext() throws(GzipLines.Failure) -> Bool {
        guard fileIndex < paths.count else { return false }
        let path = paths[fileIndex]
        fileIndex += 1
        let lines = try GzipLines(path: path)
        columns = try lines.next { header throws(GzipLines.Failure) in
            do throws(ReplayColumns.Malformed) {
                return try ReplayColumns(header: header)
            } catch {
                throw GzipLines.Failure(path: path, reason: error.reason)
            }
        }
        guard columns != nil else { throw GzipLines.Failure(path: path, reason: "the file is empty") }
        self.lines = lines
        return true
    }

    private static func size(of path: String) throws(GzipLines.Failure) -> Int {
        do {
            let attributes = try FileManager.default.attributesOfItem(atPath: path)
            return (attributes[.size] as? NSNumber)?.intValue ?? 0
        } catch {
            throw GzipLines.Failure(path: path, reason: "there is no such file, or it cannot be read")
        }
    }
}
