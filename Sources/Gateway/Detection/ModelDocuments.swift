import Detection
import Ledger
public import Pipeline

/// A model that the cluster keeps.
public struct ModelDocument: Sendable, Equatable, Codable {
    public enum State: String, Sendable, Codable {
        /// It judges.
        case active
        /// It scores beside the active one, and decides nothing.
        case shadow
        case stored

        init(_ state: ModelState) {
            self =
                switch state {
                case .active: .active
                case .shadow: .shadow
                case .stored: .stored
                }
        }
    }

    /// How its scores stand against the labels that came.
    public struct Report: Sendable, Equatable, Codable {
        /// Payments, live or in the shadow.
        public var scored: UInt64
        /// Labelled payments; positive: it said review or block.
        public var truePositives: UInt64
        public var falsePositives: UInt64
        public var falseNegatives: UInt64
        public var trueNegatives: UInt64
        /// 0...1; nil while nothing that it held back is labelled.
        public var precision: Double?
        /// 0...1; nil while no fraud is labelled.
        public var recall: Double?
        /// Drift: the population stability index of its scores; nil while there are too few.
        public var psi: Double?

        init(_ report: ModelReport) {
            scored = report.scored
            truePositives = report.truePositives
            falsePositives = report.falsePositives
            falseNegatives = report.falseNegatives
            trueNegatives = report.trueNegatives
            precision = report.precision
            recall = report.recall
            psi = report.stabilityIndex
        }

        private enum CodingKeys: String, CodingKey {
            case scored, precision, recall, psi
            case truePositives = "true_positives"
            case falsePositives = "false_positives"
            case falseNegatives = "false_negatives"
            case trueNegatives = "true_negatives"
        }
    }

    /// 16 hexadecimal digits, from its content.
    public var id: String
    public var name: String
    public var state: State
    public var bytes: Int
    /// RFC 3339, as the other times.
    public var createdAt: String
    public var trainedFrom: String?
    public var trainedTo: String?
    /// It was trained on.
    public var rows: Int
    public var frauds: Int
    public var seeds: [UInt64]
    /// As they were measured when it was trained.
    public var metrics: [String: Double]
    public var pushedBy: String
    public var pushedAt: String
    /// Of the log entry that brought it; nil for one of long ago.
    public var logIndex: UInt64?
    /// Nil for a model that has not scored yet.
    public var report: Report?

    public init(_ model: ModelSummary) {
        let header = model.header
        id = model.id
        name = header.name
        state = State(model.state)
        bytes = model.byteCount
        createdAt = RFC3339.text(header.createdAtMicroseconds)
        trainedFrom = RFC3339.text(header.trainedFromMicroseconds)
        trainedTo = RFC3339.text(header.trainedToMicroseconds)
        rows = header.rows
        frauds = header.frauds
        seeds = header.seeds
        metrics = header.metrics.filter { $0.value.isFinite }
        pushedBy = model.pushedBy
        pushedAt = RFC3339.text(model.pushedAtMicroseconds)
        logIndex = model.logIndex
        report = model.report.scored > 0 ? Report(model.report) : nil
    }

    private enum CodingKeys: String, CodingKey {
        case id, name, state, bytes, rows, frauds, seeds, metrics, report
        case createdAt = "created_at"
        case trainedFrom = "trained_from"
        case trainedTo = "trained_to"
        case pushedBy = "pushed_by"
        case pushedAt = "pushed_at"
        case logIndex = "log_index"
    }
}

/// All models, and which of them judged when.
public struct ModelsDocument: Sendable, Equatable, Codable {
    /// A model that began to judge, or to run in the shadow.
    public struct Activation: Sendable, Equatable, Codable {
        /// Nil: none.
        public var model: String?
        /// active or shadow.
        public var role: String
        public var previous: String?
        public var rollback: Bool
        public var author: String
        /// RFC 3339.
        public var time: String
        public var logIndex: UInt64?

        private enum CodingKeys: String, CodingKey {
            case model, role, previous, rollback, author, time
            case logIndex = "log_index"
        }

        init(_ activation: ModelActivation) {
            model = activation.model
            role = activation.role.name
            previous = activation.previous
            rollback = activation.isRollBack
            author = activation.author
            time = RFC3339.text(activation.atMicroseconds)
            logIndex = activation.logIndex
        }
    }

    /// Nil: rules decide alone.
    public var active: String?
    public var shadow: String?
    public var models: [ModelDocument]
    /// Newest first.
    public var history: [Activation]

    public init(_ models: [ModelSummary], history: [ModelActivation]) {
        self.models = models.map(ModelDocument.init)
        active = self.models.first { $0.state == .active }?.id
        shadow = self.models.first { $0.state == .shadow }?.id
        self.history = history.map(Activation.init)
    }
}

/// Two models side by side.
public struct ModelComparison: Sendable, Equatable, Codable {
    public var a: ModelDocument
    public var b: ModelDocument
    /// By how much `b` is above `a`, for each number that both have: those of their training by their names, and
    /// `live_precision`, `live_recall`.
    public var difference: [String: Double]

    public init(_ a: ModelDocument, _ b: ModelDocument) {
        self.a = a
        self.b = b
        difference = [:]
        for (name, value) in a.metrics {
            if let other = b.metrics[name] { difference[name] = other - value }
        }
        if let first = a.report?.precision, let second = b.report?.precision {
            difference["live_precision"] = second - first
        }
        if let first = a.report?.recall, let second = b.report?.recall { difference["live_recall"] = second - first }
    }
}
