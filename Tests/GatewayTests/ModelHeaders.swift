import Detection

extension ModelRouteTests {
    /// What a model's file says of itself.
    static func header(ap: Double) -> ModelHeader {
        ModelHeader(
            name: "test", createdAtMicroseconds: 1_763_819_100_250_000, trainedFromMicroseconds: 1_763_000_000_000_000,
            trainedToMicroseconds: 1_763_800_000_000_000, rows: 1000, frauds: 10, seeds: [1], metrics: ["ap": ap])
    }
}
