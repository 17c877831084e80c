import Bytes
import Ledger
import Raft
import Security
import Testing

/// What leaves the cluster is part of the fold: the next leader goes on where the last one was.
@Suite struct OutboxTests {
    let ledger = TestLedger()
    var state = LedgerState(configuration: LedgerConfiguration(transactionIDs: 100, idempotencyKeys: 20, users: 20))

    private mutating func make(_ changes: OutboxChange...) throws -> [OutboxOutcome] {
        let taken = state.takeOutbox(changes, author: "ada", nowMicroseconds: newYear)
        #expect((taken.command == nil) == (taken.undo == nil))
        #expect((taken.command == nil) == !taken.outcome.contains(.changed))
        if let command = taken.command { #expect(try Command.decode(command.encode()) == command) }
        return taken.outcome
    }

    private func position(_ index: UInt64, _ ordinal: UInt32 = 0) -> OutboxPosition {
        OutboxPosition(index: LogIndex(index), ordinal: ordinal)
    }

    private func failure(_ index: UInt64, attempts: UInt32 = 3) -> FailedDelivery {
        FailedDelivery(
            position: position(index), id: TransactionID(rawValue: 5), attempts: attempts, reason: "410 Gone",
            failedAtMicroseconds: newYear)
    }

    private func webhook(
        _ name: String, secret: [UInt8]? = [1, 2], isEnabled: Bool = true, from index: UInt64 = 7
    ) -> OutboxChange {
        .putWebhook(
            name: name, url: "https://example.com/\(name)", secret: secret, isEnabled: isEnabled,
            from: position(index))
    }

    @Test mutating func aCursorMovesForwardOnly() throws {
        let channel = "kafka:alerts"
        #expect(try make(.delivered(channel: channel, through: position(4, 2))) == [.changed])
        #expect(
            try make(
                .delivered(channel: channel, through: position(4, 1)),
                .delivered(channel: channel, through: position(4, 2)),
                .delivered(channel: channel, through: position(4, 3))) == [.unchanged, .unchanged, .changed])
        #expect(try make(.delivered(channel: channel, through: position(3, 9))) == [.unchanged])
        #expect(state.outbox.channels[channel]?.position == position(4, 3))
    }

