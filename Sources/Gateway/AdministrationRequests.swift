import Ledger
import NIOCore
import Pipeline

/// The bodies of requests that change the cluster.
enum AdministrationRequests {
    /// Of a body; each has a handful of short fields.
    static let maxBodyBytes = 4096
    static let memberNumbers: ClosedRange<UInt64> = 1...65_535

    static func addition(_ body: ByteBuffer) throws(Problem) -> MemberAddition {
        var fields = try fields(body)
        let addition = addition(&fields)
        try fields.finish()
        return addition!
    }

    static func replacement(_ body: ByteBuffer) throws(Problem) -> (number: UInt64, by: MemberAddition) {
        var fields = try fields(body)
        let number = fields.integer("number", in: memberNumbers)
        var replacement: MemberAddition?
        if var inner = fields.object("by") {
            replacement = addition(&inner)
            fields.take(faultsOf: inner)
        }
        try fields.finish()
        return (number!, replacement!)
    }

    /// The member that is to lead; nil: any. The body may be empty.
    static func leader(_ body: ByteBuffer) throws(Problem) -> UInt64? {
        guard body.readableBytes > 0 else { return nil }
        var fields = try fields(body)
        let target = fields.optionalInteger("target", in: memberNumbers)
        try fields.finish()
        return target
    }

    static func maintenance(_ body: ByteBuffer) throws(Problem) -> Bool {
        var fields = try fields(body)
        let enabled = fields.boolean("enabled")
        try fields.finish()
        return enabled!
    }

    /// Nil only where a fault is noted.
    private static func addition(_ fields: inout DocumentFields) -> MemberAddition? {
        let number = fields.integer("number", in: memberNumbers)
        let peerAddress = fields.string("peer_address")
        let url = fields.string("url")
        let promote = fields.optionalBoolean("promote")
        if let reason = peerAddress.flatMap(MemberAddress.faultOfPeerAddress) {
            return fields.fault("peer_address", reason)
        }
        if let reason = url.flatMap(MemberAddress.faultOfURL) { return fields.fault("url", reason) }
        guard let number, let peerAddress, let url else { return nil }
        return MemberAddition(number: number, peerAddress: peerAddress, url: url, promote: promote ?? true)
    }

    private static func fields(_ body: ByteBuffer) throws(Problem) -> DocumentFields {
        do throws(TransactionParserError) {
            return DocumentFields(
                try body.withUnsafeReadableBytes { bytes throws(TransactionParserError) in
                    try StrictDocument.read(bytes, maxBytes: maxBodyBytes)
                })
        } catch {
            throw Problem(error)
        }
    }
}
