import Detection
import HTTPTypes
import Ledger
import Logging
import NIOCore
import NIOHTTP1
import Pipeline
import Security

/// The rules: what they are, were and would have said.
extension Responder {
    func respondAboutRules(_ request: Request) async throws -> Reply {
        switch request.route {
        case .rules: try await rules(request)
        case .ruleHistory: try await getRuleHistory(request)
        case .ruleRollback: try await rollBackRules(request)
        case .ruleValidation: try await validateRules(request)
        case .backtests: try await backtests(request)
        case .backtest: try await backtest(request)
        default: preconditionFailure("\(request.route) is not about rules")
        }
    }

    private func rules(_ request: Request) async throws -> Reply {
        if request.method == .GET { return try await getRules(request) }
        let principal = try await authorize(request, .operator)
        let body = try ruleRequest(request, known: ["comment"], .comment)
        let text = try body.requiredText()
        let receipt = try await change(principal, "replace the rules") { () throws(BackendError) in
            try await backend.detection.putRules(
                text, comment: body.comment ?? "", author: principal.subject, expecting: try expectedVersion(request))
        }
        return tagged(try encode(ChangeReceipt(receipt)), receipt.version)
    }

    private func getRules(_ request: Request) async throws -> Reply {
        _ = try await authorize(request, .analyst)
        let parameters = try QueryParameters(request.query, known: ["version"])
        var number: UInt64?
        if let text = parameters["version"] {
            number = QueryParameters.digits(text)
            guard number != nil else { throw Problem.invalid("version", "must be a version's number") }
        }
        let version = try await backend.detection.rules(version: number)
        if let accepted = request[.accept], accepted.contains("yaml"), !accepted.contains("json") {
            var reply = Reply(.ok, Array(version.text.utf8), contentType: "application/yaml")
            reply.fields[.eTag] = "\"\(version.number)\""
            return reply
        }
        let hits = version.isActive ? try await backend.detection.ruleHits() : nil
        return tagged(try encode(RuleVersionDocument(version, hits: hits)), version.number)
    }

    private func getRuleHistory(_ request: Request) async throws -> Reply {
        _ = try await authorize(request, .analyst)
        try rejectQuery(request)
        return Reply(.ok, try encode(RuleHistoryDocument(try await backend.detection.ruleHistory())))
    }

    private func rollBackRules(_ request: Request) async throws -> Reply {
        let principal = try await authorize(request, .operator)
        try rejectQuery(request)
        try requireContentType(request, ["application/json"])
        let version = try RegistryRequests.rollback(try body(of: request))
        let receipt = try await change(principal, "roll the rules back") { () throws(BackendError) in
            try await backend.detection.rollBackRules(to: version, author: principal.subject)
        }
        return tagged(try encode(ChangeReceipt(receipt)), receipt.version)
    }

    private func validateRules(_ request: Request) async throws -> Reply {
        _ = try await authorize(request, .analyst)
        let text = try ruleRequest(request, known: [], .none).requiredText()
        let program: RuleProgram
        do throws(RuleError) {
            program = try RuleProgram(yaml: text)
        } catch {
            throw BackendError.invalidRules(line: error.line, column: error.column, reason: error.reason)
        }
        return Reply(.ok, try encode(RuleValidation(program)))
    }

    // MARK: Backtests

    private func backtests(_ request: Request) async throws -> Reply {
        if request.method == .GET {
            _ = try await authorize(request, .analyst)
            try rejectQuery(request)
            let all = await backend.detection.backtests()
            return Reply(.ok, try encode(BacktestList(backtests: all.map { BacktestDocument($0, withReport: false) })))
        }
        let principal = try await authorize(request, .operator)
        let body = try ruleRequest(request, known: ["version", "from", "to"], .backtest)
        let rules: BacktestRules
        if let text = body.text {
            rules = .text(text)
        } else if body.asTheyWere {
            rules = .asTheyWere
        } else if let version = body.version {
            rules = .version(version)
        } else {
            rules = .version(try await backend.detection.rules(version: nil).number)
        }
        let status = try await backend.detection.startBacktest(
            BacktestRequest(
                rules: rules, fromMicroseconds: body.fromMicroseconds, toMicroseconds: body.toMicroseconds),
            author: principal.subject)
        var reply = Reply(.accepted, try encode(BacktestDocument(status)))
        reply.fields[.location] = "/rules/backtest/\(status.id)"
        return reply
    }

    private func backtest(_ request: Request) async throws -> Reply {
        let isCancelled = request.method == .DELETE
        _ = try await authorize(request, isCancelled ? .operator : .analyst)
        try rejectQuery(request)
        let id = String(request.parameter)
        let status =
            isCancelled
            ? try await backend.detection.cancelBacktest(id) : try await backend.detection.backtest(id)
        return Reply(.ok, try encode(BacktestDocument(status)))
    }

    // MARK: Parts

    private func ruleRequest(
        _ request: Request, known: Set<String>, _ extra: RuleRequests.Extra
    ) throws(Problem) -> RuleRequests {
        let parameters = try QueryParameters(request.query, known: known)
        try requireContentType(request, RuleRequests.yaml + ["application/json"])
        let isJSON = request[.contentType]?.lowercased().hasPrefix("application/json") ?? false
        return try RuleRequests(try body(of: request), isJSON: isJSON, parameters, extra)
    }

    /// The version that If-Match asks for; nil: any.
    private func expectedVersion(_ request: Request) throws(BackendError) -> UInt64? {
        guard let field = request[.ifMatch], field != "*" else { return nil }
        let text = field.hasPrefix("W/") ? field.dropFirst(2) : field[...]
        guard text.count > 2, text.hasPrefix("\""), text.hasSuffix("\""),
            let version = QueryParameters.digits(text.dropFirst().dropLast())
        else {
            throw .invalid([.init(field: "If-Match", reason: "must be an ETag that GET /rules gave, such as \"3\"")])
        }
        return version
    }

    private func tagged(_ body: [UInt8], _ version: UInt64) -> Reply {
        var reply = Reply(.ok, body)
        reply.fields[.eTag] = "\"\(version)\""
        return reply
    }

    /// A change of rules, lists or models. Who did what is for the record, whatever comes of it.
    func change<Receipt>(
        _ principal: Principal, _ what: String, _ work: () async throws(BackendError) -> Receipt
    ) async throws -> Receipt {
        logger.notice("administration", metadata: ["subject": "\(principal.subject)", "change": "\(what)"])
        do throws(BackendError) {
            return try await work()
        } catch .deadlineExceeded {
            throw Problem(
                .outcomeUnknown,
                "the deadline passed before the outcome was known: the change may or may not be made. Read what is there "
                    + "before asking again", retryAfterSeconds: 1)
        }
    }
}
