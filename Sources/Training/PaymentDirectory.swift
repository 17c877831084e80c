import Detection
import Foundation

/// A folder of files of labelled payments.
public enum PaymentDirectory {
    /// Reads every `.csv` and `.csv.gz` in it and puts the payments in the order of their times; equal times keep the
    /// order of the files' names and lines.
    public static func read(
        _ path: String, labelDelayMicroseconds: Int64, vocabulary: PaymentVocabulary,
        progress: (Double, String) -> Void = { _, _ in }
    ) throws(TrainingError) -> [LabelledPayment] {
        let names: [String]
        do {
            names = try FileManager.default.contentsOfDirectory(atPath: path)
        } catch {
            throw TrainingError("\(path): there is no such folder, or it cannot be read")
        }
        let files = names.filter { $0.hasSuffix(".csv") || $0.hasSuffix(".csv.gz") }.sorted()
        guard !files.isEmpty else { throw TrainingError("\(path): no .csv or .csv.gz in it") }
        var payments: [LabelledPayment] = []
        for (position, file) in files.enumerated() {
            progress(Double(position) / Double(files.count), file)
            payments += try PaymentFile.read(
                path + "/" + file, labelDelayMicroseconds: labelDelayMicroseconds, vocabulary: vocabulary)
        }
        let times = payments.map(\.event.occurredAtMicroseconds)
        if zip(times, times.dropFirst()).allSatisfy({ $0 <= $1 }) { return payments }
        // Swift's sort is stable, but does not promise to be.
        let order = payments.indices.sorted { times[$0] == times[$1] ? $0 < $1 : times[$0] < times[$1] }
        return order.map { payments[$0] }
    }
}