    @Test mutating func whatIsGivenUpIsKeptUntilItIsSettled() throws {
        let channel = "kafka:alerts"
        #expect(try make(.failed(channel: channel, failure(1))) == [.refused(.unknownChannel)])
        #expect(
            try make(
                .delivered(channel: channel, through: position(3)), .failed(channel: channel, failure(1)),
                .failed(channel: channel, failure(2)), .failed(channel: channel, failure(2)))
                == [.changed, .changed, .changed, .unchanged])
        // The newer word on a delivery stands.
        #expect(try make(.failed(channel: channel, failure(2, attempts: 9))) == [.changed])
        #expect(
            try make(.settled(channel: channel, position(1)), .settled(channel: channel, position(1)))
                == [.changed, .refused(.unknownDelivery)])
        #expect(state.outbox.channels[channel]?.failures.map(\.attempts) == [9])
    }

    @Test mutating func theOldestFailuresMakeRoomAndAreCounted() throws {
        _ = try make(.delivered(channel: "a", through: position(1)))
        for index in 0..<UInt64(OutboxChannel.failuresKept) + 3 { _ = try make(.failed(channel: "a", failure(index))) }
        let channel = state.outbox.channels["a"]
        #expect(channel?.failures.count == OutboxChannel.failuresKept && channel?.dropped == 3)
        #expect(channel?.failures.first?.position == position(3))
    }

    @Test mutating func aWebhookBringsItsChannelAndTakesItAlong() throws {
        #expect(try make(webhook("a", secret: nil)) == [.refused(.noSecret)])
        #expect(try make(webhook("a")) == [.changed])
        #expect(state.outbox.channels["webhook:a"]?.position == position(7))
        #expect(try make(webhook("a", from: 99)) == [.unchanged])
        #expect(try make(.delivered(channel: "webhook:a", through: position(8))) == [.changed])
        // It keeps its secret and its place when it changes.
        #expect(try make(webhook("a", secret: nil, isEnabled: false, from: 99)) == [.changed])
        let changed = try #require(state.outbox.webhooks["a"])
        #expect(!changed.isEnabled && changed.secret == [1, 2] && changed.createdBy == "ada")
        #expect(state.outbox.channels["webhook:a"]?.position == position(8))
        #expect(try make(.removeWebhook(name: "a")) == [.changed])
        #expect(try make(.removeWebhook(name: "a")) == [.refused(.unknownWebhook)])
        // A late word of it does not bring it back.
        #expect(
            try make(.delivered(channel: "webhook:a", through: position(9)), .failed(channel: "webhook:a", failure(9)))
                == [.refused(.unknownChannel), .refused(.unknownChannel)])
        #expect(state.outbox.channels.isEmpty && state.outbox.webhooks.isEmpty)
    }

    @Test mutating func noMoreAreKeptThanMayBe() throws {
        for number in 0..<Outbox.webhooksKept { #expect(try make(webhook("w\(number)")) == [.changed]) }
        #expect(try make(webhook("more")) == [.refused(.tooManyWebhooks)])
        for number in Outbox.webhooksKept..<Outbox.channelsKept {
            #expect(try make(.delivered(channel: "c\(number)", through: position(1))) == [.changed])
        }
        #expect(try make(.delivered(channel: "more", through: position(1))) == [.refused(.tooManyChannels)])
        #expect(try make(.delivered(channel: "c40", through: position(2))) == [.changed])
    }

    @Test mutating func whatIsUndoneIsAsBefore() throws {
        _ = try make(webhook("a"), .delivered(channel: "kafka:alerts", through: position(3)))
        state.confirm(at: LogIndex(1))
        let before = state.encode()
        var undos: [LedgerUndo] = []
        for change in [
            webhook("a", isEnabled: false), .failed(channel: "webhook:a", failure(2)), .removeWebhook(name: "a"),
            .delivered(channel: "kafka:alerts", through: position(9)),
        ] {
            undos.append(
                try #require(state.takeOutbox([change], author: "bob", nowMicroseconds: newYear + 9).undo))
        }
        for undo in undos.reversed() { state.undo(undo) }
        #expect(state.encode() == before)
    }

    @Test func namesAndAddressesAreChecked() {
        for name in ["a", "kafka:dead-letters", "webhook:a_b-1", String(repeating: "x", count: 64)] {
            #expect(OutboxChannel.isValid(name: name))
        }
        for name in ["", "A", "a b", "é", String(repeating: "x", count: 65)] {
            #expect(!OutboxChannel.isValid(name: name))
        }
        #expect(Webhook.isValid(name: "a-1") && !Webhook.isValid(name: "a:1"))
        #expect(!Webhook.isValid(url: "https://a b") && !Webhook.isValid(url: "https://é"))
    }

    @Test func aSecretOpensForItsWebhookAlone() throws {
        let secret = [UInt8](repeating: 9, count: 32)
        let sealed = WebhookSecret.seal(secret, of: "a", ledger.sealer)
        #expect(try WebhookSecret.open(sealed, of: "a", ledger.sealer) == secret)
        #expect(throws: SecurityError.self) { try WebhookSecret.open(sealed, of: "b", ledger.sealer) }
    }

    @Test func positionsAreWrittenAndReadBack() {
        for place in [position(0), position(7, 3), .end(of: LogIndex(.max))] {
            #expect(OutboxPosition(place.description) == place)
        }
        for text in ["", "1", "1.", ".1", "1.2.3", "-1.2", "1.4294967296", "+1.2", "1.2 "] {
            #expect(OutboxPosition(text) == nil)
        }
        #expect(position(2) > position(1, 9) && position(1, 2) > position(1, 1))
    }
}
