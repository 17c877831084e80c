import Ledger
import NIOCore

/// The bodies of requests that tell the ledger where to go on.
enum StreamRequests {
    /// A topic's name and a cluster's in which every byte is escaped, and a little more.
    static let maxBodyBytes = 4096

    enum Change: Equatable {
        /// `clusterID` nil: the one that the brokers have now.
        case reset(clusterID: String?, nextOffset: Int64)
        case forget
    }

    static func change(_ body: ByteBuffer) throws(Problem) -> (partition: StreamPartition, change: Change) {
        var fields = try DocumentFields(body, maxBytes: maxBodyBytes)
        let topic = fields.string("topic")
        if let topic, !StreamPartition.isValid(topic: topic) {
            fields.note("topic", "must be 1 to \(StreamPartition.maximumTopicBytes) of A-Z, a-z, 0-9, ., _ and -")
        }
        let number = fields.integer("partition", in: 0...UInt64(Int32.max))
        let change = change(&fields)
        try fields.finish()
        return (StreamPartition(topic: topic!, number: Int32(number!)), change!)
    }

    /// Nil only where a fault is noted.
    private static func change(_ fields: inout DocumentFields) -> Change? {
        let offsets = 0...UInt64(Int64.max)
        let clusterID = fields.optionalString("cluster_id", maxBytes: StreamRange.maximumClusterIDBytes)
        guard fields.optionalBoolean("forget") ?? false else {
            return fields.integer("next_offset", in: offsets).map {
                .reset(clusterID: clusterID, nextOffset: Int64($0))
            }
        }
        if fields.optionalInteger("next_offset", in: offsets) != nil {
            fields.note("next_offset", "goes without \"forget\" alone")
        }
        if clusterID != nil { fields.note("cluster_id", "goes without \"forget\" alone") }
        return .forget
    }
}
