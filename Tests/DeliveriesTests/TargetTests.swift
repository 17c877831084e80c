import Deliveries
import Foundation
import Testing

@Suite("Where webhooks may go")
struct TargetTests {
    @Test(
        "Addresses that are not public are objected to",
        arguments: [
            "0.0.0.0", "0.1.2.3", "10.0.0.1", "10.255.255.255", "100.64.0.1", "100.127.255.255", "127.0.0.1",
            "127.9.9.9", "169.254.169.254", "172.16.0.1", "172.31.255.255", "192.0.0.8", "192.0.2.1", "192.168.1.1",
            "198.18.0.1",
            "198.19.255.255", "198.51.100.7", "203.0.113.7", "224.0.0.1", "239.255.255.255", "240.0.0.1",
            "255.255.255.255", "::", "::1", "::ffff:127.0.0.1", "::ffff:10.0.0.1", "::ffff:a9fe:a9fe", "::10.0.0.1",
            "64:ff9b::a00:1", "2002:a00:1::", "2001::1", "2001:db8::1", "3fff::1", "fe80::1", "febf::1", "fc00::1",
            "fd12:3456::1", "ff02::1", "4000::1", "100::1",
        ])
    func special(_ text: String) throws {
        let address = try #require(NetworkAddress(text))
        #expect(TargetPolicy().objection(to: address) != nil)
    }

    @Test(
        "Public addresses are not",
        arguments: [
            "1.1.1.1", "9.255.255.255", "11.0.0.0", "100.63.255.255", "100.128.0.0", "126.255.255.255", "128.0.0.0",
            "172.15.255.255", "172.32.0.0", "192.167.255.255", "192.169.0.0", "198.17.255.255", "198.20.0.0",
            "223.255.255.255", "2606:4700::1111", "2a00:1450::1", "::ffff:8.8.8.8",
        ])
    func open(_ text: String) throws {
        let address = try #require(NetworkAddress(text))
        #expect(TargetPolicy().objection(to: address) == nil)
    }

    @Test("What the configuration allows is allowed, and nothing beside it")
    func allowed() throws {
        let policy = TargetPolicy(allowedRanges: [
            try #require(NetworkRange("10.1.0.0/16")), try #require(NetworkRange("::1")),
        ])
        #expect(policy.objection(to: NetworkAddress("10.1.2.3")!) == nil)
        #expect(policy.objection(to: NetworkAddress("::ffff:10.1.2.3")!) == nil)
        #expect(policy.objection(to: NetworkAddress("10.2.0.1")!) != nil)
        #expect(policy.objection(to: NetworkAddress("::1")!) == nil)
    }

    @Test(
        "What is no range is not taken for one",
        arguments: [
            "", "10.0.0.0/33", "10.0.0.0/-1", "10.0.0.0/08", "10.0.0.1/8", "10.0.0.0/", "a/8", "::1/129", "0x7f.1",
        ])
    func noRange(_ text: String) {
        #expect(NetworkRange(text) == nil)
    }

    @Test("A URL has one form, and its host and port are known")
    func url() throws {
        let url = try WebhookURL("HTTPS://Hooks.Example.COM/Path?a=B", policy: TargetPolicy())
        #expect(url.text == "https://hooks.example.com/Path?a=B")
        #expect(url.host == "hooks.example.com" && url.port == 443 && url.isEncrypted)
        let other = try WebhookURL("https://[2606:4700::1111]:8443/", policy: TargetPolicy())
        #expect(other.host == "2606:4700::1111" && other.port == 8_443)
    }

    @Test(
        "URLs that lead nowhere, elsewhere or unprotected are refused",
        arguments: [
            "", "hooks.example.com", "http://hooks.example.com/", "ftp://hooks.example.com/", "file:///etc/passwd",
            "https://", "https:///path", "https://user:pass@hooks.example.com/", "https://user@hooks.example.com/",
            "https://hooks.example.com/#fragment", "https://hooks.example.com:0/", "https://hooks.example.com:65536/",
            "https://hooks example.com/", "https://hooks.exämple.com/", "https://[fe80::1%25eth0]/",
            "https://[nonsense]/",
            "https://hooks.example.com\r\nHost: other/", "https://a%2eb/",
        ])
    func badURL(_ text: String) {
        #expect(throws: WebhookError.self) { try WebhookURL(text, policy: TargetPolicy()) }
    }

    @Test("A URL with an address that is not public is refused before anything is connected")
    func literal() {
        for text in ["https://127.0.0.1/", "https://[::1]/", "https://[::ffff:10.0.0.1]/", "https://169.254.169.254/"] {
            #expect {
                try WebhookURL(text, policy: TargetPolicy())
            } throws: { error in
                guard case .forbiddenTarget = error as? WebhookError else { return false }
                return true
            }
        }
        #expect(throws: WebhookError.self) {
            try WebhookURL("https://example.com/" + String(repeating: "a", count: 2_048), policy: TargetPolicy())
        }
    }

    @Test("Seconds and dates of Retry-After are understood, everything else is left alone")
    func retryAfter() {
        let now = Date(timeIntervalSince1970: 784_111_777)
        #expect(RetryAfter.parse("120", now: now) == .seconds(120))
        #expect(RetryAfter.parse(" 0 ", now: now) == .zero)
        #expect(RetryAfter.parse("99999999999999999999", now: now) == .seconds(86_400))
        #expect(RetryAfter.parse("Sun, 06 Nov 1994 08:50:37 GMT", now: now) == .seconds(60))
        #expect(RetryAfter.parse("Sun, 06 Nov 1994 08:00:00 GMT", now: now) == .zero)
        for text in ["", "-1", "1.5", "soon", "Sun, 06 Nov 1994 08:50:37 CET", "Sun, 99 Nov 1994 08:50:37 GMT"] {
            #expect(RetryAfter.parse(text, now: now) == nil, "\(text)")
        }
    }
}
