import Chaos
import Foundation
import Testing

@Suite("A run's history as lines of JSON")
struct HistoryTests {
    @Test("Comes back as it was written")
    func roundTrip() throws {
        let good = HistoryFixture.withStreams()
        var lines: [HistoryLine] = [.run(scenario: good.scenario, seed: 7, nodes: good.nodes)]
        lines += good.calls.map { .call($0) } + good.faults.map { .fault($0) } + good.views.map { .view($0) }
        lines += good.stored.map { .stored($0) } + [.received(good.received ?? []), .trouble("a word")]
        lines += [.end(healed: good.healed, ended: good.ended)]
        var data = Data()
        for line in lines { data += try JSONEncoder().encode(line) + Data("\n".utf8) }
        let read = try RunHistory(jsonLines: data)
        #expect(read.calls == good.calls)
        #expect(read.faults == good.faults)
        #expect(read.views == good.views)
        #expect(read.stored == good.stored)
        #expect(read.received == good.received)
        #expect(read.troubles == ["a word"])
        #expect(read.seed == 7)
        #expect(read.ended == good.ended)
    }

    @Test("A line that is none is named")
    func malformed() {
        #expect(throws: ChaosError.self) { try RunHistory(jsonLines: Data("{\"type\":\"call\"}\n".utf8)) }
    }
}
