/// Eight walks at a time: each step waits for the one before it, so one walk alone leaves the processor idle.
///
/// Rows are walked with their columns `lanes` places apart: eight rows stand turned between each other, so that one base
/// and a node's offset lead to the value of each.
extension FlatTrees {
    /// The sum of what the trees give, in their order; `row` has `columnCount` values.
    package func sum(_ row: UnsafeBufferPointer<Float>) -> Float {
        precondition(row.count == columnCount, "a row has a value for each column")
        return withSpread(row) { sum(spread: $0) }
    }

    /// Runs `body` with the row's columns `lanes` places apart.
    private func withSpread<Result>(
        _ row: UnsafeBufferPointer<Float>, _ body: (UnsafePointer<Float>) -> Result
    ) -> Result {
        withUnsafeTemporaryAllocation(of: Float.self, capacity: Self.lanes * columnCount) { room in
            let x = room.baseAddress!
            for column in 0..<columnCount { x[column * Self.lanes] = row[column] }
            return body(x)
        }
    }

    private func sum(spread x: UnsafePointer<Float>) -> Float {
        let size = 1 << height
        var sum: Float = 0
        withPointers { nodes, values in
            var (nodes, values) = (nodes, values)
            var left = count
            while left >= Self.lanes {
                addEightTrees(nodes, values, size, x, &sum)
                nodes += Self.lanes * size
                values += 2 * Self.lanes * size
                left -= Self.lanes
            }
            while left > 0 {
                var i = 1
                for _ in 0..<height { i = Self.step(nodes, i, x, 0) }
                sum += values[i]
                nodes += size
                values += 2 * size
                left -= 1
            }
        }
        return sum
    }

    @inline(__always)
    private func addEightTrees(
        _ nodes: UnsafePointer<Node>, _ values: UnsafePointer<Float>, _ size: Int, _ x: UnsafePointer<Float>,
        _ sum: inout Float
    ) {
        let leaves = walkEightTrees(nodes, size, x)
        sum += values[leaves.0]
        sum += values[size &+ leaves.1]
        sum += values[2 &* size &+ leaves.2]
        sum += values[3 &* size &+ leaves.3]
        sum += values[4 &* size &+ leaves.4]
        sum += values[5 &* size &+ leaves.5]
        sum += values[6 &* size &+ leaves.6]
        sum += values[7 &* size &+ leaves.7]
    }

    typealias EightPlaces = (Int, Int, Int, Int, Int, Int, Int, Int)

    /// Where the walks through eight trees end: places counted from the first tree's beginning; `size` nodes lie between
    /// two roots.
    @inline(__always)
    private func walkEightTrees(_ nodes: UnsafePointer<Node>, _ size: Int, _ x: UnsafePointer<Float>) -> EightPlaces {
        let (s2, s3, s4) = (2 &* size, 3 &* size, 4 &* size)
        let (s5, s6, s7) = (5 &* size, 6 &* size, 7 &* size)
        var (i0, i1, i2, i3) = (1, size &+ 1, s2 &+ 1, s3 &+ 1)
        var (i4, i5, i6, i7) = (s4 &+ 1, s5 &+ 1, s6 &+ 1, s7 &+ 1)
        var steps = height
        while steps > 0 {
            i0 = Self.step(nodes, i0, x, 0)
            i1 = Self.step(nodes, i1, x, size)
            i2 = Self.step(nodes, i2, x, s2)
            i3 = Self.step(nodes, i3, x, s3)
            i4 = Self.step(nodes, i4, x, s4)
            i5 = Self.step(nodes, i5, x, s5)
            i6 = Self.step(nodes, i6, x, s6)
            i7 = Self.step(nodes, i7, x, s7)
            steps &-= 1
        }
        return (i0, i1, i2, i3, i4, i5, i6, i7)
    }

    /// From a node to the next one down; `root` is where the tree's nodes begin.
    @inline(__always)
    private static func step(_ nodes: UnsafePointer<Node>, _ i: Int, _ x: UnsafePointer<Float>, _ root: Int) -> Int {
        let node = nodes[i]
        // The truth as a number, without a choice that the compiler might turn into a jump: nobody can predict it.
        let isAbove = unsafeBitCast(x[Int(node.offset)] > node.threshold, to: UInt8.self)
        return 2 &* i &- root &+ Int(isAbove)
    }

    /// As `sum` for each of the rows, which begin `stride` values apart; bit for bit the same, and faster, for a
    /// tree stays in the nearest cache while all rows of a block pass it. `sums` has a place for each row.
    package func sums(
        _ rows: UnsafeBufferPointer<Float>, stride: Int, into sums: UnsafeMutableBufferPointer<Float>
    ) {
        precondition(stride >= columnCount, "a row has a value for each column")
        precondition(rows.count == sums.count * stride, "the rows and the places for their sums differ in number")
        guard let x = rows.baseAddress, let out = sums.baseAddress else { return }
        let whole = sums.count - sums.count % Self.lanes
        if whole > 0 { sumEights(x, stride, whole, out) }
        for row in whole..<sums.count {
            sums[row] = sum(UnsafeBufferPointer(start: x + row * stride, count: columnCount))
        }
    }

