import PeerTransport
import Replica
import Testing

@Suite struct MemberContactTests {
    private let contacts = [
        MemberContact(address: PeerAddress(host: "fd00::4", port: 7104), url: "https://node-4.example:8444"),
        MemberContact(address: PeerAddress(host: "h", port: 1), url: "", intent: .vote),
        MemberContact(address: PeerAddress(host: "h", port: 65_535), url: "https://h", intent: .replace(number: 3)),
    ]

    @Test func `a contact comes back as it was written`() {
        for contact in contacts { #expect(MemberContact(decoding: contact.encode()) == contact) }
    }

    @Test func `bytes that are none are refused`() {
        for contact in contacts {
            let bytes = contact.encode()
            for count in 0..<bytes.count { #expect(MemberContact(decoding: Array(bytes.prefix(count))) == nil) }
            #expect(MemberContact(decoding: bytes + [0]) == nil)
        }
        #expect(MemberContact(decoding: [1, 0, 0xFF, 0, 0]) == nil)
        let nowhere = MemberContact(address: PeerAddress(host: "", port: 1), url: "")
        #expect(MemberContact(decoding: nowhere.encode()) == nil)
    }

    @Test func `addresses are read as they are written`() {
        for contact in contacts { #expect(PeerAddress(contact.address.description) == contact.address) }
        for text in ["", "h", "h:", "h:0", "h:65536", ":1", "fd00::4:7104", "[]:1", "h:1x"] {
            #expect(PeerAddress(text) == nil, "\(text)")
        }
    }
}
