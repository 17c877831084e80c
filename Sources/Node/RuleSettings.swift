import Detection
import Yams

/// Reads the `rules` section: any subset of the thresholds; what is left out keeps its default.
enum RuleSettings {
    static func read(_ section: ConfigurationSection?) throws -> RuleThresholds {
        guard let section else { return RuleThresholds() }
        let defaults = try Yams.load(yaml: try YAMLEncoder().encode(RuleThresholds())) as Any
        try refuseStrangers(in: section.value, knownFrom: defaults, path: [], section)
        let thresholds: RuleThresholds
        do {
            thresholds = try YAMLDecoder().decode(RuleThresholds.self, from: try Yams.dump(object: section.value))
            try thresholds.validate()
        } catch let error as InvalidThreshold {
            throw section.error(error.field, error.reason)
        } catch let error as DecodingError {
            throw section.error(Self.path(of: error), "has a value of the wrong type")
        }
        return thresholds
    }

    /// A misspelt threshold must not silently keep its default. A mapping that is empty by default takes any keys.
    private static func refuseStrangers(
        in value: Any, knownFrom known: Any, path: [String], _ section: ConfigurationSection
    ) throws {
        guard let mapping = value as? [AnyHashable: Any], let known = known as? [AnyHashable: Any], !known.isEmpty
        else { return }
        for (key, inner) in mapping {
            let path = path + ["\(key)"]
            guard let knownInner = known[key] else {
                throw section.error(path.joined(separator: "."), "is not a setting that this version knows")
            }
            try refuseStrangers(in: inner, knownFrom: knownInner, path: path, section)
        }
    }

    private static func path(of error: DecodingError) -> String {
        let context =
            switch error {
            case .typeMismatch(_, let context), .valueNotFound(_, let context), .keyNotFound(_, let context),
                .dataCorrupted(let context):
                context
            @unknown default: DecodingError.Context(codingPath: [], debugDescription: "")
            }
        return context.codingPath.map(\.stringValue).joined(separator: ".")
    }
}
