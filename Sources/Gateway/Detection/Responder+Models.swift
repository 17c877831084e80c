import HTTPTypes
import NIOCore
import NIOHTTP1
import Pipeline
import Security

/// The models: artifacts that the cluster keeps, one of which judges, and one of which may run beside it in the shadow.
extension Responder {
    func respondAboutModels(_ request: Request) async throws -> Reply {
        let principal = try await authorize(request, request.method == .GET ? .analyst : .operator)
        let known: Set<String> = request.route == .modelComparison ? ["a", "b"] : []
        let parameters = try QueryParameters(request.query, known: known)
        let detection = backend.detection
        let author = principal.subject
        switch request.route {
        case .models where request.method == .POST: return try await pushModel(request, principal)
        case .models:
            return Reply(
                .ok,
                try encode(ModelsDocument(try await detection.models(), history: try await detection.modelHistory())))
        case .model where request.method == .GET:
            return Reply(.ok, try encode(ModelDocument(try await detection.model(try modelID(request)))))
        case .modelArtifact:
            let artifact = try await detection.modelArtifact(try modelID(request))
            return Reply(.ok, artifact, contentType: "application/octet-stream")
        case .modelComparison: return try await compareModels(parameters)
        default: break
        }

        let id = request.parameter.isEmpty ? nil : try modelID(request)
        let receipt: RegistryReceipt
        switch (request.route, id) {
        case (.model, let id?):
            receipt = try await change(principal, "remove the model \(id)") { () throws(BackendError) in
                try await detection.removeModel(id, author: author)
            }
        case (.modelActivation, let id?):
            receipt = try await change(principal, "activate the model \(id)") { () throws(BackendError) in
                try await detection.activateModel(id, author: author)
            }
        case (.modelShadow, let id?):
            receipt = try await change(principal, "run the model \(id) in the shadow") { () throws(BackendError) in
                try await detection.shadowModel(id, author: author)
            }
        case (.modelShadowEnd, _):
            receipt = try await change(principal, "run no model in the shadow") { () throws(BackendError) in
                try await detection.shadowModel(nil, author: author)
            }
        case (.modelRollback, _):
            receipt = try await change(principal, "go back to the model before") { () throws(BackendError) in
                try await detection.rollBackModel(author: author)
            }
        default: preconditionFailure("\(request.route) is not about models")
        }
        return Reply(.ok, try encode(ChangeReceipt(receipt, model: id)))
    }

    private func pushModel(_ request: Request, _ principal: Principal) async throws -> Reply {
        try requireContentType(request, ["application/octet-stream", "application/x-www-form-urlencoded"])
        let artifact = try body(of: request)
        guard artifact.readableBytes > 0 else {
            throw Problem(.malformedDocument, "the body must be a model's artifact")
        }
        let (id, receipt) = try await change(principal, "push a model of \(artifact.readableBytes) bytes") {
            () throws(BackendError) in
            try await backend.detection.pushModel(Array(artifact.readableBytesView), author: principal.subject)
        }
        var reply = Reply(receipt.changed ? .created : .ok, try encode(ChangeReceipt(receipt, model: id)))
        reply.fields[.location] = "/models/\(id)"
        return reply
    }

    /// Two models beside each other; without ids the active one and the one in the shadow.
    private func compareModels(_ parameters: QueryParameters) async throws -> Reply {
        let all = try await backend.detection.models()
        func find(_ name: String, _ state: ModelState, _ words: String) throws(Problem) -> ModelSummary {
            if let id = parameters[name] {
                guard let model = all.first(where: { $0.id == id }) else {
                    throw Problem(.notFound, "there is no model \"\(id)\"")
                }
                return model
            }
            guard let model = all.first(where: { $0.state == state }) else {
                throw .invalid(name, "must name a model: none is \(words)")
            }
            return model
        }
        let first = try find("a", .active, "active")
        let second = try find("b", .shadow, "in the shadow")
        return Reply(.ok, try encode(ModelComparison(ModelDocument(first), ModelDocument(second))))
    }

    private func modelID(_ request: Request) throws(Problem) -> String {
        let id = request.parameter
        let isID = id.utf8.count == 16 && id.utf8.allSatisfy { $0 &- 0x30 < 10 || $0 &- 0x61 < 6 }
        guard isID else { throw Problem(.notFound, "a model's id has 16 hexadecimal digits") }
        return String(id)
    }
}
