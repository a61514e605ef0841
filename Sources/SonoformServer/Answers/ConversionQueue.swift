// Whose turn it is: a bound on the work in hand, and how long a client should stay away when it is reached.

import Sonoform
import Synchronization

/// Lets so many requests be worked on at once, the others wait in a line, and refuses those beyond its bound.
final class ConversionQueue: Sendable {
    private struct State {
        var running = 0
        /// Those that wait for their turn, the first at the front.
        var line: [(ticket: UInt64, turn: CheckedContinuation<Void, any Error>)] = []
        var nextTicket: UInt64 = 0
        /// How long a request's work takes, as a running mean.
        var seconds = 0.3

        var inHand: Int { running + line.count }
    }

    private let workers: Int
    private let bound: Int
    private let state = Mutex(State())

    /// A queue of which `workers` are worked on and `waiting` more may wait.
    init(workers: Int, waiting: Int) {
        (self.workers, bound) = (max(1, workers), max(1, workers) + max(0, waiting))
    }

    /// How many requests are in hand.
    var inHand: Int { state.withLock(\.inHand) }

    /// Throws where the next request would be refused: before its body is read for nothing.
    func checkRoom() throws(Problem) {
        try state.withLock { (state) throws(Problem) in try check(state) }
    }

    /// Does the work when its turn comes.
    ///
    /// - Throws: ``Problem/busy(waiting:retryAfterSeconds:)`` where too many wait, `CancellationError` at once where the
    ///   task is cancelled while it waits, and what `body` throws.
    func run<Result: Sendable>(_ body: () async throws -> Result) async throws -> Result {
        try await turn()
        let start = ContinuousClock.now
        defer { end(after: ContinuousClock.now - start) }
        return try await body()
    }

    private func turn() async throws {
        let ticket = state.withLock { state in
            state.nextTicket += 1
            return state.nextTicket
        }
        try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { turn in
                let outcome = state.withLock { state in join(&state, ticket, turn) }
                if let outcome { turn.resume(with: outcome) }
            }
        } onCancel: {
            let left = state.withLock { state in
                state.line.firstIndex { $0.ticket == ticket }.map { state.line.remove(at: $0).turn }
            }
            left?.resume(throwing: CancellationError())
        }
    }

    /// What comes of it at once; nil for one that waits.
    private func join(
        _ state: inout State, _ ticket: UInt64, _ turn: CheckedContinuation<Void, any Error>
    ) -> Result<Void, any Error>? {
        // Whoever is cancelled from here on is found in the line.
        guard !Task.isCancelled else { return .failure(CancellationError()) }
        do { try check(state) } catch { return .failure(error) }
        guard state.running == workers else {
            state.running += 1
            return .success(())
        }
        state.line.append((ticket, turn))
        return nil
    }

    private func end(after elapsed: Duration) {
        let next = state.withLock { state -> CheckedContinuation<Void, any Error>? in
            state.seconds += 0.1 * (elapsed.inSeconds - state.seconds)
            guard state.line.isEmpty else { return state.line.removeFirst().turn }
            state.running -= 1
            return nil
        }
        next?.resume()
    }

    private func check(_ state: State) throws(Problem) {
        guard state.inHand >= bound else { return }
        let seconds = Double(state.inHand) * state.seconds / Double(workers)
        throw .busy(waiting: state.inHand, retryAfterSeconds: max(1, Int(seconds.rounded(.up))))
    }
}

/// Does the work, and cancels it after a time.
///
/// - Throws: `problem` when the time is up, else what `body` throws. Work that is cancelled is waited for: it ends
///   between two of its stages.
func withDeadline<Result: Sendable>(
    _ limit: Duration, _ problem: Problem, _ body: @escaping @Sendable () async throws -> Result
) async throws -> Result {
    try await withThrowingTaskGroup(of: Result?.self) { group in
        group.addTask { try await body() }
        group.addTask {
            try await Task.sleep(for: limit)
            return nil
        }
        defer { group.cancelAll() }
        guard let first = try await group.next(), let result = first else { throw problem }
        return result
    }
}
