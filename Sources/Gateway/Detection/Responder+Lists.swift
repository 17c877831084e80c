import HTTPTypes
import NIOCore
import NIOHTTP1
import Pipeline
import Security

/// The lists of values that rules look up.
extension Responder {
    func getLists(_ request: Request) async throws -> Reply {
        _ = try await authorize(request, .analyst)
        try rejectQuery(request)
        return Reply(.ok, try encode(ListsDocument(try await backend.detection.lists())))
    }

    func list(_ request: Request) async throws -> Reply {
        let principal = try await authorize(request, request.method == .GET ? .analyst : .operator)
        let name = try listName(request)
        if request.method == .GET {
            let parameters = try QueryParameters(request.query, known: ["offset", "limit"])
            let page = try await backend.detection.list(
                name, offset: try parameters.offset(), limit: try parameters.limit())
            return Reply(.ok, try encode(ListPageDocument(page)))
        }
        try rejectQuery(request)
        if request.method == .DELETE {
            let receipt = try await change(principal, "delete the list \(name)") { () throws(BackendError) in
                try await backend.detection.deleteList(name, author: principal.subject)
            }
            guard receipt.changed else { throw Problem(.notFound, "there is no list \"\(name)\"") }
            return Reply(.ok, try encode(ChangeReceipt(receipt)))
        }
        try requireContentType(request, ["application/json"])
        let list = try RegistryRequests.list(try body(of: request))
        let receipt = try await change(principal, "replace the list \(name)") { () throws(BackendError) in
            try await backend.detection.putList(
                name, kind: list.kind, description: list.description, entries: list.entries, author: principal.subject)
        }
        return Reply(.ok, try encode(ChangeReceipt(receipt)))
    }

    /// Some entries are added to a list, or taken out of it.
    func listEntries(_ request: Request) async throws -> Reply {
        let principal = try await authorize(request, .operator)
        try rejectQuery(request)
        try requireContentType(request, ["application/json"])
        return try await change(
            try listName(request), entries: try RegistryRequests.entries(try body(of: request)),
            isRemoval: request.method == .DELETE, by: principal)
    }

    /// One entry, named by the path.
    func listEntry(_ request: Request) async throws -> Reply {
        let principal = try await authorize(request, .operator)
        try rejectQuery(request)
        guard let entry = request.decodedParameter(1), (1...RegistryRequests.maxEntryBytes).contains(entry.utf8.count)
        else { throw Problem(.notFound, "an entry has 1 to \(RegistryRequests.maxEntryBytes) bytes of UTF-8") }
        return try await change(
            try listName(request), entries: [entry], isRemoval: request.method == .DELETE, by: principal)
    }

    private func change(
        _ name: String, entries: [String], isRemoval: Bool, by principal: Principal
    ) async throws -> Reply {
        let what =
            isRemoval ? "take \(entries.count) out of the list \(name)" : "add \(entries.count) to the list \(name)"
        let receipt = try await change(principal, what) { () throws(BackendError) in
            isRemoval
                ? try await backend.detection.removeFromList(name, entries: entries, author: principal.subject)
                : try await backend.detection.addToList(name, entries: entries, author: principal.subject)
        }
        return Reply(.ok, try encode(ChangeReceipt(receipt)))
    }

    private func listName(_ request: Request) throws(Problem) -> String {
        guard let name = request.decodedParameter() else {
            throw Problem(.notFound, "the path is not percent-encoded UTF-8")
        }
        return name
    }
}
