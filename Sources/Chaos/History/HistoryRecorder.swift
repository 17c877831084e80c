import Foundation
import Synchronization

/// Keeps a run's history, in memory for the checkers and in a file for whoever wants to judge it too.
package final class HistoryRecorder: Sendable {
    /// More lines than this no run may have.
    private static let maxLines = 4_000_000

    private struct State {
        var history = RunHistory()
        var pending = Data()
        var lines = 0
        var nextCall = 0
        var nextOperation = 0
    }

    private let state: Mutex<State>
    private let file: FileHandle
    private let began: Int64

    package init(path: String) throws {
        guard FileManager.default.createFile(atPath: path, contents: nil), let file = FileHandle(forWritingAtPath: path)
        else {
            throw ChaosError.file(path, "can't be written")
        }
        self.file = file
        state = Mutex(State())
        began = RunClock.monotonicMicroseconds
    }

    /// Microseconds since the run began.
    package var now: Int64 { time(of: RunClock.monotonicMicroseconds) }

    /// The same for a moment of the machine's clock that only goes forward.
    package func time(of monotonicMicroseconds: Int64) -> Int64 { monotonicMicroseconds - began }

    package func nextOperation() -> Int {
        state.withLock { state in
            state.nextOperation += 1
            return state.nextOperation
        }
    }

    /// Records a call under the next number.
    package func record(_ call: CallRecord) {
        write { state in
            state.nextCall += 1
            var call = call
            call.number = state.nextCall
            return .call(call)
        }
    }

    package func record(_ line: HistoryLine) {
        write { _ in line }
    }

    package var history: RunHistory { state.withLock(\.history) }
    package var callCount: Int { state.withLock(\.nextCall) }
    package var isFull: Bool { state.withLock { $0.lines >= Self.maxLines } }

    package func close() throws {
        let rest = state.withLock { state in
            defer { state.pending = Data() }
            return state.pending
        }
        try file.write(contentsOf: rest)
        try file.close()
    }

    private func write(_ make: (inout State) -> HistoryLine) {
        state.withLock { state in
            let line = make(&state)
            guard state.lines < Self.maxLines else { return }
            state.lines += 1
            state.history.add(line)
            let encoder = JSONEncoder()
            encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
            guard let text = try? encoder.encode(line) else { return }
            state.pending.append(text)
            state.pending.append(UInt8(ascii: "\n"))
            if state.pending.count > 64 << 10 {
                try? file.write(contentsOf: state.pending)
                state.pending.removeAll(keepingCapacity: true)
            }
        }
    }
}
