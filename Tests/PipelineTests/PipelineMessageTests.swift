import Detection
import Ledger
import Pipeline
import Raft
import Testing

@Suite struct PipelineMessageTests {
    private static let label = IntakeLabel(
        id: TransactionID(rawValue: 5), verdict: .fraud, source: "chargeback", labelledAtMicroseconds: 77)
    private static let value = ListedValue(key: 1, keys: [1, 2], sealed: [3, 4])

    private static let partition = StreamPartition(topic: "a.b", number: 3)
    private static let stretch = IntakeGroup(
        stream: IntakeStream(
            range: StreamRange(
                partition: partition, clusterID: "k", expectedOffset: 1, firstOffset: 2, lastOffset: 5),
            offsets: [3], deadLetters: [DeadLetter(offset: 4, reason: "malformed", detail: "no JSON", content: [1])]),
        records: [
            IntakeRecord(
                id: TransactionID(rawValue: 5), fingerprint: 1, userKey: 2, occurredAtMicroseconds: 3, body: [4])
        ], mayBeKnown: true)

    static let works: [Work] = [
        .labels([label, label]), .verification(id: 3),
        .change(author: "ada", .putRules(text: "rules: []", comment: "none", restores: 2, expecting: nil)),
        .change(author: "ada", .putList(name: "a", kind: .user, description: "d", values: [value])),
        .change(author: "ada", .addToList(name: "a", values: [value])),
        .change(author: "ada", .removeFromList(name: "a", keys: [1, 2])),
        .change(author: "ada", .deleteList(name: "a")),
        .change(author: "ada", .putModel(id: ModelID(rawValue: 9), artifact: [1])),
        .change(author: "ada", .activateModel(nil)), .change(author: "", .shadowModel(ModelID(rawValue: 9))),
        .change(author: "ada", .rollBackModel(to: nil, from: ModelID(rawValue: 9))),
        .change(author: "ada", .removeModel(ModelID(rawValue: 9))),
        .stream(author: "ada", StreamChange(partition: partition, position: nil)),
        .stream(
            author: "", StreamChange(partition: partition, position: StreamPosition(clusterID: "k", nextOffset: 4))),
        .groups([stretch]),
        .outbox(
            author: "ada",
            [
                .delivered(channel: "kafka:alerts", through: OutboxPosition(index: LogIndex(3), ordinal: 1)),
                .removeWebhook(name: "a"),
            ]),
        .reviews([
            IntakeReview(
                number: 1, id: TransactionID(rawValue: 5), author: "ada", action: .assign(to: "bob"), expecting: nil,
                note: nil),
            IntakeReview(
                number: 2, id: TransactionID(rawValue: 5), author: "", action: .dismiss, expecting: 3, note: [1, 2]),
        ]),
    ]

    static let answers: [WorkAnswer] = [
        .nothing, .labels([.accepted, .changed, .unchanged, .unknownTransaction]),
        .change(.changed(version: 7)), .change(.unchanged(version: 7)),
        .change(.refused(.rulesChanged(active: 3))), .change(.refused(.modelChanged(active: nil))),
        .change(.refused(.unknownList(name: "a"))), .change(.refused(.unknownModel(ModelID(rawValue: 9)))),
        .change(.refused(.modelInUse(ModelID(rawValue: 9)))), .change(.refused(.tooManyModels(limit: 8))),
        .change(.refused(.tooManyLists(limit: 64))), .change(.refused(.tooManyValues(limit: 9))),
        .change(.refused(.listKindDiffers(name: "a", kind: .device))), .change(.refused(.unusable(reason: "no"))),
        .groups([.accepted([.duplicate]), .keyReused]),
        .groups([
            .streamed(StreamReceipt(nextOffset: 9, accepted: 1, duplicates: 2, deadLetters: 3)),
            .streamRefused(.offsetConflict(next: 4)), .streamRefused(.streamChanged(clusterID: "k", next: 4)),
        ]),
        .reviews([
            .reviewed(.new, label: nil), .reviewed(.new, label: .changed), .unknownAlert,
            .repeated(AlertStanding(state: .dismissed, assignee: "bob", revision: 2, lastReview: 7)),
            .conflict(AlertStanding(state: .open, assignee: nil, revision: 2, lastReview: 7)),
        ]),
        .outbox([.changed, .unchanged] + OutboxRefusal.allCases.map { .refused($0) }),
        .stream(.changed(previous: nil)), .stream(.changed(previous: StreamPosition(clusterID: "k", nextOffset: 4))),
        .stream(.unchanged), .stream(.refused(.tooManyStreams(limit: 3))),
    ]

    @Test(arguments: works) func `work reads back`(work: Work) throws {
        let bytes = PipelineMessage.forward(batch: 4, work).encode()
        guard case .forward(4, let read) = try bytes.withUnsafeBytes({ try PipelineMessage.decode($0) }) else {
            Issue.record("read back as something else")
            return
        }
        #expect(PipelineMessage.forward(batch: 4, read).encode() == bytes)
        for count in 0..<bytes.count {
            #expect(throws: (any Error).self) {
                try bytes.prefix(count).withUnsafeBytes { try PipelineMessage.decode($0) }
            }
        }
    }

    @Test(arguments: answers) func `answers read back`(answer: WorkAnswer) throws {
        let bytes = PipelineMessage.reply(batch: 4, .committed(LogIndex(8), answer)).encode()
        let message = try bytes.withUnsafeBytes { try PipelineMessage.decode($0) }
        guard case .reply(4, .committed(LogIndex(8), let read)) = message else {
            Issue.record("read back as something else")
            return
        }
        #expect(read == answer)
    }
}