    /// The first `count` rows, a multiple of eight.
    private func sumEights(
        _ x: UnsafePointer<Float>, _ stride: Int, _ count: Int, _ sums: UnsafeMutablePointer<Float>
    ) {
        let block = min(count, 64)
        withUnsafeTemporaryAllocation(of: Float.self, capacity: block * columnCount) { room in
            let turned = room.baseAddress!
            var start = 0
            while start < count {
                let rows = min(block, count - start)
                for row in 0..<rows {
                    let source = x + (start + row) * stride
                    let target = turned + (row - row % Self.lanes) * columnCount + row % Self.lanes
                    for column in 0..<columnCount { target[column &* Self.lanes] = source[column] }
                }
                (sums + start).update(repeating: 0, count: rows)
                addTurned(turned, eights: rows / Self.lanes, sums + start)
                start += rows
            }
        }
    }

    /// Adds what each tree gives to each row of the turned eights.
    private func addTurned(_ turned: UnsafePointer<Float>, eights: Int, _ sums: UnsafeMutablePointer<Float>) {
        let size = 1 << height
        let width = Self.lanes * columnCount
        withPointers { nodes, values in
            var (nodes, values) = (nodes, values)
            for _ in 0..<count {
                var (x, sum) = (turned, sums)
                var left = eights
                while left > 0 {
                    addEightRows(nodes, values, x, sum)
                    x += width
                    sum += Self.lanes
                    left &-= 1
                }
                nodes += size
                values += 2 &* size
            }
        }
    }

    @inline(__always)
    private func addEightRows(
        _ nodes: UnsafePointer<Node>, _ values: UnsafePointer<Float>, _ x: UnsafePointer<Float>,
        _ sums: UnsafeMutablePointer<Float>
    ) {
        var (i0, i1, i2, i3, i4, i5, i6, i7) = (1, 1, 1, 1, 1, 1, 1, 1)
        var steps = height
        while steps > 0 {
            i0 = Self.step(nodes, i0, x, 0)
            i1 = Self.step(nodes, i1, x + 1, 0)
            i2 = Self.step(nodes, i2, x + 2, 0)
            i3 = Self.step(nodes, i3, x + 3, 0)
            i4 = Self.step(nodes, i4, x + 4, 0)
            i5 = Self.step(nodes, i5, x + 5, 0)
            i6 = Self.step(nodes, i6, x + 6, 0)
            i7 = Self.step(nodes, i7, x + 7, 0)
            steps &-= 1
        }
        sums[0] += values[i0]
        sums[1] += values[i1]
        sums[2] += values[i2]
        sums[3] += values[i3]
        sums[4] += values[i4]
        sums[5] += values[i5]
        sums[6] += values[i6]
        sums[7] += values[i7]
    }

    /// Adds to each column what its comparisons changed in what was to be expected of `row`. Over all columns these
    /// add up to `sum(row) - expectation` (but for rounding).
    package func addContributions(
        _ row: UnsafeBufferPointer<Float>, into contributions: UnsafeMutableBufferPointer<Float>
    ) {
        precondition(row.count == columnCount && contributions.count == columnCount, "one value for each column")
        let out = contributions.baseAddress!
        let size = 1 << height
        withSpread(row) { x in
            withPointers { nodes, values in
                var (nodes, values) = (nodes, values)
                var left = count
                while left >= Self.lanes {
                    let leaves = walkEightTrees(nodes, size, x)
                    credit(leaves.0, nodes, values, out)
                    credit(leaves.1 - size, nodes + size, values + 2 * size, out)
                    credit(leaves.2 - 2 * size, nodes + 2 * size, values + 4 * size, out)
                    credit(leaves.3 - 3 * size, nodes + 3 * size, values + 6 * size, out)
                    credit(leaves.4 - 4 * size, nodes + 4 * size, values + 8 * size, out)
                    credit(leaves.5 - 5 * size, nodes + 5 * size, values + 10 * size, out)
                    credit(leaves.6 - 6 * size, nodes + 6 * size, values + 12 * size, out)
                    credit(leaves.7 - 7 * size, nodes + 7 * size, values + 14 * size, out)
                    nodes += Self.lanes * size
                    values += 2 * Self.lanes * size
                    left -= Self.lanes
                }
                while left > 0 {
                    var i = 1
                    for _ in 0..<height { i = Self.step(nodes, i, x, 0) }
                    credit(i, nodes, values, out)
                    nodes += size
                    values += 2 * size
                    left -= 1
                }
            }
        }
    }

    /// Credits the comparisons on the path to `leaf`, the first one first. Its bits tell the path: the place above is half of
    /// a place. Below a leaf further up nothing changes, so that the column there gets nothing.
    @inline(__always)
    private func credit(
        _ leaf: Int, _ nodes: UnsafePointer<Node>, _ values: UnsafePointer<Float>,
        _ contributions: UnsafeMutablePointer<Float>
    ) {
        var above = height
        while above > 0 {
            let i = leaf &>> above
            above &-= 1
            contributions[nodes[i].column] += values[leaf &>> above] - values[i]
        }
    }
}
