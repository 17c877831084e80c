import CLibpq
import Glibc

/// One session with a server, over libpq. Every call blocks; confined to the thread that made it.
public final class PostgresConnection {
    private let handle: OpaquePointer
    private let interrupter: PostgresInterrupter
    /// A server that takes longer over one answer is given up, and the connection with it. Zero waits for ever.
    public var responseTimeoutMilliseconds: Int
    /// Statements prepared so far, by their text. Bounded: beyond the bound statements are planned each time.
    private var prepared: [String: String] = [:]
    private static let preparedLimit = 128
    private var parameterBytes: [UInt8] = []
    private var copyEncoder: BinaryCopyEncoder?

    /// Connects, and sets the session up. `interrupter` can break the attempt, and later the connection.
    public init(
        _ configuration: PostgresConfiguration, interrupter: PostgresInterrupter = PostgresInterrupter()
    ) throws(PostgresError) {
        try configuration.validate()
        guard let handle = Self.start(configuration.keywords) else {
            throw PostgresError(.connectFailed, "out of memory", isConnectionLost: true)
        }
        self.handle = handle
        self.interrupter = interrupter
        responseTimeoutMilliseconds = configuration.responseTimeoutMilliseconds
        // Notices would go to stderr; what matters comes as an error.
        PQsetNoticeProcessor(handle, { _, _ in }, nil)
        try finishConnecting(deadline: Deadline(milliseconds: configuration.connectTimeoutMilliseconds))
        guard PQsetnonblocking(handle, 1) == 0 else { throw currentError() }
        try execute(configuration.sessionScript)
    }

    deinit {
        interrupter.forget()
        PQfinish(handle)
    }

    /// Of the server, such as 150004.
    public var serverVersion: Int { Int(PQserverVersion(handle)) }
    public var backendProcessID: Int32 { PQbackendPID(handle) }
    public var isInTransaction: Bool { PQtransactionStatus(handle) != PQTRANS_IDLE }

    /// Whether the connection still stands as far as can be seen without asking the server.
    public var isUsable: Bool {
        guard PQstatus(handle) == CONNECTION_OK else { return false }
        var descriptor = pollfd(fd: PQsocket(handle), events: Int16(POLLIN), revents: 0)
        // Between statements the server only speaks to say goodbye: reading it shows the end.
        guard poll(&descriptor, 1, 0) > 0 else { return true }
        return PQconsumeInput(handle) == 1 && PQstatus(handle) == CONNECTION_OK
    }

    // MARK: Statements

    /// Runs a script of one or more statements without parameters; the results are thrown away.
    public func execute(_ script: String) throws(PostgresError) {
        guard PQsendQuery(handle, script) == 1 else { throw currentError() }
        _ = try lastResult()
    }

    /// Runs one statement with parameters and gives its rows. It is prepared at its first use on this connection.
    @discardableResult
    public func query(_ sql: String, _ parameters: [PostgresParameter] = []) throws(PostgresError) -> PostgresResult {
        let name = try preparedName(for: sql, parameters)
        guard send(sql, name: name, parameters) == 1 else { throw currentError() }
        return PostgresResult(try lastResult())
    }

    public enum TransactionMode: Sendable {
        case readWrite
        /// One snapshot for all statements, taken by the first of them.
        case readOnlySnapshot

        var script: String {
            switch self {
            case .readWrite: "BEGIN"
            case .readOnlySnapshot: "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"
            }
        }
    }

    /// Commits if `body` returns, rolls back if it throws.
    @discardableResult
    public func transaction<Value>(
        _ mode: TransactionMode = .readWrite, _ body: () throws(PostgresError) -> Value
    ) throws(PostgresError) -> Value {
        try execute(mode.script)
        let value: Value
        do {
            value = try body()
        } catch {
            if !error.isConnectionLost { try execute("ROLLBACK") }
            throw error
        }
        try commit()
        return value
    }

    /// Begins a transaction that the caller ends with `commit` or `rollBack`.
    public func begin(_ mode: TransactionMode = .readWrite) throws(PostgresError) { try execute(mode.script) }

