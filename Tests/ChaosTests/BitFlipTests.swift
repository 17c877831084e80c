import Chaos
import Foundation
import Testing

@Suite("A flipped bit")
struct BitFlipTests {
    private func withFile(_ content: [UInt8], _ body: (String) throws -> Void) throws {
        let path = NSTemporaryDirectory() + "redoubt-flip-\(UUID().uuidString)"
        try Data(content).write(to: URL(fileURLWithPath: path))
        defer { try? FileManager.default.removeItem(atPath: path) }
        try body(path)
    }

    @Test("Is one, in the middle of what is written, and the file stays as long")
    func one() throws {
        let content = [UInt8](repeating: 0x5A, count: 1_000) + [UInt8](repeating: 0, count: 5_000)
        for seed: UInt64 in 1...50 {
            try withFile(content) { path in
                let flip = try BitFlip(in: path, seed: seed)
                let after = [UInt8](try Data(contentsOf: URL(fileURLWithPath: path)))
                #expect(after.count == content.count)
                let changed = content.indices.filter { after[$0] != content[$0] }
                #expect(changed == [flip.offset])
                #expect((250..<750).contains(flip.offset))
                #expect((after[flip.offset] ^ content[flip.offset]).nonzeroBitCount == 1)
                #expect(flip.usedBytes == 1_000)
            }
        }
    }

    @Test("Falls into a file of one byte too, and into none that holds nothing")
    func small() throws {
        try withFile([1]) { path in
            let flip = try BitFlip(in: path, seed: 1)
            #expect(flip.offset == 0)
        }
        try withFile([0, 0]) { path in
            #expect(throws: ChaosError.self) { try BitFlip(in: path, seed: 1) }
        }
        #expect(throws: ChaosError.self) { try BitFlip(in: "/nowhere/at/all", seed: 1) }
    }
}
