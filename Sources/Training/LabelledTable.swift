public import Detection

/// A table of numbers whose rows are marked as ordinary or not: what forests are measured on.
public struct LabelledTable: Sendable {
    public let features: FeatureTable
    public let isAnomaly: [Bool]

    public init(features: FeatureTable, isAnomaly: [Bool]) {
        precondition(features.rows == isAnomaly.count, "a label for each row")
        self.features = features
        self.isAnomaly = isAnomaly
    }

    public static let maximumColumns = 4096

    /// Without spaces, quotes and the mark that some programs begin a file with.
    private static func trimmed(_ text: Substring) -> String {
        func isInk(_ character: Character) -> Bool {
            !character.isWhitespace && character != "\"" && character != "\u{FEFF}"
        }
        guard let first = text.firstIndex(where: isInk), let last = text.lastIndex(where: isInk) else { return "" }
        return String(text[first...last])
    }

    /// Reads CSV, gzip or plain, with a header; the column `label` holds 0 or 1, all others are features. Spaces around
    /// names and numbers don't matter.
    public init(path: String) throws(TrainingError) {
        do throws(GzipLines.Failure) {
            let lines = try GzipLines(path: path)
            let names: [String]? = try lines.next { header throws(GzipLines.Failure) in
                CSVRow.text(header).split(separator: ",", omittingEmptySubsequences: false).map(Self.trimmed)
            }
            guard let names, let label = names.firstIndex(where: { $0.lowercased() == "label" }), names.count > 1 else {
                throw GzipLines.Failure(path: path, reason: "no column 'label' beside columns of features")
            }
            guard names.count <= Self.maximumColumns else {
                throw GzipLines.Failure(path: path, reason: "more than \(Self.maximumColumns) columns")
            }
            var features = FeatureTable(columns: names.indices.filter { $0 != label }.map { names[$0] })
            var isAnomaly: [Bool] = []
            var row = CSVRow()
            while try lines.next({ line throws(GzipLines.Failure) in
                guard !line.isEmpty else { return }
                func failure(_ reason: String) -> GzipLines.Failure {
                    GzipLines.Failure(path: path, reason: "line \(lines.lineNumber): \(reason)")
                }
                row.split(line)
                guard row.fields.count == names.count else {
                    throw failure("\(row.fields.count) fields where the header has \(names.count)")
                }
                var values: [Float] = []
                for (position, field) in row.fields.enumerated() {
                    guard let value = Float(Self.trimmed(CSVRow.text(field)[...])), value.isFinite else {
                        throw failure("'\(CSVRow.text(field))' is no number")
                    }
                    guard position != label else {
                        guard value == 0 || value == 1 else { throw failure("label is neither 0 nor 1") }
                        isAnomaly.append(value == 1)
                        continue
                    }
                    values.append(value)
                }
                features.append(row: values)
            }) != nil {}
            self.init(features: features, isAnomaly: isAnomaly)
        } catch {
            throw TrainingError(error.description)
        }
    }
}
