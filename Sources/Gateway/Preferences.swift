/// What a client asks for by `Prefer` (RFC 7240). Only `wait` is known; the rest is passed over, as the RFC wants.
struct Preferences {
    private(set) var wait = false
    /// Of `wait=N`; nil without it.
    private(set) var waitSeconds: Int?

    init(_ field: String?) {
        guard let field else { return }
        for preference in field.split(separator: ",") {
            let text = preference.drop { $0 == " " || $0 == "\t" }.prefix { $0 != ";" && $0 != " " && $0 != "\t" }
            let sides = text.split(separator: "=", maxSplits: 1)
            guard let name = sides.first, name.lowercased() == "wait", !wait else { continue }
            wait = true
            if sides.count == 2, let seconds = QueryParameters.digits(sides[1]), seconds <= 86_400 {
                waitSeconds = Int(seconds)
            }
        }
    }

    /// How long a write may take in all.
    func deadlineMilliseconds(_ configuration: GatewayConfiguration) -> Int {
        guard let waitSeconds else { return configuration.deadlineMilliseconds }
        return min(max(1, waitSeconds) * 1000, configuration.maxDeadlineMilliseconds)
    }
}
