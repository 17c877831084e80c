extension Transformer {
    /// The logits of a user's payments, oldest first, from the history's very beginning: the network as it is written
    /// down, without rings, vectors or blocks of registers. Slow; what the streaming form is compared with.
    public func logits(_ tokens: [SIMD16<Int8>]) -> [Float] {
        var rows = tokens.map(embedding)
        for block in layout.blocks {
            let normal = rows.map { normalised($0, block.attentionGain) }
            let queries = normal.map { product($0, block.query, configuration.width, bias: block.queryBias) }
            let keyValues = normal.map { product($0, block.keyValue, 2 * configuration.width) }
            for position in rows.indices {
                let found = attention(at: position, queries[position], keyValues, block.distanceBias)
                rows[position] = added(rows[position], product(found, block.output, configuration.width))
                let hidden = product(
                    normalised(rows[position], block.hiddenGain), block.expand, configuration.feedForward,
                    bias: block.expandBias)
                let thought = product(
                    hidden.map { max($0, 0) }, block.contract, configuration.width, bias: block.contractBias)
                rows[position] = added(rows[position], thought)
            }
        }
        return rows.map { product(normalised($0, layout.finalGain), layout.head, 1, bias: layout.headBias)[0] }
    }

    private func embedding(_ token: SIMD16<Int8>) -> [Float] {
        let places = placement.places(token)
        var row = [Float](repeating: 0, count: configuration.width)
        for field in 0..<Configuration.fields {
            let knot = Int(places[field]) / 16
            let upper = Float(places[field] % 16) / 16
            let low = layout.embedding + (field * Configuration.knots + knot) * configuration.width
            for column in row.indices {
                row[column] += (1 - upper) * parameters[low + column]
                row[column] += upper * parameters[low + configuration.width + column]
            }
        }
        return row
    }

    private func normalised(_ row: [Float], _ gain: Int) -> [Float] {
        let mean = row.reduce(0) { $0 + $1 * $1 } / Float(row.count)
        let root = (mean + 1e-5).squareRoot()
        return row.indices.map { row[$0] / root * parameters[gain + $0] }
    }

    private func product(_ row: [Float], _ matrix: Int, _ outputs: Int, bias: Int? = nil) -> [Float] {
        (0..<outputs).map { output in
            row.indices.reduce(bias.map { parameters[$0 + output] } ?? 0) { sum, input in
                sum + row[input] * parameters[matrix + input * outputs + output]
            }
        }
    }

    private func attention(at position: Int, _ query: [Float], _ keyValues: [[Float]], _ distanceBias: Int) -> [Float] {
        let window = Configuration.window
        let seen = max(0, position - window + 1)...position
        return (0..<configuration.heads).flatMap { head in
            let numbers = head * Configuration.headWidth..<(head + 1) * Configuration.headWidth
            let scores = seen.map { other in
                numbers.reduce(0) { $0 + query[$1] * keyValues[other][$1] } * Self.scale
                    + parameters[distanceBias + head * window + position - other]
            }
            let highest = scores.max()!
            let shares = scores.map { exponential($0 - highest) }
            let total = shares.reduce(0, +)
            return numbers.map { number in
                zip(seen, shares).reduce(0) { $0 + $1.1 / total * keyValues[$1.0][configuration.width + number] }
            }
        }
    }

    private func added(_ one: [Float], _ other: [Float]) -> [Float] { zip(one, other).map(+) }
}
