package import ArgumentParser
package import Gateway

/// `redoubt label`: what payments turned out to be.
package struct LabelCommand: AsyncParsableCommand {
    package static let configuration = CommandConfiguration(
        commandName: "label",
        abstract: "Say that payments were fraud, or were not.",
        discussion: """
            A label takes effect on every node at once: the profile of the merchant changes, and with it the next \
            scores. It may be corrected by a later one.

              redoubt label txn_01M81SQC8H8X8K5QQMCF2Z6QTR fraud --source chargeback
              redoubt label --file labels.ndjson

            A file has a JSON object a line: {"transaction_id":"txn_…","label":"fraud","source":"chargeback", \
            "labelled_at":"2026-11-22T13:45:00Z"}; the last two may be left out. Each line stands for itself.

            Exit code: 0 when all labels are taken, 1 when some or all are not, 2 when the outcome is not known.
            """)

    package enum Label: String, ExpressibleByArgument, CaseIterable, Sendable {
        case fraud
        case legitimate
    }

    @OptionGroup package var administration: AdministrationOptions

    @Argument(help: ArgumentHelp("The transaction's id.", valueName: "transaction"))
    package var transaction: String?

    @Argument(help: ArgumentHelp("fraud or legitimate.", valueName: "label"))
    package var label: Label?

    @Option(name: .long, help: ArgumentHelp("Many labels, as JSON lines; - is standard input.", valueName: "file"))
    package var file: String?

    @Option(name: .long, help: ArgumentHelp("Who or what says so, such as chargeback.", valueName: "text"))
    package var source: String?

    @Option(name: .long, help: ArgumentHelp("When it became known, RFC 3339; now if left out.", valueName: "time"))
    package var at: String?

    package init() {}

    package func validate() throws {
        if file != nil {
            guard transaction == nil, label == nil, source == nil, at == nil else {
                throw ValidationError("With --file the labels stand in the file, with their sources and times.")
            }
        } else {
            guard transaction != nil, label != nil else {
                throw ValidationError("Name a transaction and say fraud or legitimate, or give --file.")
            }
        }
    }

    package func run() async throws {
        if let file {
            try await label(file: file)
        } else if let transaction, let label {
            try await administration.run { client in
                try await client.send(
                    try .label(transaction, label.rawValue, source: source, at: at), as: LabelAnswer.self,
                    patienceSeconds: 10)
            }
        }
    }

    private func label(file: String) async throws {
        let requests = LabelFile.requests(try InputFile.bytes(file, maxBytes: 1 << 30))
        var refused = 0
        try await administration.run { client in
            var total = LabelResults([], logIndex: nil)
            var progress = ProgressLine()
            defer { progress.finish() }
            for (place, request) in requests.enumerated() {
                let answer = try await client.send(
                    .labels(request.lines), as: LabelResults.self, patienceSeconds: 30)
                total.append(answer, linesBefore: request.linesBefore)
                progress.show(fraction: Double(place + 1) / Double(requests.count), "\(total.results.count) labels")
            }
            refused = total.refused
            return total
        }
        if refused > 0 { throw ExitCode(1) }
    }
}

/// A file of labels, cut into requests at line ends.
package enum LabelFile {
    package static let linesPerRequest = 5_000
    package static let bytesPerRequest = 4 << 20

    package struct Request: Equatable {
        package var lines: [UInt8]
        /// Of the file, before this part.
        package var linesBefore: Int
    }

    package static func requests(_ bytes: [UInt8]) -> [Request] {
        var requests: [Request] = []
        var start = 0
        var lines = 0
        var linesBefore = 0
        var position = 0
        func cut(_ end: Int) {
            let part = Array(bytes[start..<end])
            // A request without a label would be refused.
            if part.contains(where: { ![0x20, 0x09, 0x0A, 0x0D].contains($0) }) {
                requests.append(Request(lines: part, linesBefore: linesBefore))
            }
            start = end
            linesBefore += lines
            lines = 0
        }
        while position < bytes.count {
            let end = bytes[position...].firstIndex(of: 0x0A).map { $0 + 1 } ?? bytes.count
            if lines == linesPerRequest || (lines > 0 && end - start > bytesPerRequest) { cut(position) }
            lines += 1
            position = end
        }
        if lines > 0 { cut(bytes.count) }
        return requests
    }
}

extension LabelResults {
    /// Adds the results of a later part of the same file.
    package mutating func append(_ later: LabelResults, linesBefore: Int) {
        let moved = later.results.map { result in
            var result = result
            result.line = result.line.map { $0 + linesBefore }
            return result
        }
        self = LabelResults(results + moved, logIndex: later.logIndex ?? logIndex)
    }
}

extension LabelAnswer: TextRepresentable {
    package var text: String {
        switch status {
        case .accepted: "\(transactionID) is labelled; the label is in effect from log entry \(logIndex) on."
        case .changed: "\(transactionID) has the other label now, in effect from log entry \(logIndex) on."
        case .unchanged: "\(transactionID) had this label already."
        case .unknownTransaction, .invalid: "\(transactionID): \(status.rawValue)"
        }
    }
}

extension LabelResults: TextRepresentable {
    private static let shownLines = 20

    package var text: String {
        let faults = results.filter { $0.status == .invalid || $0.status == .unknownTransaction }
        var lines = faults.prefix(Self.shownLines).map { result in
            let place = result.line.map { "line \($0): " } ?? ""
            let reasons = result.errors?.map { ($0.field.map { "\($0) " } ?? "") + $0.detail }.joined(separator: "; ")
            return place + (reasons ?? "there is no transaction \(result.transactionID ?? "of that id")")
        }
        if faults.count > Self.shownLines { lines.append("… and \(faults.count - Self.shownLines) more") }
        lines.append(
            "\(accepted) new, \(changed) changed, \(unchanged) as they were, \(unknown) of unknown transactions, "
                + "\(invalid) invalid.")
        return lines.joined(separator: "\n")
    }
}
