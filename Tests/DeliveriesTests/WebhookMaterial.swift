import Deliveries
import Foundation
import NIOSSL
import Synchronization

/// To be removed when the tests end.
private let madeDirectory = Mutex("")

/// An authority of the test's own and a certificate for `hooks.example`, made by openssl.
final class WebhookMaterial: Sendable {
    let directory: String
    let serverContext: NIOSSLContext
    let authority: [NIOSSLCertificate]

    static let shared = Result { try WebhookMaterial() }

    private init() throws {
        directory = FileManager.default.temporaryDirectory.path + "/redoubt-deliveries-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
        _ = try run(
            [
                "bash", "-euc",
                """
                umask 077
                cd "$0"
                key() { openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out "$1" 2>/dev/null; }
                key ca.key
                openssl req -x509 -new -key ca.key -days 2 -subj /CN=authority -out ca.crt
                key server.key
                openssl req -new -key server.key -subj /CN=hooks.example -out server.csr
                echo subjectAltName=DNS:hooks.example >names
                openssl x509 -req -in server.csr -CA ca.crt -CAkey ca.key -set_serial 1 -days 2 -extfile names \
                    -out server.crt 2>/dev/null
                """, directory,
            ], input: [])
        authority = try NIOSSLCertificate.fromPEMFile(directory + "/ca.crt")
        let chain = try NIOSSLCertificate.fromPEMFile(directory + "/server.crt").map(
            NIOSSLCertificateSource.certificate)
        let key = try NIOSSLPrivateKey(file: directory + "/server.key", format: .pem)
        serverContext = try NIOSSLContext(
            configuration: .makeServerConfiguration(certificateChain: chain, privateKey: .privateKey(key)))
        madeDirectory.withLock { $0 = directory }
        atexit { madeDirectory.withLock { try? FileManager.default.removeItem(atPath: $0) } }
    }
}

struct ProgramFailed: Error {}

/// Runs a program and returns what it prints.
@discardableResult
func run(_ words: [String], input: [UInt8]) throws -> String {
    let process = Process()
    let output = Pipe()
    let entry = Pipe()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.arguments = words
    process.standardOutput = output
    process.standardInput = entry
    try process.run()
    try entry.fileHandleForWriting.write(contentsOf: Data(input))
    try entry.fileHandleForWriting.close()
    let text = try output.fileHandleForReading.readToEnd() ?? Data()
    process.waitUntilExit()
    guard process.terminationStatus == 0 else { throw ProgramFailed() }
    return String(decoding: text, as: UTF8.self)
}

/// A resolver that says what the test wants, one answer after the other, the last one for ever.
final class FixedResolver: AddressResolver {
    private let answers: Mutex<[[String]]>
    private let asked = Mutex<[String]>([])

    init(_ answers: [String]...) { self.answers = Mutex(answers) }

    var questions: [String] { asked.withLock { $0 } }

    func addresses(of host: String) async throws -> [NetworkAddress] {
        asked.withLock { $0.append(host) }
        let answer = answers.withLock { $0.count > 1 ? $0.removeFirst() : $0[0] }
        guard !answer.isEmpty else { throw ResolutionError(host: host, reason: "no such host") }
        return answer.map { NetworkAddress($0)! }
    }
}
