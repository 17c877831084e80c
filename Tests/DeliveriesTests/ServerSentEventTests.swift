import Deliveries
import Testing

@Suite("Events of a stream")
struct ServerSentEventTests {
    private func text(_ event: ServerSentEvent) -> String {
        var bytes: [UInt8] = []
        event.append(to: &bytes)
        return String(decoding: bytes, as: UTF8.self)
    }

    @Test("Fields stand on lines of their own, and an empty line ends the event")
    func fields() {
        #expect(
            text(ServerSentEvent(id: "7.1", name: "alert", data: Array("{\"a\":1}".utf8)))
                == "id: 7.1\nevent: alert\ndata: {\"a\":1}\n\n")
        #expect(text(ServerSentEvent(id: "7.1")) == "id: 7.1\n\n")
        #expect(text(ServerSentEvent(data: [])) == "data: \n\n")
    }

    @Test("A line end in the data can't end the event")
    func lines() {
        #expect(
            text(ServerSentEvent(data: Array("a\nb\r\nc\rd\n\nevent: x".utf8)))
                == "data: a\ndata: b\ndata: c\ndata: d\ndata: \ndata: event: x\n\n")
    }

    @Test("The pause before coming back is told in milliseconds")
    func retry() {
        #expect(String(decoding: ServerSentEvent.retry(.milliseconds(2_500)), as: UTF8.self) == "retry: 2500\n\n")
    }
}
