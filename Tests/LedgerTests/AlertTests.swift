import Bytes
import Detection
import Ledger
import Raft
import Security
import Testing

/// What is done with alerts counts once, in order, and labels their payments.
@Suite struct AlertTests {
    let ledger = TestLedger()
    var state = LedgerState(configuration: LedgerConfiguration(transactionIDs: 100, idempotencyKeys: 20, users: 20))
    var database = TestDatabase()

    /// Payment 1 is approved, 2 and 3 are alerts.
    init() throws {
        let group = ledger.group(
            [1, 2, 3].map { ledger.record($0, ledger.transaction(amount: $0 == 1 ? "5" : "20000")) })
        let taken = try ledger.take([group], &state)
        state.confirm(at: LogIndex(1))
        database.apply(taken.command!, at: LogIndex(1))
    }

    private mutating func review(_ reviews: IntakeReview...) throws -> [ReviewOutcome] {
        let known = database.payments(reviews.map(\.id))
        #expect(state.isCovered(by: known, reviews))
        let taken = try state.takeReviews(reviews, known: known, nowMicroseconds: newYear + 1, sealer: ledger.sealer)
        #expect((taken.command == nil) == (taken.undo == nil))
        if let command = taken.command { #expect(try Command.decode(command.encode()) == command) }
        return taken.outcome
    }

    private func standing(_ state: AlertState, _ assignee: String?, _ revision: UInt32, _ number: UInt128)
        -> AlertStanding
    {
        AlertStanding(state: state, assignee: assignee, revision: revision, lastReview: number)
    }

    @Test mutating func anAlertIsAssignedDecidedAndLabelled() throws {
        #expect(
            try review(ledger.review(1, of: 2, .assign(to: "bob")))
                == [.reviewed(standing(.assigned, "bob", 1, 1), label: nil)])
        #expect(
            try review(ledger.review(2, of: 2, .note, note: "called the customer"))
                == [.reviewed(standing(.assigned, "bob", 2, 2), label: nil)])
        #expect(
            try review(ledger.review(3, of: 2, .confirm))
                == [.reviewed(standing(.confirmed, "bob", 3, 3), label: .accepted)])
        // Decided otherwise: the label's effect is taken back, and the other one takes its place.
        #expect(
            try review(ledger.review(4, of: 2, .dismiss), ledger.review(5, of: 2, .dismiss))
                == [
                    .reviewed(standing(.dismissed, "bob", 4, 4), label: .changed),
                    .reviewed(standing(.dismissed, "bob", 5, 5), label: .unchanged),
                ])
        #expect(
            try review(ledger.review(6, of: 2, .assign(to: nil)))
                == [.reviewed(standing(.open, nil, 6, 6), label: nil)])
    }

    @Test mutating func whoIsLateIsRefusedAndWhoRepeatsIsNot() throws {
        _ = try review(ledger.review(1, of: 2, .assign(to: "bob"), expecting: 0))
        let known = database.payments([TransactionID(rawValue: 2)])
        let late = ledger.review(2, of: 2, .assign(to: "eve"), expecting: 0)
        let taken = try state.takeReviews([late], known: known, nowMicroseconds: 0, sealer: ledger.sealer)
        #expect(taken.outcome == [.conflict(standing(.assigned, "bob", 1, 1))])
        #expect(taken.command == nil && taken.undo == nil)
        // The same review again, as a node sends it that has not heard the answer.
        #expect(
            try review(ledger.review(1, of: 2, .assign(to: "bob"), expecting: 0))
                == [.repeated(standing(.assigned, "bob", 1, 1))])
    }

    @Test mutating func whatIsNoAlertCannotBeReviewed() throws {
        #expect(try review(ledger.review(1, of: 1, .confirm)) == [.unknownAlert])
        #expect(try review(ledger.review(1, of: 77, .confirm)) == [.unknownAlert])
    }

    @Test mutating func aVerdictIsALabelToTheFold() throws {
        var labelled = state
        let label = IntakeLabel(
            id: TransactionID(rawValue: 2), verdict: .fraud, source: "review:ada",
            labelledAtMicroseconds: newYear + 1)
        _ = try labelled.takeLabels(
            [label], known: database.payments([label.id]), nowMicroseconds: newYear + 1, sealer: ledger.sealer)
        _ = try review(ledger.review(1, of: 2, .confirm))
        let merchant = try ledger.event(of: ledger.record(2, ledger.transaction())).merchantKey
        #expect(state.profiles[merchant: merchant] == labelled.profiles[merchant: merchant])
        // And to labels that come after it.
        let taken = try state.takeLabels(
            [label], known: database.payments([label.id]), nowMicroseconds: 0, sealer: ledger.sealer)
        #expect(taken.outcome == [.unchanged])
    }

    @Test mutating func whatIsUndoneIsForgotten() throws {
        let before = state.encode()
        let reviews = [ledger.review(1, of: 2, .confirm), ledger.review(2, of: 3, .assign(to: "bob"))]
        let known = database.payments(reviews.map(\.id))
        let taken = try state.takeReviews(reviews, known: known, nowMicroseconds: newYear, sealer: ledger.sealer)
        state.undo(taken.undo!)
        #expect(state.encode() == before)
        #expect(
            try review(ledger.review(1, of: 2, .note, note: "x"))
                == [.reviewed(standing(.open, nil, 1, 1), label: nil)])
    }

    @Test mutating func aFollowerFoldsReviewsToTheSameBytes() throws {
        var follower = try LedgerState(decoding: state.encode(), configuration: state.configuration)
        let reviews = [
            ledger.review(1, of: 2, .confirm, note: "it was"), ledger.review(2, of: 3, .dismiss),
            ledger.review(3, of: 2, .assign(to: "bob")),
        ]
        let known = database.payments(reviews.map(\.id))
        let taken = try state.takeReviews(reviews, known: known, nowMicroseconds: newYear, sealer: ledger.sealer)
        state.confirm(at: LogIndex(2))
        try follower.fold(try Command.decode(taken.command!.encode()), at: LogIndex(2), sealer: ledger.sealer)
        #expect(follower.encode() == state.encode())
        let restored = try LedgerState(decoding: follower.encode(), configuration: state.configuration)
        #expect(restored.encode() == state.encode())
    }

    @Test func aDatabaseThatLagsDoesNotAnswer() throws {
        var small = LedgerState(configuration: LedgerConfiguration(labels: 2))
        var database = TestDatabase()
        let group = ledger.group((1...4).map { ledger.record($0, ledger.transaction(amount: "20000")) })
        database.apply(try ledger.take([group], &small).command!, at: LogIndex(1))
        small.confirm(at: LogIndex(1))
        let stale = database
        for number in 1...3 {
            let review = ledger.review(UInt128(number), of: number, .assign(to: "bob"))
            let known = database.payments([review.id])
            #expect(small.isCovered(by: known, [review]))
            let taken = try small.takeReviews([review], known: known, nowMicroseconds: 0, sealer: ledger.sealer)
            small.confirm(at: LogIndex(UInt64(number) + 1))
            database.apply(taken.command!, at: LogIndex(UInt64(number) + 1))
        }
        // Where alert 1 stands has been forgotten: only a database that has it can tell.
        let review = ledger.review(9, of: 1, .note, note: "x")
        #expect(!small.isCovered(by: stale.payments([review.id]), [review]))
        #expect(small.isCovered(by: database.payments([review.id]), [review]))
    }

    @Test func aNoteOpensWithItsReviewAlone() throws {
        let sealed = ReviewNote.seal("é", of: 7, ledger.sealer)
        #expect(try ReviewNote.open(sealed, of: 7, ledger.sealer) == "é")
        #expect(throws: SecurityError.self) { try ReviewNote.open(sealed, of: 8, ledger.sealer) }
    }

    @Test func anAuthorBecomesALabelsSource() throws {
        for (author, source) in [
            ("ada", "review:ada"), ("a\nb", "review:ab"),
            (String(repeating: "é", count: 40), "review:" + String(repeating: "é", count: 28)),
        ] {
            var ledgerState = state
            let review = IntakeReview(
                number: 1, id: TransactionID(rawValue: 2), author: author, action: .confirm, expecting: nil, note: nil)
            let taken = try ledgerState.takeReviews(
                [review], known: database.payments([review.id]), nowMicroseconds: newYear, sealer: ledger.sealer)
            guard case .reviews(_, let reviews) = taken.command else { Issue.record("no command"); return }
            #expect(reviews[0].label?.source == source && reviews[0].author == author)
        }
    }
}

extension TestLedger {
    func review(
        _ number: UInt128, of id: Int, _ action: ReviewAction, expecting: UInt32? = nil, note: String? = nil
    ) -> IntakeReview {
        IntakeReview(
            number: number, id: TransactionID(rawValue: UInt128(id)), author: "ada", action: action,
            expecting: expecting, note: note.map { ReviewNote.seal($0, of: number, sealer) })
    }
}
