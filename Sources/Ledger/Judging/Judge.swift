public import Detection

/// Judges payments by the registry as it stands: the active model and the rules decide, a model in shadow scores beside
/// them. Confined to one thread; holds caches that profiles fill again at any time.
public final class Judge {
    private var identity: DetectionRegistry.Identity?
    private var live: Detector
    private var shadow: Detector?
    private let cacheCapacity: Int
    private let trial: RuleProgram?
    private let isAlone: Bool
    /// Which models judge. A model that this program can't use does not, and rules alone decide.
    public private(set) var models = JudgingModels.none
    /// How often each rule fired since the registry changed or the thread began to judge.
    public private(set) var hits: [RuleHitKey: UInt64] = [:]
    /// Hears what could not be used of the registry, in words.
    private let onFault: (String) -> Void
    /// Most payments fire nothing: they share these bytes.
    private var quiet: (reasons: [Reason], json: [UInt8]) = ([], [])

    /// - Parameters:
    ///   - cacheCapacity: users whose recent payments the transformer remembers; about 8 KB each and model.
    ///   - trial: rules that judge instead of the registry's.
    ///   - isAlone: no model in shadow scores.
    public init(
        cacheCapacity: Int = 10_000, trial: RuleProgram? = nil, isAlone: Bool = false,
        onFault: @escaping (String) -> Void = { _ in }
    ) {
        self.cacheCapacity = cacheCapacity
        self.trial = trial
        self.isAlone = isAlone
        self.onFault = onFault
        live = Detector(model: nil, rules: trial ?? .standard, lists: ValueLists(), cacheCapacity: 1)
    }

    /// Judges by this registry from now on. Costs next to nothing if it has not changed.
    public func adopt(_ registry: DetectionRegistry) {
        guard registry.identity !== identity else { return }
        identity = registry.identity
        hits = [:]
        let rules = trial ?? rules(of: registry)
        let active = registry.activeModel.flatMap { model($0, registry) }
        let inShadow = isAlone ? nil : registry.shadowModel.flatMap { model($0, registry) }
        live = Detector(
            model: active, rules: rules, lists: registry.valueLists, cacheCapacity: active == nil ? 1 : cacheCapacity)
        shadow = inShadow.map {
            Detector(model: $0, rules: rules, lists: registry.valueLists, cacheCapacity: cacheCapacity)
        }
        models = JudgingModels(
            active: active == nil ? nil : registry.activeModel, shadow: shadow == nil ? nil : registry.shadowModel)
    }

    /// What was said of one payment.
    public struct Judgement {
        public let assessment: Assessment
        /// The reasons as a JSON array.
        public let reasons: [UInt8]
        public let scores: RecordScores
    }

    /// Takes a payment into the batch, with what was known before it; it is not folded yet. `history` holds the user's
    /// tokens, those of the batch included.
    public func stage(_ event: PaymentEvent, _ observation: Observation, history: TokenSequence) {
        live.stage(event, observation, history: history)
        shadow?.stage(event, observation, history: history)
    }

    /// Judges the batch, in its order, and empties it.
    public func judgeStaged() -> [Judgement] {
        var beside: [RecordScores.ShadowScore] = []
        shadow?.assessStaged { assessment in
            let probability = assessment.scores?.probability ?? 0
            beside.append(RecordScores.ShadowScore(probability: probability, decision: assessment.decision))
        }
        var judgements: [Judgement] = []
        live.assessStaged { assessment in
            count(assessment)
            let scores = RecordScores(
                model: assessment.scores.map {
                    RecordScores.ModelScores(
                        rules: $0.rules, forest: $0.forest, transformer: $0.transformer, probability: $0.probability)
                },
                shadow: beside.isEmpty ? nil : beside[judgements.count])
            judgements.append(Judgement(assessment: assessment, reasons: json(of: assessment), scores: scores))
        }
        return judgements
    }

    /// Forgets the batch.
    func discardStaged() {
        live.assessStaged { _ in }
        shadow?.assessStaged { _ in }
    }

    private func json(of assessment: Assessment) -> [UInt8] {
        // Comparing an array with itself looks no further than at its address.
        if assessment.reasons == quiet.reasons { return quiet.json }
        let json = assessment.reasonsJSON
        if assessment.reasons.allSatisfy({ $0.points == 0 }) { quiet = (assessment.reasons, json) }
        return json
    }

    private func count(_ assessment: Assessment) {
        for reason in assessment.reasons where !reason.code.hasPrefix("no_") && !reason.code.hasPrefix("model_") {
            hits[RuleHitKey(rule: reason.code, isShadow: false), default: 0] += 1
        }
        for hit in assessment.shadowHits { hits[RuleHitKey(rule: hit.rule, isShadow: true), default: 0] += 1 }
    }

    /// Why the change can't be made by this program, whatever the registry holds.
    static func refusal(of change: RegistryChange) -> RegistryRefusal? {
        switch change {
        case .putRules(let text, _, _, _):
            do throws(RuleError) {
                _ = try RuleProgram(yaml: text)
            } catch {
                return .unusable(reason: "\(error)")
            }
        case .putModel(let id, let artifact):
            do {
                let model = try DetectionModel(decoding: artifact)
                guard ModelID(model.header.id) == id else {
                    return .unusable(reason: "the artifact is that of model \(model.header.id)")
                }
            } catch {
                return .unusable(reason: "\(error)")
            }
        default: break
        }
        return nil
    }

    private func rules(of registry: DetectionRegistry) -> RuleProgram {
        guard let text = registry.activeRulesText else { return .standard }
        do throws(RuleError) {
            return try RuleProgram(yaml: text)
        } catch {
            onFault("version \(registry.activeRules) of the rules can't be used, the standard set is: \(error)")
            return .standard
        }
    }

    private func model(_ id: ModelID, _ registry: DetectionRegistry) -> DetectionModel? {
        guard let stored = registry.model(id) else { preconditionFailure("model \(id) is in use and not there") }
        do {
            return try DetectionModel(decoding: stored.artifact)
        } catch {
            onFault("model \(id) can't be used, rules decide without it: \(error)")
            return nil
        }
    }
}

/// A rule, live or in shadow mode.
public struct RuleHitKey: Hashable, Sendable {
    public let rule: String
    public let isShadow: Bool
}
