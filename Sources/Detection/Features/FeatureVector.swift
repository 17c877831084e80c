/// The features of one payment, in the order of `Feature.allCases`. A value of fixed size, without a heap.
///
/// Never NaN and never infinite. What is unknown is `unknown`.
public struct FeatureVector: Sendable {
    /// Stands for "nothing is known"; every known value is above it, except `amountZ` and `merchantAmountZ`,
    /// which are zero where unknown.
    public static let unknown: Float = -1

    private var values: InlineArray<64, Float>

    /// All zero.
    public init() { values = InlineArray(repeating: 0) }

    @inline(__always)
    public subscript(feature: Feature) -> Float {
        get { values[Int(feature.rawValue)] }
        set { values[Int(feature.rawValue)] = newValue }
    }

    /// `Feature.count` values; the pointer is valid only inside `body`.
    @inline(__always)
    public func withUnsafeValues<Result>(_ body: (UnsafeBufferPointer<Float>) -> Result) -> Result {
        withUnsafeBytes(of: values) { bytes in
            body(UnsafeBufferPointer(rebasing: bytes.assumingMemoryBound(to: Float.self)[..<Feature.count]))
        }
    }
}

/// What the profiles say of one payment before it is folded.
public struct Observation: Sendable {
    public let features: FeatureVector
    public let token: Token

    public init(features: FeatureVector, token: Token) {
        self.features = features
        self.token = token
    }
}
