import Foundation

/// What a program left behind.
struct ProgramResult: Sendable {
    let status: Int32
    let output: [UInt8]
    let errors: String
}

/// Runs a program to its end on a thread of its own: the server under test needs the threads of the pool.
func runProgram(_ arguments: [String], input: [UInt8] = []) async throws -> ProgramResult {
    try await withCheckedThrowingContinuation { continuation in
        Thread.detachNewThread {
            continuation.resume(with: Result { try runBlocking(arguments, input: input) })
        }
    }
}

private func runBlocking(_ arguments: [String], input: [UInt8]) throws -> ProgramResult {
    let directory = FileManager.default.temporaryDirectory
    let name = "redoubt-run-\(UUID().uuidString)"
    let inputFile = directory.appendingPathComponent("\(name).in")
    let errorFile = directory.appendingPathComponent("\(name).err")
    try Data(input).write(to: inputFile)
    try Data().write(to: errorFile)
    defer {
        try? FileManager.default.removeItem(at: inputFile)
        try? FileManager.default.removeItem(at: errorFile)
    }
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.arguments = arguments
    process.standardInput = try FileHandle(forReadingFrom: inputFile)
    process.standardError = try FileHandle(forWritingTo: errorFile)
    let output = Pipe()
    process.standardOutput = output
    try process.run()
    let bytes = output.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    let errors = String(decoding: try Data(contentsOf: errorFile), as: UTF8.self)
    return ProgramResult(status: process.terminationStatus, output: [UInt8](bytes), errors: errors)
}
