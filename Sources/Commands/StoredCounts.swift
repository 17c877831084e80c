import CLibpq

/// How many transactions each PostgreSQL says that it has.
struct StoredCounts: Sendable {
    /// What a database said no to.
    struct Failure: Error, CustomStringConvertible {
        let description: String
    }

    let databases: [String]

    func transactions() async throws -> [Int] {
        try await CopyReference.onThread { [databases] in
            try databases.enumerated().map { try Self.transactions($1, $0) }
        }
    }

    private static func transactions(_ uri: String, _ position: Int) throws(Failure) -> Int {
        let connection = PQconnectdb(uri)
        defer { PQfinish(connection) }
        let result = PQexec(connection, "SELECT transactions FROM ledger")
        defer { PQclear(result) }
        guard PQresultStatus(result) == PGRES_TUPLES_OK, PQntuples(result) == 1,
            let text = PQgetvalue(result, 0, 0), let count = Int(String(cString: text))
        else {
            let reason = String(cString: PQerrorMessage(connection)).split(separator: "\n").joined(separator: "; ")
            throw Failure(description: "PostgreSQL \(position + 1) of the list: \(reason)")
        }
        return count
    }
}