    /// Throws if the server rolled back instead, because a statement before had failed.
    public func commit() throws(PostgresError) {
        guard PQsendQuery(handle, "COMMIT") == 1 else { throw currentError() }
        let tag = PostgresResult(try lastResult()).commandTag
        guard tag == "COMMIT" else {
            throw PostgresError(.unexpectedResult, "COMMIT was answered with \(tag)")
        }
    }

    public func rollBack() throws(PostgresError) { try execute("ROLLBACK") }

    // MARK: COPY

    /// Sends rows with `COPY … FROM STDIN (FORMAT binary)`. `script` may begin with other statements.
    ///
    /// `writeRow` is called until it returns false; each time it may append a few rows.
    /// - Returns: the number of rows the server took.
    @discardableResult
    public func copyIn(
        _ script: String, _ writeRow: (inout BinaryCopyEncoder) -> Bool
    ) throws(PostgresError) -> Int {
        let sendThreshold = 256 << 10
        guard PQsendQuery(handle, script) == 1 else { throw currentError() }
        try awaitCopy(PGRES_COPY_IN)
        var encoder = copyEncoder ?? BinaryCopyEncoder(reservingCapacity: sendThreshold + (64 << 10))
        copyEncoder = nil
        defer { copyEncoder = encoder }
        encoder.begin()
        while writeRow(&encoder) {
            if encoder.buffer.count >= sendThreshold {
                try put(encoder.buffer)
                encoder.discardEncoded()
            }
        }
        encoder.end()
        try put(encoder.buffer)
        guard PQputCopyEnd(handle, nil) == 1 else { throw currentError() }
        return PostgresResult(try lastResult()).affectedRows
    }

    /// Sends what is COPY data already, with `COPY … FROM STDIN`, in pieces of any length.
    ///
    /// `nextPiece` is called until it gives nil; what it gives need last no longer than until the next call. If it throws,
    /// the COPY is broken off, so that the transaction can only be rolled back, and its error is passed on.
    /// - Returns: the number of rows the server took.
    @discardableResult
    public func copyIn(_ sql: String, pieces nextPiece: () throws -> UnsafeRawBufferPointer?) throws -> Int {
        guard PQsendQuery(handle, sql) == 1 else { throw currentError() }
        try awaitCopy(PGRES_COPY_IN)
        do {
            while let piece = try nextPiece() { try put(piece) }
        } catch let error as PostgresError {
            throw error
        } catch {
            guard PQputCopyEnd(handle, "broken off by the sender") == 1 else { throw currentError() }
            try flush()
            try drain()
            throw error
        }
        guard PQputCopyEnd(handle, nil) == 1 else { throw currentError() }
        return PostgresResult(try lastResult()).affectedRows
    }

    /// Runs `COPY … TO STDOUT` and hands over each chunk, borrowed for the call.
    /// - Returns: the number of rows.
    @discardableResult
    public func copyOut(_ sql: String, _ chunk: (UnsafeRawBufferPointer) -> Void) throws(PostgresError) -> Int {
        guard PQsendQuery(handle, sql) == 1 else { throw currentError() }
        try awaitCopy(PGRES_COPY_OUT)
        while true {
            var bytes: UnsafeMutablePointer<CChar>?
            let count = PQgetCopyData(handle, &bytes, 1)
            if count > 0 {
                chunk(UnsafeRawBufferPointer(start: bytes, count: Int(count)))
                PQfreemem(bytes)
            } else if count == 0 {
                try wait(for: Int16(POLLIN), deadline: responseDeadline())
                guard PQconsumeInput(handle) == 1 else { throw currentError() }
            } else if count == -1 {
                return PostgresResult(try lastResult()).affectedRows
            } else {
                throw currentError()
            }
        }
    }

    private func awaitCopy(_ expected: ExecStatusType) throws(PostgresError) {
        while let result = try nextResult() {
            let status = PQresultStatus(result)
            if status == expected {
                PQclear(result)
                return
            }
            // Statements before the COPY in the same script.
            if status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK {
                PQclear(result)
                continue
            }
            let error = serverError(result)
            PQclear(result)
            try drain()
            throw error
        }
        throw PostgresError(.unexpectedResult, "the script did not start a COPY")
    }

