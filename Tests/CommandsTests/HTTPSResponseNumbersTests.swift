import Commands
import HTTPSClient
import NIOCore
import Testing

@Suite("Numbers in answers")
struct HTTPSResponseNumbersTests {
    @Test("A number of an answer is found by its name")
    func integer() throws {
        var response = HTTPSResponse()
        response.body = ByteBuffer(string: "{\"accepted\":198,\"duplicates\": 2,\"transaction_ids\":[]}")
        #expect(response.integer(named: "duplicates") == 2)
        #expect(response.integer(named: "accepted") == 198)
        #expect(response.integer(named: "missing") == nil)
    }
}
