import Bytes
import Ledger
import Raft

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
        case .forward(let batch, .labels(let labels)):
            writer.write(Kind.forwardLabels.rawValue)
            writer.write(batch)
            writer.write(UInt32(labels.count))
            for label in labels { label.encode(into: &writer) }
        case .forward(let batch, .reviews(let reviews)):
            writer.write(Kind.forwardReviews.rawValue)
            writer.write(batch)
            writer.write(UInt32(reviews.count))
            for review in reviews { review.encode(into: &writer) }
        case .forward(let batch, .change(let author, let change)):
            writer.write(Kind.forwardChange.rawValue)
            writer.write(batch)
            writer.writeString(author)
            change.encode(into: &writer)
        case .forward(let batch, .outbox(let author, let changes)):
            writer.write(Kind.forwardOutbox.rawValue)
            writer.write(batch)
            writer.writeString(author)
            writer.write(UInt32(changes.count))
            for change in changes { change.encode(into: &writer) }
        case .forward(let batch, .stream(let author, let change)):
            writer.write(Kind.forwardStreamChange.rawValue)
            writer.write(batch)
            writer.writeString(author)
            change.encode(into: &writer)
        case .reply(let batch, .committed(let index, let answer)):
            writer.write(Kind(answer).rawValue)
            writer.write(batch)
            writer.write(index.rawValue)
            switch answer {
            case .groups(let outcomes):
                writer.write(UInt32(outcomes.count))
                for outcome in outcomes { outcome.encode(into: &writer) }
            case .labels(let outcomes):
                writer.write(UInt32(outcomes.count))
                for outcome in outcomes { writer.write(outcome.rawValue) }
            case .reviews(let outcomes):
                writer.write(UInt32(outcomes.count))
                for outcome in outcomes { outcome.encode(into: &writer) }
            case .change(let outcome): outcome.encode(into: &writer)
            case .outbox(let outcomes):
                writer.write(UInt32(outcomes.count))
                for outcome in outcomes { outcome.encode(into: &writer) }
            case .stream(let outcome): outcome.encode(into: &writer)
            case .nothing: break
            }
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
            let count = try reader.readCount(elementsOfAtLeast: 13)
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
            message = .reply(batch: batch, .committed(index, .groups(outcomes)))
        case .forwardLabels:
            var labels: [IntakeLabel] = []
            let count = try reader.readCount(elementsOfAtLeast: IntakeLabel.minimumByteCount)
            labels.reserveCapacity(count)
            for _ in 0..<count { labels.append(try IntakeLabel(from: &reader)) }
            message = .forward(batch: batch, .labels(labels))
        case .forwardReviews:
            var reviews: [IntakeReview] = []
            for _ in 0..<(try reader.readCount(elementsOfAtLeast: IntakeReview.minimumByteCount)) {
                reviews.append(try IntakeReview(from: &reader))
            }
            message = .forward(batch: batch, .reviews(reviews))
        case .committedReviews:
            let index = LogIndex(try reader.read())
            var outcomes: [ReviewOutcome] = []
            for _ in 0..<(try reader.readCount(elementsOfAtLeast: 1)) {
                outcomes.append(try ReviewOutcome(from: &reader))
            }
            message = .reply(batch: batch, .committed(index, .reviews(outcomes)))
        case .forwardChange:
            let author = try reader.readAuthor()
            message = .forward(batch: batch, .change(author: author, try RegistryChange(from: &reader)))
        case .forwardOutbox:
            let author = try reader.readAuthor()
            var changes: [OutboxChange] = []
            for _ in 0..<(try reader.readCount(elementsOfAtLeast: OutboxChange.minimumByteCount)) {
                changes.append(try OutboxChange(from: &reader))
            }
            message = .forward(batch: batch, .outbox(author: author, changes))
        case .committedOutbox:
            let index = LogIndex(try reader.read())
            var outcomes: [OutboxOutcome] = []
            for _ in 0..<(try reader.readCount(elementsOfAtLeast: 1)) {
                outcomes.append(try OutboxOutcome(from: &reader))
            }
            message = .reply(batch: batch, .committed(index, .outbox(outcomes)))
        case .forwardStreamChange:
            let author = try reader.readAuthor()
            message = .forward(batch: batch, .stream(author: author, try StreamChange(from: &reader)))
        case .committedStreamChange:
            let index = LogIndex(try reader.read())
            message = .reply(batch: batch, .committed(index, .stream(try StreamChangeOutcome(from: &reader))))
        case .committedLabels:
            let index = LogIndex(try reader.read())
            var outcomes: [LabelOutcome] = []
            for _ in 0..<(try reader.readCount(elementsOfAtLeast: 1)) {
                outcomes.append(try LabelOutcome(from: &reader))
            }
            message = .reply(batch: batch, .committed(index, .labels(outcomes)))
        case .committedChange:
            let index = LogIndex(try reader.read())
            message = .reply(batch: batch, .committed(index, .change(try RegistryOutcome(from: &reader))))
        case .committedVerification:
            message = .reply(batch: batch, .committed(LogIndex(try reader.read()), .nothing))
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
        case forwardLabels, forwardChange, committedLabels, committedChange, committedVerification
        case forwardStreamChange, committedStreamChange
        case forwardReviews, committedReviews, forwardOutbox, committedOutbox

        init(_ answer: WorkAnswer) {
            self =
                switch answer {
                case .groups: .committed
                case .labels: .committedLabels
                case .reviews: .committedReviews
                case .outbox: .committedOutbox
                case .change: .committedChange
                case .stream: .committedStreamChange
                case .nothing: .committedVerification
                }
        }
    }
}
