// How much work is in hand: a bound, and how long a client should stay away when it is reached.

import Sonoform
import Synchronization

/// Counts the requests that are worked on or wait for it; those beyond the bound are refused.
final class ConversionQueue: Sendable {
    private struct State {
        var inHand = 0
        /// How long a request's work takes, as a running mean.
        var seconds = 0.3
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

    /// Does the work as one of those in hand; throws ``Problem/busy(waiting:retryAfterSeconds:)`` where they are too
    /// many, and what `body` throws.
    func run<Result: Sendable>(_ body: () async throws -> Result) async throws -> Result {
        try state.withLock { (state) throws(Problem) in
            try check(state)
            state.inHand += 1
        }
        let start = ContinuousClock.now
        defer {
            let elapsed = ContinuousClock.now - start
            state.withLock { state in
                // What waited took its turn's time several times over.
                let rounds = Double((state.inHand + workers - 1) / workers)
                state.seconds += 0.1 * (elapsed.inSeconds / max(1, rounds) - state.seconds)
                state.inHand -= 1
            }
        }
        return try await body()
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