    private func put(_ bytes: [UInt8]) throws(PostgresError) {
        try bytes.withUnsafeBufferPointer { bytes throws(PostgresError) in try put(UnsafeRawBufferPointer(bytes)) }
    }

    private func put(_ bytes: UnsafeRawBufferPointer) throws(PostgresError) {
        let status = PQputCopyData(handle, bytes.assumingMemoryBound(to: CChar.self).baseAddress, Int32(bytes.count))
        // libpq grows its buffer rather than refuse, so that zero (would block) is no answer to expect.
        guard status == 1 else { throw currentError() }
        try flush()
    }

    // MARK: Waiting

    private func preparedName(
        for sql: String, _ parameters: [PostgresParameter]
    ) throws(PostgresError) -> String? {
        if let name = prepared[sql] { return name }
        guard prepared.count < Self.preparedLimit else { return nil }
        let name = "s\(prepared.count)"
        let types = parameters.map(\.typeOID)
        guard PQsendPrepare(handle, name, sql, Int32(types.count), types) == 1 else { throw currentError() }
        PQclear(try lastResult())
        prepared[sql] = name
        return name
    }

    private func send(_ sql: String, name: String?, _ parameters: [PostgresParameter]) -> Int32 {
        parameterBytes.removeAll(keepingCapacity: true)
        let ranges = parameters.map { parameter -> Range<Int>? in
            let start = parameterBytes.count
            return parameter.encode(into: &parameterBytes) ? start..<parameterBytes.count : nil
        }
        // libpq takes a null pointer for NULL, so an empty value still needs an address to point at.
        if parameterBytes.isEmpty { parameterBytes.append(0) }
        let types = parameters.map(\.typeOID)
        let lengths = ranges.map { Int32($0?.count ?? 0) }
        let formats = [Int32](repeating: 1, count: parameters.count)
        let count = Int32(parameters.count)
        return parameterBytes.withUnsafeBufferPointer { buffer in
            buffer.withMemoryRebound(to: CChar.self) { base in
                let values = ranges.map { range in range.map { base.baseAddress! + $0.lowerBound } }
                if let name { return PQsendQueryPrepared(handle, name, count, values, lengths, formats, 1) }
                return PQsendQueryParams(handle, sql, count, types, values, lengths, formats, 1)
            }
        }
    }

    /// Reads all results of what was sent and keeps the last; throws the first error among them.
    private func lastResult() throws(PostgresError) -> OpaquePointer {
        try flush()
        var last: OpaquePointer?
        var failure: PostgresError?
        while let result = try nextResult() {
            if let last { PQclear(last) }
            last = result
            switch PQresultStatus(result) {
            case PGRES_COMMAND_OK, PGRES_TUPLES_OK, PGRES_EMPTY_QUERY: break
            case PGRES_COPY_IN, PGRES_COPY_OUT, PGRES_COPY_BOTH:
                // Nobody asked for it; the session can't be brought back into step.
                PQclear(result)
                throw PostgresError(.unexpectedResult, "a COPY where none was expected", isConnectionLost: true)
            default: failure = failure ?? serverError(result)
            }
        }
        if let failure {
            if let last { PQclear(last) }
            throw failure
        }
        guard let last else { throw currentError() }
        return last
    }

    private func drain() throws(PostgresError) {
        while let result = try nextResult() { PQclear(result) }
    }

    private func nextResult() throws(PostgresError) -> OpaquePointer? {
        let deadline = responseDeadline()
        while PQisBusy(handle) == 1 {
            try flush()
            if PQisBusy(handle) == 0 { break }
            try wait(for: Int16(POLLIN), deadline: deadline)
            guard PQconsumeInput(handle) == 1 else { throw currentError() }
        }
        return PQgetResult(handle)
    }

    private func flush() throws(PostgresError) {
        let deadline = responseDeadline()
        while true {
            let status = PQflush(handle)
            if status == 0 { return }
            guard status == 1 else { throw currentError() }
            let events = try wait(for: Int16(POLLIN | POLLOUT), deadline: deadline)
            // The server may have to get rid of what it says before it listens again.
            if events & Int16(POLLIN) != 0, PQconsumeInput(handle) != 1 { throw currentError() }
        }
    }

