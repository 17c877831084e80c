import Foundation
import HTTPSClient

/// Reads at the end what every node holds.
struct ContentReader {
    let world: World
    let users: [String]

    private static let attempts = 5

    /// Waits until everything that is committed is applied everywhere, has the nodes digest it, and reads the tables; again
    /// if they have moved meanwhile: what a node had given to its brokers before it was cut off may come only now.
    func read(seconds: Double) async throws -> [StoredRecord] {
        var records = try await readOnce(seconds)
        for _ in 1..<Self.attempts where !isStill(records) {
            try await Task.sleep(for: .seconds(1))
            records = try await readOnce(seconds)
        }
        return records
    }

    private func isStill(_ records: [StoredRecord]) -> Bool {
        Set(records.map(\.counted)).count == 1 && records.allSatisfy { $0.transactions.count == $0.counted }
    }

    private func readOnce(_ seconds: Double) async throws -> [StoredRecord] {
        let verification = try await world.change(
            "POST", "/cluster/verify", body: nil, at: world.nodes, seconds: seconds)
        guard let index = verification.object?["index"] as? Int else {
            throw ChaosError.late("the order to verify was not answered with an index")
        }
        var records: [StoredRecord] = []
        for node in world.nodes { records.append(try await read(node, index, seconds)) }
        return records
    }

    private func read(_ node: Int, _ index: Int, _ seconds: Double) async throws -> StoredRecord {
        let digest = try await digest(node, index, seconds)
        let rows = try await world.query(
            node, "SELECT txn(id), CASE WHEN decision = 'approve' THEN '' ELSE 's' END FROM transactions")
        var ids: [String] = []
        var suspicious: [String] = []
        for row in rows.split(separator: "\n") {
            let fields = row.split(separator: "|")
            guard let id = fields.first.map(String.init) else { continue }
            ids.append(id)
            if fields.count > 1 { suspicious.append(id) }
        }
        let counted = Int(try await world.query(node, "SELECT transactions FROM ledger"))
        var record = StoredRecord(node: node, transactions: ids, suspicious: suspicious, counted: counted)
        if try await world.query(node, "SELECT to_regclass('alerts') IS NOT NULL") == "t" {
            record.alerts = try await world.query(node, "SELECT txn(id) FROM alerts").split(separator: "\n").map(
                String.init)
        }
        if world.settings.usesKafka {
            record.deadLetters = try await world.query(
                node, "SELECT topic || '/' || partition || '@' || stream_offset FROM dead_letters"
            ).split(separator: "\n").map(String.init)
        }
        record.digest = digest
        record.digestIndex = digest == nil ? nil : index
        for user in users {
            let response = try await world.request("GET", "/users/\(user)/profile?consistency=local", at: node)
            if response.status == 404 {
                record.profiles[user] = 0
            } else if let payments = response.object?["payments"] as? Int {
                record.profiles[user] = payments
            } else {
                throw ChaosError.node(
                    node, "does not tell the profile of \(user): \(response.status) \(response.problem)")
            }
        }
        return record
    }

    /// Nil if the node does not have it in time.
    private func digest(_ node: Int, _ index: Int, _ seconds: Double) async throws -> String? {
        let end = RunClock.monotonicMicroseconds + Int64(seconds * 1_000_000)
        while RunClock.monotonicMicroseconds < end {
            if let response = try? await world.request("GET", "/cluster/digest/\(index)", at: node),
                response.status == 200
            {
                return response.object?["digest"] as? String
            }
            try await Task.sleep(for: .milliseconds(200))
        }
        return nil
    }
}
