import Detection
import Ledger
import NIOCore
import Pipeline

/// The bodies of requests that change lists, or go back to what was.
enum RegistryRequests {
    /// Of a list that is sent whole.
    static let maxListBodyBytes = 4 * 1024 * 1024
    static let maxRollbackBodyBytes = 4096
    static let maxEntries = 10_000
    static let maxEntryBytes = 256
    static let maxDescriptionBytes = 512
    /// A little more than a model may have, so that its own bound is the one that is told.
    static let maxModelBytes = 4 * 1024 * 1024 + 4096

    struct NewList {
        let kind: ListKind
        let description: String
        let entries: [String]
    }

    static func list(_ body: ByteBuffer) throws(Problem) -> NewList {
        var fields = try fields(body, maxBytes: maxListBodyBytes)
        var kind: ListKind?
        if let name = fields.string("kind") {
            kind = ListKind(name: name)
            if kind == nil {
                fields.note("kind", "must be one of \(ListKind.allCases.map(\.name).joined(separator: ", "))")
            }
        }
        let description = fields.optionalString("description")
        if description?.utf8.count ?? 0 > maxDescriptionBytes {
            fields.note("description", "must have at most \(maxDescriptionBytes) bytes")
        }
        let entries = fields.optionalStrings("entries", count: maxEntries, maxBytes: maxEntryBytes)
        try fields.finish()
        return NewList(kind: kind!, description: description ?? "", entries: entries ?? [])
    }

    static func entries(_ body: ByteBuffer) throws(Problem) -> [String] {
        var fields = try fields(body, maxBytes: maxListBodyBytes)
        let entries = fields.strings("entries", count: maxEntries, maxBytes: maxEntryBytes)
        try fields.finish()
        return entries!
    }

    /// The version to go back to; nil: the one before. The body may be empty.
    static func rollback(_ body: ByteBuffer) throws(Problem) -> UInt64? {
        guard body.readableBytes > 0 else { return nil }
        var fields = try fields(body, maxBytes: maxRollbackBodyBytes)
        let version = fields.optionalInteger("version", in: 0...UInt64.max)
        try fields.finish()
        return version
    }

    private static func fields(_ body: ByteBuffer, maxBytes: Int) throws(Problem) -> DocumentFields {
        do throws(TransactionParserError) {
            return DocumentFields(
                try body.withUnsafeReadableBytes { bytes throws(TransactionParserError) in
                    try StrictDocument.read(bytes, maxBytes: maxBytes)
                })
        } catch {
            throw Problem(error)
        }
    }
}