    private func responseDeadline() -> Deadline { Deadline(milliseconds: responseTimeoutMilliseconds) }

    @discardableResult
    private func wait(for events: Int16, deadline: Deadline) throws(PostgresError) -> Int16 {
        var descriptor = pollfd(fd: PQsocket(handle), events: events, revents: 0)
        while true {
            let ready = poll(&descriptor, 1, deadline.remainingMilliseconds)
            if ready > 0 { return descriptor.revents }
            if ready < 0, errno == EINTR { continue }
            guard ready == 0 else {
                throw PostgresError(
                    .connectionLost, "poll failed: \(String(cString: strerror(errno)))", isConnectionLost: true)
            }
            throw PostgresError(
                .connectionLost, "the server did not answer within \(responseTimeoutMilliseconds) ms",
                isConnectionLost: true)
        }
    }

    // MARK: Connecting

    private static func start(_ keywords: [(String, String)]) -> OpaquePointer? {
        let keys = keywords.map { strdup($0.0) }
        let values = keywords.map { strdup($0.1) }
        defer { for pointer in keys + values { free(pointer) } }
        let constKeys = keys.map { UnsafePointer($0) } + [nil]
        let constValues = values.map { UnsafePointer($0) } + [nil]
        return PQconnectStartParams(constKeys, constValues, 1)
    }

    private func finishConnecting(deadline: Deadline) throws(PostgresError) {
        var status = PQstatus(handle) == CONNECTION_BAD ? PGRES_POLLING_FAILED : PGRES_POLLING_WRITING
        while true {
            guard !interrupter.isInterrupted else {
                throw PostgresError(.connectFailed, "interrupted", isConnectionLost: true)
            }
            let events: Int
            switch status {
            case PGRES_POLLING_OK:
                interrupter.watch(PQsocket(handle))
                return
            case PGRES_POLLING_READING: events = Int(POLLIN)
            case PGRES_POLLING_WRITING: events = Int(POLLOUT)
            default: throw connectError(String(cString: PQerrorMessage(handle)).trimmed)
            }
            guard deadline.remainingMilliseconds > 0 else { throw connectError("no connection in time") }
            // In short turns, to notice an interruption: libpq may change the socket under way.
            var descriptor = pollfd(fd: PQsocket(handle), events: Int16(events), revents: 0)
            if poll(&descriptor, 1, min(100, deadline.remainingMilliseconds)) > 0 { status = PQconnectPoll(handle) }
        }
    }

    private func connectError(_ message: String) -> PostgresError {
        PostgresError(.connectFailed, message, isConnectionLost: true)
    }

    // MARK: Errors

    private func currentError() -> PostgresError {
        let lost = PQstatus(handle) == CONNECTION_BAD
        let message = String(cString: PQerrorMessage(handle)).trimmed
        return PostgresError(lost ? .connectionLost : .server, message, isConnectionLost: lost)
    }

    private func serverError(_ result: OpaquePointer) -> PostgresError {
        let lost = PQstatus(handle) == CONNECTION_BAD
        let message = field(.message, of: result) ?? String(cString: PQresultErrorMessage(result)).trimmed
        let sqlState = field(.sqlState, of: result).map { SQLState($0) }
        // The backend of a server that goes down says so first, and closes the connection next.
        let isGoodbye = [.adminShutdown, .crashShutdown, .cannotConnectNow].contains(sqlState)
        return PostgresError(
            lost || isGoodbye ? .connectionLost : .server, message, severity: field(.severity, of: result),
            sqlState: sqlState, detail: field(.detail, of: result), isConnectionLost: lost || isGoodbye)
    }

    /// The `PG_DIAG_*` codes, which are character literals that Swift does not import.
    private enum Diagnostic: Int32 {
        case severity = 86  // 'V', never translated
        case sqlState = 67  // 'C'
        case message = 77  // 'M'
        case detail = 68  // 'D'
    }

    private func field(_ code: Diagnostic, of result: OpaquePointer) -> String? {
        PQresultErrorField(result, code.rawValue).map { String(cString: $0) }
    }
}
