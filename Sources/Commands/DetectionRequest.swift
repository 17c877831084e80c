import Foundation

/// What analysts and operators ask of the detection engine, as it goes onto the wire.
extension AdministrationRequest {
    // MARK: Labels

    package static func label(
        _ transaction: String, _ verdict: String, source: String?, at time: String?
    ) throws -> AdministrationRequest {
        var fields = ["label": verdict]
        fields["source"] = source
        fields["labelled_at"] = time
        return AdministrationRequest(
            method: "POST", path: "/transactions/\(escaped(transaction))/label", body: try JSONOutput.text(fields))
    }

    /// - Parameter lines: newline-delimited JSON.
    package static func labels(_ lines: [UInt8]) -> AdministrationRequest {
        AdministrationRequest(
            method: "POST", path: "/labels", body: nil, contentType: "application/x-ndjson", bytes: lines)
    }

    // MARK: Rules

    package static func rules(version: UInt64?) -> AdministrationRequest {
        get("/rules" + (version.map { "?version=\($0)" } ?? ""))
    }

    package static let ruleHistory = get("/rules/history")

    package static func putRules(_ yaml: String, comment: String?, expecting: UInt64?) -> AdministrationRequest {
        AdministrationRequest(
            method: "PUT", path: "/rules" + (comment.map { "?comment=\(escaped($0))" } ?? ""), body: yaml,
            contentType: "application/yaml", fields: expecting.map { ["if-match": "\"\($0)\""] } ?? [:])
    }

    package static func validateRules(_ yaml: String) -> AdministrationRequest {
        AdministrationRequest(
            method: "POST", path: "/rules/validate", body: yaml, contentType: "application/yaml")
    }

    package static func rollBackRules(to version: UInt64?) throws -> AdministrationRequest {
        let fields = version.map { ["version": $0] } ?? [:]
        return AdministrationRequest(method: "POST", path: "/rules/rollback", body: try JSONOutput.text(fields))
    }

    /// - Parameter version: a number, or "as-they-were"; nil with no text: the active one.
    package static func backtest(
        yaml: String?, version: String?, from: String?, to: String?
    ) -> AdministrationRequest {
        let query = [("version", version), ("from", from), ("to", to)].compactMap { name, value in
            value.map { "\(name)=\(escaped($0))" }
        }
        return AdministrationRequest(
            method: "POST", path: "/rules/backtest" + (query.isEmpty ? "" : "?" + query.joined(separator: "&")),
            body: yaml, contentType: "application/yaml")
    }

    package static func backtest(_ id: String) -> AdministrationRequest { get("/rules/backtest/\(escaped(id))") }

    package static func cancelBacktest(_ id: String) -> AdministrationRequest {
        AdministrationRequest(method: "DELETE", path: "/rules/backtest/\(escaped(id))", body: nil)
    }

    // MARK: Lists

    package static let lists = get("/lists")

    package static func list(_ name: String, offset: Int, limit: Int) -> AdministrationRequest {
        get("/lists/\(escaped(name))?offset=\(offset)&limit=\(limit)")
    }

    package static func putList(
        _ name: String, kind: String, description: String, entries: [String]
    ) throws -> AdministrationRequest {
        struct List: Encodable {
            let kind: String
            let description: String
            let entries: [String]
        }
        return AdministrationRequest(
            method: "PUT", path: "/lists/\(escaped(name))",
            body: try JSONOutput.text(List(kind: kind, description: description, entries: entries)))
    }

    package static func changeList(
        _ name: String, entries: [String], isRemoval: Bool
    ) throws -> AdministrationRequest {
        AdministrationRequest(
            method: isRemoval ? "DELETE" : "POST", path: "/lists/\(escaped(name))/entries",
            body: try JSONOutput.text(["entries": entries]))
    }

    package static func deleteList(_ name: String) -> AdministrationRequest {
        AdministrationRequest(method: "DELETE", path: "/lists/\(escaped(name))", body: nil)
    }

    // MARK: Models

    package static let models = get("/models")

    package static func pushModel(_ artifact: [UInt8]) -> AdministrationRequest {
        AdministrationRequest(
            method: "POST", path: "/models", body: nil, contentType: "application/octet-stream", bytes: artifact)
    }

    package static func artifact(of model: String) -> AdministrationRequest {
        get("/models/\(escaped(model))/artifact")
    }

    package static func activateModel(_ id: String) -> AdministrationRequest { post("/models/\(escaped(id))/activate") }

    /// Nil: none in the shadow.
    package static func shadowModel(_ id: String?) -> AdministrationRequest {
        guard let id else { return AdministrationRequest(method: "DELETE", path: "/models/shadow", body: nil) }
        return post("/models/\(escaped(id))/shadow")
    }

    package static let rollBackModel = post("/models/rollback")

    package static func removeModel(_ id: String) -> AdministrationRequest {
        AdministrationRequest(method: "DELETE", path: "/models/\(escaped(id))", body: nil)
    }

    /// Nil: the active one, and the one in the shadow.
    package static func compareModels(_ first: String?, _ second: String?) -> AdministrationRequest {
        let query = [("a", first), ("b", second)].compactMap { name, id in id.map { "\(name)=\(escaped($0))" } }
        return get("/models/compare" + (query.isEmpty ? "" : "?" + query.joined(separator: "&")))
    }

    // MARK: Parts

    private static func get(_ path: String) -> AdministrationRequest {
        AdministrationRequest(method: "GET", path: path, body: nil)
    }

    private static func post(_ path: String) -> AdministrationRequest {
        AdministrationRequest(method: "POST", path: path, body: nil)
    }

    /// Fit for one part of a path or for a value of a query.
    private static func escaped(_ text: String) -> String {
        let plain = CharacterSet(charactersIn: "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~")
        return text.addingPercentEncoding(withAllowedCharacters: plain) ?? text
    }
}
