package import Bytes

/// Binary trees of one height in flat arrays: what the isolation forest and the boosted trees both are when they judge.
///
/// Every tree is laid out as if it were complete, so a step is a comparison and no pointer: from node `i` (the root is
/// 1) to `2i`, or to `2i + 1` if the row's value is above the threshold. A leaf further up is continued to the bottom by
/// thresholds of infinity, which lead left. So every walk takes `height` steps, no branch can be mispredicted, and the
/// processor walks several trees or rows at once.
package struct FlatTrees: Sendable, Equatable {
    struct Node: Sendable, Equatable {
        var threshold: Float = .infinity
        /// `lanes` times the column: how far its value stands from the first one's where rows are walked.
        private(set) var offset: Int32 = 0

        init() {}

        init(threshold: Float, column: Int) {
            self.threshold = threshold
            offset = Int32(column * FlatTrees.lanes)
        }

        var column: Int { Int(offset) / FlatTrees.lanes }
    }

    /// Walks that go side by side.
    static let lanes = 8

    /// Steps from a root to a leaf.
    package let height: Int
    /// Values a row has.
    package let columnCount: Int
    /// `2^height` a tree; the first is unused.
    private(set) var nodes: [Node] = []
    /// `2^(height + 1)` a tree: what is to be expected of a row that came to this node; at the bottom, what comes out.
    private(set) var values: [Float] = []

    package static let maximumHeight = 10
    package static let maximumColumns = 4096
    /// Of all trees together: 8 MB of nodes.
    package static let maximumNodes = 1 << 20

    package init(height: Int, columnCount: Int) {
        precondition(1...Self.maximumHeight ~= height, "a tree's height is outside its bounds")
        precondition(1...Self.maximumColumns ~= columnCount, "a row's columns are outside their bounds")
        self.height = height
        self.columnCount = columnCount
    }

    package var count: Int { nodes.count >> height }

    /// Bytes in memory.
    package var byteCount: Int { nodes.count * MemoryLayout<Node>.stride + values.count * MemoryLayout<Float>.stride }

    /// Multiplies what every tree gives by `factor`.
    package mutating func scale(by factor: Float) {
        for position in values.indices { values[position] *= factor }
    }

    /// Appends the trees of another of the same height and columns.
    package mutating func append(_ other: FlatTrees) {
        precondition(other.height == height && other.columnCount == columnCount, "trees of another shape")
        nodes += other.nodes
        values += other.values
    }

    /// Forgets the trees from the `count`-th on.
    package mutating func truncate(to count: Int) {
        precondition(0...self.count ~= count, "there are fewer trees")
        nodes.removeLast((self.count - count) << height)
        values.removeLast(values.count - (count << (height + 1)))
    }
}

// MARK: - Reading

extension FlatTrees {
    /// The sum of what the trees would give without a look at the row.
    package var expectation: Float {
        (0..<count).reduce(0) { $0 + values[($1 << (height + 1)) + 1] }
    }

    /// Whether each number in each tree is in `range`: sums then stay finite, whatever bytes the trees came from.
    package func gives(within range: ClosedRange<Float>) -> Bool { values.allSatisfy(range.contains) }

    func withPointers(_ body: (UnsafePointer<Node>, UnsafePointer<Float>) -> Void) {
        nodes.withUnsafeBufferPointer { nodes in
            values.withUnsafeBufferPointer { values in
                guard let nodes = nodes.baseAddress, let values = values.baseAddress else { return }
                body(nodes, values)
            }
        }
    }
}

// MARK: - Growing

extension FlatTrees {
    /// Begins a tree that gives nothing.
    package mutating func beginTree() {
        precondition(nodes.count + 1 << height <= Self.maximumNodes, "too many trees")
        nodes.append(contentsOf: repeatElement(Node(), count: 1 << height))
        values.append(contentsOf: repeatElement(0, count: 2 << height))
    }

    /// Makes node `i` of the last tree a comparison; `value` is what is to be expected there.
    package mutating func setSplit(_ i: Int, column: Int, threshold: Float, value: Float) {
        precondition(1..<1 << height ~= i && 0..<columnCount ~= column && threshold.isFinite, "no such comparison")
        nodes[nodes.count - 1 << height + i] = Node(threshold: threshold, column: column)
        values[values.count - 2 << height + i] = value
    }

    /// Makes node `i` of the last tree a leaf.
    package mutating func setLeaf(_ i: Int, value: Float) {
        precondition(1..<2 << height ~= i, "no such node")
        var i = i
        while true {
            values[values.count - 2 << height + i] = value
            guard i < 1 << height else { break }
            nodes[nodes.count - 1 << height + i] = Node()
            i *= 2
        }
    }
}

// MARK: - Bytes

extension FlatTrees {
    private static let leafMark = UInt16.max

    /// Height (1 byte), columns (2), trees (4), then each tree from its root, a node before its branches, left before right:
    /// column (2), threshold (4), value (4), or for a leaf 0xFFFF (2) and value (4).
    package func encode(into writer: inout ByteWriter) {
        writer.write(UInt8(height))
        writer.write(UInt16(columnCount))
        writer.write(UInt32(count))
        for tree in 0..<count { encode(tree, 1, &writer) }
    }

    private func encode(_ tree: Int, _ i: Int, _ writer: inout ByteWriter) {
        let value = values[tree << (height + 1) + i]
        guard i < 1 << height, nodes[tree << height + i].threshold < .infinity else {
            writer.write(Self.leafMark)
            writer.write(value)
            return
        }
        let node = nodes[tree << height + i]
        writer.write(UInt16(node.column))
        writer.write(node.threshold)
        writer.write(value)
        encode(tree, 2 * i, &writer)
        encode(tree, 2 * i + 1, &writer)
    }

    package init(from reader: inout ByteReader) throws(MalformedBytes) {
        let height = Int(try reader.read(UInt8.self))
        let columnCount = Int(try reader.read(UInt16.self))
        guard 1...Self.maximumHeight ~= height, 1...Self.maximumColumns ~= columnCount else {
            throw MalformedBytes(offset: reader.offset, reason: "trees of height \(height) over \(columnCount) columns")
        }
        self.init(height: height, columnCount: columnCount)
        let count = try reader.readCount(elementsOfAtLeast: 6)
        guard count << height <= Self.maximumNodes else {
            throw MalformedBytes(offset: reader.offset, reason: "\(count) trees of height \(height) are too many")
        }
        for _ in 0..<count {
            beginTree()
            try decodeNode(1, &reader)
        }
    }

    private mutating func decodeNode(_ i: Int, _ reader: inout ByteReader) throws(MalformedBytes) {
        let column = try reader.read(UInt16.self)
        let threshold = column == Self.leafMark ? 0 : try reader.readFloat()
        let value = try reader.readFloat()
        guard value.isFinite, threshold.isFinite else {
            throw MalformedBytes(offset: reader.offset, reason: "a number of a tree is not finite")
        }
        if column == Self.leafMark { return setLeaf(i, value: value) }
        guard column < columnCount, i < 1 << height else {
            throw MalformedBytes(offset: reader.offset, reason: "a tree compares what it has not, or is too high")
        }
        setSplit(i, column: Int(column), threshold: threshold, value: value)
        try decodeNode(2 * i, &reader)
        try decodeNode(2 * i + 1, &reader)
    }
}
