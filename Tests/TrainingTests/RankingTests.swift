import Testing
import Training

@Suite("Measures of a ranking")
struct RankingTests {
    @Test("A perfect order has area and precision one, its reverse area zero")
    func extremes() throws {
        let perfect = Ranking(scores: [0.9, 0.8, 0.2, 0.1], isFraud: [true, true, false, false])
        #expect(perfect.areaUnderROC == 1)
        #expect(perfect.averagePrecision == 1)
        let reverse = Ranking(scores: [0.1, 0.2, 0.8, 0.9], isFraud: [true, true, false, false])
        #expect(reverse.areaUnderROC == 0)
        // Frauds at ranks 3 and 4: (1/3 + 2/4) / 2.
        #expect(abs(try #require(reverse.averagePrecision) - 5.0 / 12) < 1e-12)
    }

    @Test("Interleaved rows give the values worked out by hand")
    func interleaved() throws {
        // By falling score: fraud, genuine, fraud, genuine, genuine.
        let ranking = Ranking(scores: [5, 4, 3, 2, 1], isFraud: [true, false, true, false, false])
        // Pairs in the right order: 3 of the first fraud, 2 of the second, of 6.
        #expect(abs(try #require(ranking.areaUnderROC) - 5.0 / 6) < 1e-12)
        // Precision 1 at the first fraud, 2/3 at the second.
        #expect(abs(try #require(ranking.averagePrecision) - 5.0 / 6) < 1e-12)
    }

    @Test("Equal scores are one threshold")
    func ties() throws {
        let ranking = Ranking(scores: [2, 1, 1, 1, 0], isFraud: [false, true, false, true, false])
        // Each fraud loses to one genuine row, ties with one (a half) and beats one: 1.5 of 3.
        #expect(ranking.areaUnderROC == 0.5)
        // Both frauds come with the threshold 1, where 2 of 4 are frauds.
        #expect(ranking.averagePrecision == 0.5)
        let constant = Ranking(scores: [7, 7, 7, 7], isFraud: [true, false, false, false])
        #expect(constant.areaUnderROC == 0.5)
        #expect(constant.averagePrecision == 0.25)
    }

    @Test("Recall at the top counts rows that tie at the edge in proportion")
    func recall() throws {
        let ranking = Ranking(scores: [3, 2, 2, 2, 1], isFraud: [true, true, false, false, true])
        #expect(ranking.recall(atTop: 0) == 0)
        #expect(abs(try #require(ranking.recall(atTop: 1)) - 1.0 / 3) < 1e-12)
        // One of the three rows with score 2 fits in: a third of a fraud.
        #expect(abs(try #require(ranking.recall(atTop: 2)) - 4.0 / 9) < 1e-12)
        #expect(abs(try #require(ranking.recall(atTop: 4)) - 2.0 / 3) < 1e-12)
        #expect(ranking.recall(atTop: 5) == 1)
        #expect(ranking.recall(atTop: 50) == 1)
    }

    @Test("Without frauds, or without genuine rows, there is no area")
    func undefined() {
        #expect(Ranking(scores: [1, 2], isFraud: [false, false]).areaUnderROC == nil)
        #expect(Ranking(scores: [1, 2], isFraud: [false, false]).averagePrecision == nil)
        #expect(Ranking(scores: [1, 2], isFraud: [true, true]).areaUnderROC == nil)
        #expect(Ranking(scores: [1, 2], isFraud: [true, true]).averagePrecision == 1)
        #expect(Ranking(scores: [], isFraud: []).averagePrecision == nil)
    }
}

@Suite("Card precision")
struct CardPrecisionTests {
    private func payment(_ day: Int, _ card: UInt64, _ score: Float, _ isFraud: Bool = false) -> CardPrecision.Payment {
        CardPrecision.Payment(day: day, card: card, score: score, isFraud: isFraud)
    }

    @Test("A card counts by its highest payment and is compromised by any of them")
    func cards() {
        // Card 1 ranks first by its genuine payment and counts for its fraud; card 2 comes second.
        let payments = [payment(0, 1, 9), payment(0, 1, 1, true), payment(0, 2, 5), payment(0, 3, 4, true)]
        #expect(CardPrecision.mean(of: payments, top: 1) == 1)
        #expect(CardPrecision.mean(of: payments, top: 2) == 0.5)
        #expect(abs(CardPrecision.mean(of: payments, top: 3) - 2.0 / 3) < 1e-12)
    }

    @Test("A compromised card that was found leaves the days after; one that was missed stays")
    func foundCards() {
        let payments = [
            payment(0, 1, 9, true), payment(0, 2, 8), payment(0, 3, 1, true),
            payment(1, 1, 9, true), payment(1, 3, 8, true), payment(1, 2, 7),
        ]
        // Day 0 finds card 1 among two; on day 1 it is gone, and cards 3 and 2 are looked at.
        #expect(CardPrecision.mean(of: payments, top: 2) == 0.5)
        // With one look a day: card 1, then card 3.
        #expect(CardPrecision.mean(of: payments, top: 1) == 1)
    }

    @Test("Fewer cards than looks count as looks in vain")
    func fewCards() {
        #expect(CardPrecision.mean(of: [payment(4, 1, 1, true)], top: 100) == 0.01)
        #expect(CardPrecision.mean(of: [], top: 100) == 0)
    }
}

@Suite("Curves")
struct CurvePlotTests {
    @Test("are a picture with a line and a name for each engine, and no markup of the title's own")
    func svg() {
        let ranking = Ranking(scores: [3, 2, 1], isFraud: [true, false, true])
        let svg = CurvePlot(
            title: "a < b & c",
            series: [
                CurvePlot.Series(name: "rules", ranking: ranking), CurvePlot.Series(name: "hybrid", ranking: ranking),
            ]
        ).svg
        #expect(svg.hasPrefix("<svg ") && svg.hasSuffix("</svg>\n"))
        #expect(svg.contains("a &lt; b &amp; c"))
        #expect(svg.contains(">rules</text>") && svg.contains(">hybrid</text>"))
        // Two panels, a line for each engine in both; precision over recall of this ranking ends at (1, 2/3).
        #expect(svg.split(separator: "\n").count { $0.hasPrefix("<polyline") } == 4)
        #expect(svg.contains("370.0,146.7\""))
    }
}
