import Bytes
import Detection
import Glibc

/// How a model does: what it scores, and how right it was where the truth became known. Part of the replicated fold.
public struct ModelReport: Sendable, Equatable {
    /// Equal parts of 0...1.
    public static let binCount = 20
    /// Scores in one window of the distribution.
    public static let windowSize: UInt32 = 10_000
    /// A distribution of fewer scores says nothing.
    static let leastScores: UInt32 = 500

    /// Payments that it scored, live or in shadow.
    public internal(set) var scored: UInt64 = 0
    /// Labelled payments that it would have had somebody look at (review or block), and others.
    public internal(set) var truePositives: UInt64 = 0
    public internal(set) var falsePositives: UInt64 = 0
    public internal(set) var falseNegatives: UInt64 = 0
    public internal(set) var trueNegatives: UInt64 = 0
    /// The distribution of its first scores, of the window before the present one, and of the present one.
    private(set) var first = Window()
    private(set) var last = Window()
    private(set) var present = Window()

    struct Window: Sendable, Equatable {
        var counts = [UInt32](repeating: 0, count: ModelReport.binCount)
        var total: UInt32 = 0

        mutating func add(_ score: Float) {
            counts[min(ModelReport.binCount - 1, max(0, Int(score * Float(ModelReport.binCount))))] += 1
            total += 1
        }
    }

    public init() {}

    mutating func note(score: Float) {
        scored += 1
        if first.total < Self.windowSize { first.add(score) }
        if present.total == Self.windowSize {
            last = present
            present = Window()
        }
        present.add(score)
    }

    /// A label says whether the model was right; `sign` is -1 for a label that counts no more.
    mutating func note(isFraud: Bool, isFlagged: Bool, counts: Bool) {
        func change(_ number: inout UInt64) { number = counts ? number + 1 : number - min(1, number) }
        switch (isFraud, isFlagged) {
        case (true, true): change(&truePositives)
        case (false, true): change(&falsePositives)
        case (true, false): change(&falseNegatives)
        case (false, false): change(&trueNegatives)
        }
    }

    /// Of the payments that it flagged and that were labelled, those that were fraud; nil: there are none.
    public var precision: Double? { share(truePositives, of: truePositives + falsePositives) }
    /// Of the frauds that became known, those that it flagged; nil: there are none.
    public var recall: Double? { share(truePositives, of: truePositives + falseNegatives) }

    private func share(_ part: UInt64, of all: UInt64) -> Double? { all == 0 ? nil : Double(part) / Double(all) }

    /// The distribution of scores now: the last whole window, or the present one where there is none yet.
    private var recent: Window { present.total >= last.total ? present : last }

    /// The shares of the recent scores in each bin and those of the first ones, for the stability index; nil: too few.
    private var distributions: (first: [Double], recent: [Double])? {
        let recent = recent
        guard first.total >= Self.leastScores, recent.total >= Self.leastScores else { return nil }
        func shares(_ window: Window) -> [Double] { window.counts.map { Double($0) / Double(window.total) } }
        return (shares(first), shares(recent))
    }

    /// How far the recent scores are distributed otherwise than the first ones: the population stability index,
    /// Σ (q - p) · ln(q / p), with shares of at least 1/10,000. Below 0.1 is called stable, above 0.25 a shift.
    /// Nil: too few scores. For people; no part of the fold.
    public var stabilityIndex: Double? {
        guard let (first, recent) = distributions else { return nil }
        return zip(first, recent).reduce(0) { sum, shares in
            let (p, q) = (max(shares.0, 1e-4), max(shares.1, 1e-4))
            return sum + (q - p) * log(q / p)
        }
    }

    func encode(into writer: inout ByteWriter) {
        for number in [scored, truePositives, falsePositives, falseNegatives, trueNegatives] { writer.write(number) }
        for window in [first, last, present] {
            for count in window.counts { writer.write(count) }
        }
    }

    static let byteCount = 40 + 3 * binCount * 4

    init(from reader: inout ByteReader) throws(MalformedBytes) {
        scored = try reader.read()
        truePositives = try reader.read()
        falsePositives = try reader.read()
        falseNegatives = try reader.read()
        trueNegatives = try reader.read()
        first = try Window(from: &reader)
        last = try Window(from: &reader)
        present = try Window(from: &reader)
    }
}

extension ModelReport.Window {
    fileprivate init(from reader: inout ByteReader) throws(MalformedBytes) {
        let start = reader.offset
        var sum: UInt64 = 0
        for bin in counts.indices {
            counts[bin] = try reader.read()
            sum += UInt64(counts[bin])
        }
        guard sum <= UInt64(ModelReport.windowSize) else {
            throw MalformedBytes(offset: start, reason: "a window of \(sum) scores")
        }
        total = UInt32(sum)
    }
}

/// The reports of all models that are kept, by their ids.
struct ModelReports: Sendable, Equatable {
    private(set) var reports: [ModelID: ModelReport] = [:]

    subscript(model: ModelID) -> ModelReport? { reports[model] }

    mutating func note(_ records: some Sequence<LedgerRecord>, _ models: JudgingModels) {
        if let id = models.active {
            note(id) { report in
                for record in records { if let scores = record.scores.model { report.note(score: scores.probability) } }
            }
        }
        if let id = models.shadow {
            note(id) { report in
                for record in records { if let score = record.scores.shadow { report.note(score: score.probability) } }
            }
        }
    }

    mutating func note(_ label: LedgerLabel) {
        let judged = label.judged
        for (model, isFlagged) in [(judged.model, judged.isFlagged), (judged.shadowModel, judged.isFlaggedByShadow)] {
            guard let model else { continue }
            note(model) { report in
                if let previous = label.previous {
                    report.note(isFraud: previous == .fraud, isFlagged: isFlagged, counts: false)
                }
                report.note(isFraud: label.verdict == .fraud, isFlagged: isFlagged, counts: true)
            }
        }
    }

    /// Of models that are gone nothing is kept.
    mutating func keep(_ registry: DetectionRegistry) {
        reports = reports.filter { id, _ in registry.model(id) != nil }
        for model in registry.models where reports[model.id] == nil { reports[model.id] = ModelReport() }
    }

    /// A model that is gone is passed over.
    private mutating func note(_ model: ModelID, _ change: (inout ModelReport) -> Void) {
        guard let position = reports.index(forKey: model) else { return }
        change(&reports.values[position])
    }

    init() {}

    func encode(into writer: inout ByteWriter) {
        writer.write(UInt32(reports.count))
        for (id, report) in reports.sorted(by: { $0.key < $1.key }) {
            writer.write(id.rawValue)
            report.encode(into: &writer)
        }
    }

    init(from reader: inout ByteReader) throws(MalformedBytes) {
        let count = try reader.readCount(elementsOfAtLeast: 8 + ModelReport.byteCount)
        for _ in 0..<count {
            let id = ModelID(rawValue: try reader.read())
            reports[id] = try ModelReport(from: &reader)
        }
    }
}
