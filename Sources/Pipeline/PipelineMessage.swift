import Bytes
package import Ledger
package import Raft

/// What one node's pipeline says to another's.
package enum PipelineMessage: Sendable {
    /// Work for the leader. `batch` is unique among all batches of all lives of the sender.
    case forward(batch: UInt64, Work)
    case reply(batch: UInt64, WorkOutcome)

    package func encode() -> [UInt8] {
        var writer = ByteWriter(reservingCapacity: 256)
        switch self {
        case .forward(let batch, .groups(let groups)):
            writer.write(Kind.forwardGroups.rawValue)
            writer.write(batch)
            writer.write(UInt32(groups.count))
            for group in groups { group.encode(into: &writer) }
        case .forward(let batch, .verification(let id)):
            writer.write(Kind.forwardVerification.rawValue)
            writer.write(batch)
            writer.write(id)
        case .reply(let batch, .committed(let index, let outcomes)):
            writer.write(Kind.committed.rawValue)
            writer.write(batch)
            writer.write(index.rawValue)
            writer.write(UInt32(outcomes.count))
            for outcome in outcomes { outcome.encode(into: &writer) }
        case .reply(let batch, .refused(let refusal)):
            writer.write(Kind.refused.rawValue)
            writer.write(batch)
            writer.write(refusal.rawValue)
        }
        return writer.bytes
    }

    package static func decode(_ bytes: UnsafeRawBufferPointer) throws -> PipelineMessage {
        var reader = ByteReader(bytes)
        let kind = try reader.read(UInt8.self)
        let batch = try reader.read(UInt64.self)
        let message: PipelineMessage
        switch Kind(rawValue: kind) {
        case .forwardGroups:
            var groups: [IntakeGroup] = []
            let count = try reader.readCount(elementsOfAtLeast: 14)
            groups.reserveCapacity(count)
            for _ in 0..<count { groups.append(try IntakeGroup(from: &reader)) }
            message = .forward(batch: batch, .groups(groups))
        case .forwardVerification:
            message = .forward(batch: batch, .verification(id: try reader.read()))
        case .committed:
            let index = LogIndex(try reader.read())
            var outcomes: [GroupOutcome] = []
            let count = try reader.readCount(elementsOfAtLeast: 1)
            outcomes.reserveCapacity(count)
            for _ in 0..<count { outcomes.append(try GroupOutcome(from: &reader)) }
            message = .reply(batch: batch, .committed(index, outcomes))
        case .refused:
            let rawValue = try reader.read(UInt8.self)
            guard let refusal = WorkRefusal(rawValue: rawValue) else {
                throw MalformedBytes(offset: reader.offset, reason: "unknown refusal \(rawValue)")
            }
            message = .reply(batch: batch, .refused(refusal))
        case nil:
            throw MalformedBytes(offset: 0, reason: "unknown pipeline message \(kind)")
        }
        guard reader.isAtEnd else {
            throw MalformedBytes(offset: reader.offset, reason: "\(reader.remaining) bytes after the message")
        }
        return message
    }

    private enum Kind: UInt8 {
        case forwardGroups = 1
        case forwardVerification, committed, refused
    }
}

/// What the leader is asked to put into the log.
package enum Work: Sendable {
    case groups([IntakeGroup])
    /// A barrier at which every node computes its digest.
    case verification(id: UInt64)
}

/// What became of the work.
package enum WorkOutcome: Sendable {
    /// Committed at or below the index; one outcome for each group, none for a verification.
    case committed(LogIndex, [GroupOutcome])
    case refused(WorkRefusal)
}

package enum WorkRefusal: UInt8, Sendable {
    /// Not the leader: nothing was taken.
    case notLeader = 1
    /// The leader lost its office while the work was under way: it may or may not have been taken.
    case leadershipLost
    /// The leader's queue is at its bound: nothing was taken.
    case overloaded
    /// Whether the work is a repetition can't be told while the leader's PostgreSQL is away: nothing was taken.
    case lookUpUnavailable
    /// The leader can't open a body: the nodes' sealing keys differ. Nothing was taken.
    case unreadable
}
