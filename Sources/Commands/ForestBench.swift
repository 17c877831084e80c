import Detection
import Foundation

/// The isolation forest alone, and scikit-learn's on the same rows in the same run, where that is installed.
struct ForestBench {
    let forest: IsolationForest
    let table: FeatureTable

    private static let script = "Benchmarks/isolation_forest.py"

    func run(seconds: Double) -> ForestBenchResult {
        ForestBenchResult(
            rows: table.rows, rowsPerSecond: batchRate(seconds).rounded(places: 0),
            singleMicroseconds: singleMicroseconds().rounded(places: 3), scikitLearn: scikitLearn())
    }

    private func batchRate(_ seconds: Double) -> Double {
        let width = table.columns.count
        let size = DetectionBench.batchSize
        var scores = [Float](repeating: 0, count: size)
        var best = 0.0
        let until = BenchClock.wall() + seconds
        repeat {
            let start = BenchClock.processor()
            table.values.withUnsafeBufferPointer { values in
                for row in stride(from: 0, to: table.rows - table.rows % size, by: size) {
                    let rows = UnsafeBufferPointer(rebasing: values[row * width..<(row + size) * width])
                    scores.withUnsafeMutableBufferPointer { forest.scores(rows, into: $0) }
                }
            }
            best = max(best, Double(table.rows - table.rows % size) / (BenchClock.processor() - start))
        } while BenchClock.wall() < until
        return best
    }

    private func singleMicroseconds() -> Double {
        let rows = min(table.rows, 20_000)
        let start = BenchClock.processor()
        var sum: Float = 0
        for row in 0..<rows { sum += table.withRow(row) { forest.score($0) } }
        precondition(sum > 0, "scores are above zero")
        return (BenchClock.processor() - start) / Double(rows) * 1e6
    }

    private func scikitLearn() -> ScikitLearnResult? {
        guard FileManager.default.fileExists(atPath: Self.script) else { return nil }
        let file = FileManager.default.temporaryDirectory.appendingPathComponent("redoubt-bench-\(getpid()).f32")
        defer { try? FileManager.default.removeItem(at: file) }
        let data = table.values.withUnsafeBytes { Data($0) }
        guard (try? data.write(to: file)) != nil else { return nil }
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = ["python3", Self.script, file.path, String(table.columns.count)]
        let output = Pipe()
        process.standardOutput = output
        guard (try? process.run()) != nil else { return nil }
        let text = output.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        return try? JSONDecoder().decode(ScikitLearnResult.self, from: text)
    }
}

struct ForestBenchResult: Encodable, Sendable {
    let rows: Int
    /// In batches of 256, of one core's time.
    let rowsPerSecond: Double
    let singleMicroseconds: Double
    /// Nil: it is not installed.
    let scikitLearn: ScikitLearnResult?

    /// Times scikit-learn's rate in the same batches.
    var ratio: Double? { scikitLearn.map { (rowsPerSecond / $0.batchRowsPerSecond).rounded(places: 1) } }

    var lines: [String] {
        var lines = [
            "Isolation forest alone, on the same \(rows) rows:",
            "  batches of \(DetectionBench.batchSize)   \(Int(rowsPerSecond)) rows/s, single row \(singleMicroseconds) µs",
        ]
        if let other = scikitLearn, let ratio {
            lines.append(
                "  scikit-learn \(other.version)  \(Int(other.batchRowsPerSecond)) rows/s in such batches, "
                    + "\(Int(other.rowsPerSecond)) all at once, single row \(Int(other.singleMicroseconds)) µs")
            lines.append("  ratio             \(ratio) in batches")
        } else {
            lines.append("  scikit-learn      not measured (no python3 with scikit-learn, or no Benchmarks folder)")
        }
        return lines
    }

    func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(rows, forKey: .rows)
        try container.encode(rowsPerSecond, forKey: .rowsPerSecond)
        try container.encode(singleMicroseconds, forKey: .singleMicroseconds)
        try container.encode(scikitLearn, forKey: .scikitLearn)
        try container.encode(ratio, forKey: .ratio)
    }

    enum CodingKeys: String, CodingKey {
        case rows
        case rowsPerSecond = "rows_per_s_batch_256"
        case singleMicroseconds = "single_row_us"
        case scikitLearn = "scikit_learn"
        case ratio = "batch_ratio"
    }
}

/// What the script prints.
struct ScikitLearnResult: Codable, Sendable {
    let version: String
    let batchRowsPerSecond: Double
    let rowsPerSecond: Double
    let singleMicroseconds: Double

    enum CodingKeys: String, CodingKey {
        case version
        case batchRowsPerSecond = "rows_per_s_batch_256"
        case rowsPerSecond = "rows_per_s_at_once"
        case singleMicroseconds = "single_row_us"
    }
}
