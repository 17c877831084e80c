import Postgres

/// Why the applier can't go on with its session.
enum ApplyFailure: Error {
    /// The database is gone or in a bad way: connect again, look where it stands, go on from there.
    case retry(PostgresError)
    case fatal(LedgerStoreError)

    /// Whatever the database says to `body` is a reason to try again later.
    static func retrying<Value>(_ body: () throws(PostgresError) -> Value) throws(ApplyFailure) -> Value {
        do throws(PostgresError) {
            return try body()
        } catch {
            throw .retry(error)
        }
    }
}
