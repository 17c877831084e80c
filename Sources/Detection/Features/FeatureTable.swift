/// Rows of numbers under named columns: what forests and trees learn from and are asked about.
public struct FeatureTable: Sendable, Equatable {
    public let columns: [String]
    /// Row after row: the value of `column` in `row` stands at `row * columns.count + column`.
    public private(set) var values: [Float]

    /// `values` must hold whole rows. No value may be NaN: what is unknown has a number of its own (-1 for features).
    public init(columns: [String], values: [Float] = []) {
        precondition(!columns.isEmpty, "a table has columns")
        precondition(values.count.isMultiple(of: columns.count), "a table's values are whole rows")
        self.columns = columns
        self.values = values
    }

    public var rows: Int { values.count / columns.count }

    public subscript(row: Int, column: Int) -> Float { values[row * columns.count + column] }

    public mutating func reserve(rows: Int) { values.reserveCapacity(rows * columns.count) }

    /// Appends one row of `columns.count` values.
    public mutating func append(row: UnsafeBufferPointer<Float>) {
        precondition(row.count == columns.count, "a row has a value for each column")
        values.append(contentsOf: row)
    }

    /// Appends one row of `columns.count` values.
    public mutating func append(row: some Collection<Float>) {
        precondition(row.count == columns.count, "a row has a value for each column")
        values.append(contentsOf: row)
    }

    /// The row's values, valid only inside `body`.
    public func withRow<Result>(_ row: Int, _ body: (UnsafeBufferPointer<Float>) throws -> Result) rethrows -> Result {
        try values.withUnsafeBufferPointer { all in
            try body(UnsafeBufferPointer(rebasing: all[row * columns.count..<(row + 1) * columns.count]))
        }
    }

    /// The rows at these positions, in their order.
    public func rows(at positions: some Sequence<Int>) -> FeatureTable {
        var chosen = FeatureTable(columns: columns)
        for position in positions { withRow(position) { chosen.append(row: $0) } }
        return chosen
    }
}
