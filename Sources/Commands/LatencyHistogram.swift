/// Latencies in microseconds, in buckets no wider than 1/64 of their value: bounded memory for any number.
package struct LatencyHistogram: Sendable {
    private static let subBuckets = 64
    private static let exponents = 40
    private var counts = [UInt32](repeating: 0, count: subBuckets * exponents)
    package private(set) var count = 0
    private(set) var maxMicroseconds: Int64 = 0

    package init() {}

    package mutating func record(microseconds: Int64) {
        let value = max(0, microseconds)
        counts[Self.bucket(of: value)] &+= 1
        count += 1
        maxMicroseconds = max(maxMicroseconds, value)
    }

    package mutating func merge(_ other: LatencyHistogram) {
        for index in counts.indices { counts[index] &+= other.counts[index] }
        count += other.count
        maxMicroseconds = max(maxMicroseconds, other.maxMicroseconds)
    }

    /// The value that the fraction `quantile` of the latencies do not exceed; zero when there are none.
    package func milliseconds(quantile: Double) -> Double {
        guard count > 0 else { return 0 }
        let rank = max(1, Int((Double(count) * quantile).rounded(.up)))
        var seen = 0
        for (index, bucketCount) in counts.enumerated() where bucketCount > 0 {
            seen += Int(bucketCount)
            if seen >= rank {
                let microseconds = min(Self.upperBound(of: index), maxMicroseconds)
                return (Double(microseconds) / 1_000).rounded(places: 3)
            }
        }
        return (Double(maxMicroseconds) / 1_000).rounded(places: 3)
    }

    /// Values below 64 have a bucket each; above, 64 buckets for each power of two.
    private static func bucket(of value: Int64) -> Int {
        guard value >= Int64(subBuckets) else { return Int(value) }
        let exponent = 63 - value.leadingZeroBitCount - 6
        let index = (exponent + 1) * subBuckets + Int(value >> Int64(exponent)) - subBuckets
        return min(index, subBuckets * exponents - 1)
    }

    private static func upperBound(of bucket: Int) -> Int64 {
        guard bucket >= subBuckets else { return Int64(bucket) }
        let exponent = Int64(bucket / subBuckets - 1)
        let mantissa = Int64(bucket % subBuckets + subBuckets)
        return ((mantissa + 1) << exponent) - 1
    }
}

/// Order statistics of a few measurements.
package struct Sample: Sendable {
    private let sorted: [Double]

    package init(_ values: [Double]) {
        sorted = values.sorted()
    }

    /// The smallest value that the fraction `quantile` of the values do not exceed; zero when there are none.
    package func quantile(_ quantile: Double) -> Double {
        guard !sorted.isEmpty else { return 0 }
        let rank = Int((Double(sorted.count) * quantile).rounded(.up))
        return sorted[(rank - 1).clamped(to: 0...sorted.count - 1)]
    }

    /// The middle value, or the mean of the two middle ones.
    package var median: Double {
        guard !sorted.isEmpty else { return 0 }
        let middle = sorted.count / 2
        return sorted.count % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2
    }

    /// Largest less smallest, over the median.
    package var spread: Double {
        guard let first = sorted.first, let last = sorted.last, median > 0 else { return 0 }
        return (last - first) / median
    }

    var max: Double { sorted.last ?? 0 }
}

extension Comparable {
    func clamped(to range: ClosedRange<Self>) -> Self { min(max(self, range.lowerBound), range.upperBound) }
}
