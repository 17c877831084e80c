/// Bounds that every decoder of this folder checks, so that no later sum overflows.
enum Limits {
    /// More payments than any cluster will fold, and exact as a Double.
    static let count: ClosedRange<Int64> = 0...(1 << 53)
    /// Days of `PaymentEvent.occurredAtRange`, since 1970.
    static let day: ClosedRange<Int32> = 0...2_932_896
    static let dayMicroseconds: Int64 = 86_400_000_000
    static let hourMicroseconds: Int64 = 3_600_000_000
}
