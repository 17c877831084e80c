package import Detection

extension Evaluation {
    /// What each engine says of the test window's payments, by their numbers. All but the transformer that is no part of
    /// the model speak through the detector that a node runs.
    package func judge(
        _ visits: [HistoryReplay.Visit], _ model: DetectionModel, userOnly: Transformer?, _ rules: RuleProgram
    ) -> [Engine: [Int: Float]] {
        var scores: [Engine: [Int: Float]] = [:]
        for engine in Engine.allCases { scores[engine, default: [:]].reserveCapacity(visits.count) }
        let detector = Detector(model: model, rules: rules, lists: ValueLists(), cacheCapacity: visits.count + 1)
        let cache = TransformerCache(capacity: visits.count + 1)
        for visit in visits {
            let assessment = detector.assess(visit.event, visit.observation, history: visit.history)
            guard let said = assessment.scores else { preconditionFailure("a model gives scores") }
            scores[.rules]?[visit.number] = said.rules
            scores[.isolationForest]?[visit.number] = said.forest
            scores[.transformer]?[visit.number] = said.transformer
            scores[.hybrid]?[visit.number] = said.probability
            guard let userOnly else { continue }
            scores[.transformerUserOnly]?[visit.number] = cache.logit(
                for: visit.event.userKey, history: visit.history, token: visit.observation.token, by: userOnly)
        }
        return scores
    }
}
