import Glibc
import Security
import Testing

@Suite struct SealingKeyTests {
    let digits = String(repeating: "0a", count: 31) + "Ff"

    @Test func sixtyFourDigitsWithOrWithoutANewlineAreAKey() throws {
        let expected = SealingKey(bytes: [UInt8](repeating: 10, count: 31) + [255])
        for text in [digits, digits + "\n"] {
            try withFile(text, mode: 0o600) { path in
                let key = try SealingKey.load(path: path)
                #expect(key.keyID == expected.keyID)
            }
        }
        try withFile(digits, mode: 0o400) { path in #expect(throws: Never.self) { try SealingKey.load(path: path) } }
    }

    @Test func aMissingFileIsSaidToBeMissing() {
        #expect(throws: SecurityError.keyFileMissing(path: "/nowhere/key")) {
            try SealingKey.load(path: "/nowhere/key")
        }
        #expect(throws: SecurityError.keyFileUnreadable(path: "/tmp", reason: "not a regular file")) {
            try SealingKey.load(path: "/tmp")
        }
    }

    @Test(arguments: [0o640, 0o604, 0o660, 0o601, 0o620] as [mode_t])
    func aFileThatOthersMayUseIsRefused(mode: mode_t) throws {
        try withFile(digits, mode: mode) { path in
            #expect(throws: SecurityError.keyFileExposed(path: path, mode: UInt32(mode))) {
                try SealingKey.load(path: path)
            }
        }
    }

    @Test func aWrongLengthIsCounted() throws {
        for text in ["", "\n", String(digits.dropLast()), digits + "0", digits + "\n\n"] {
            try withFile(text, mode: 0o600) { path in
                let count = text.hasSuffix("\n") ? text.utf8.count - 1 : text.utf8.count
                #expect(throws: SecurityError.keyFileWrongLength(path: path, digits: count)) {
                    try SealingKey.load(path: path)
                }
            }
        }
    }

    @Test(arguments: [0, 1, 40, 63])
    func aCharacterThatIsNoDigitIsPointedAt(position: Int) throws {
        var text = Array(digits.utf8)
        text[position] = UInt8(ascii: "g")
        try withFile(String(decoding: text, as: UTF8.self), mode: 0o600) { path in
            #expect(throws: SecurityError.keyFileNotHexadecimal(path: path, position: position)) {
                try SealingKey.load(path: path)
            }
        }
    }

    @Test func printingAKeyShowsItsNameOnly() {
        let key = SealingKey(bytes: [UInt8](repeating: 7, count: 32))
        #expect("\(key)" == "sealing key \(key.keyID)")
        #expect(String(reflecting: key.keyID).count < 64)
    }

    private func withFile(_ text: String, mode: mode_t, _ body: (String) throws -> Void) throws {
        var template = Array("/tmp/redoubt-key-XXXXXX".utf8CString)
        let descriptor = mkstemp(&template)
        try #require(descriptor >= 0)
        let path = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
        defer { unlink(path) }
        try #require(write(descriptor, text, text.utf8.count) == text.utf8.count)
        fchmod(descriptor, mode)
        close(descriptor)
        try body(path)
    }
}
