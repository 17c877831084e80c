package import Foundation

/// One line of a run's history.jsonl: an object whose `type` says what else is in it.
package enum HistoryLine: Codable, Sendable, Equatable {
    case run(scenario: String, seed: UInt64, nodes: [Int])
    case call(CallRecord)
    case fault(FaultRecord)
    case view(ViewRecord)
    case stored(StoredRecord)
    case received([ReceivedAlert])
    case trouble(String)
    /// When all faults had ended, and when the run had.
    case end(healed: Int64, ended: Int64)

    private enum Key: String, CodingKey { case type, scenario, seed, nodes, alerts, text, healed, ended }
    private enum Kind: String, Codable { case run, call, fault, view, stored, received, trouble, end }

    package init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: Key.self)
        switch try container.decode(Kind.self, forKey: .type) {
        case .run:
            self = .run(
                scenario: try container.decode(String.self, forKey: .scenario),
                seed: try container.decode(UInt64.self, forKey: .seed),
                nodes: try container.decode([Int].self, forKey: .nodes))
        case .call: self = .call(try CallRecord(from: decoder))
        case .fault: self = .fault(try FaultRecord(from: decoder))
        case .view: self = .view(try ViewRecord(from: decoder))
        case .stored: self = .stored(try StoredRecord(from: decoder))
        case .received: self = .received(try container.decode([ReceivedAlert].self, forKey: .alerts))
        case .trouble: self = .trouble(try container.decode(String.self, forKey: .text))
        case .end:
            self = .end(
                healed: try container.decode(Int64.self, forKey: .healed),
                ended: try container.decode(Int64.self, forKey: .ended))
        }
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: Key.self)
        switch self {
        case .run(let scenario, let seed, let nodes):
            try container.encode(Kind.run, forKey: .type)
            try container.encode(scenario, forKey: .scenario)
            try container.encode(seed, forKey: .seed)
            try container.encode(nodes, forKey: .nodes)
        case .call(let record):
            try container.encode(Kind.call, forKey: .type)
            try record.encode(to: encoder)
        case .fault(let record):
            try container.encode(Kind.fault, forKey: .type)
            try record.encode(to: encoder)
        case .view(let record):
            try container.encode(Kind.view, forKey: .type)
            try record.encode(to: encoder)
        case .stored(let record):
            try container.encode(Kind.stored, forKey: .type)
            try record.encode(to: encoder)
        case .received(let alerts):
            try container.encode(Kind.received, forKey: .type)
            try container.encode(alerts, forKey: .alerts)
        case .trouble(let text):
            try container.encode(Kind.trouble, forKey: .type)
            try container.encode(text, forKey: .text)
        case .end(let healed, let ended):
            try container.encode(Kind.end, forKey: .type)
            try container.encode(healed, forKey: .healed)
            try container.encode(ended, forKey: .ended)
        }
    }
}

extension RunHistory {
    /// Reads a history.jsonl, whoever wrote it. Throws with the number of a line that is none.
    package init(jsonLines: Data) throws {
        self.init()
        let decoder = JSONDecoder()
        for (number, line) in jsonLines.split(separator: UInt8(ascii: "\n")).enumerated() {
            let parsed: HistoryLine
            do {
                parsed = try decoder.decode(HistoryLine.self, from: line)
            } catch {
                throw ChaosError.file("line \(number + 1)", "is not of a history: \(error)")
            }
            add(parsed)
        }
        calls.sort { $0.number < $1.number }
    }

    package mutating func add(_ line: HistoryLine) {
        switch line {
        case .run(let scenario, let seed, let nodes):
            self.scenario = scenario
            self.seed = seed
            self.nodes = nodes
        case .call(let record): calls.append(record)
        case .fault(let record): faults.append(record)
        case .view(let record): views.append(record)
        case .stored(let record): stored.append(record)
        case .received(let alerts): received = alerts
        case .trouble(let text): troubles.append(text)
        case .end(let healed, let ended): (self.healed, self.ended) = (healed, ended)
        }
    }
}
