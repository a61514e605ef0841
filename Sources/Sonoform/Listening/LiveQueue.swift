// Between the thread that records and the one that converts.

import AudioFeatures
import Dispatch
import Synchronization

/// Utterances in their order, and what is said so far of the next one.
///
/// Recording never waits for converting, until so many utterances wait that memory would grow: then the pipe waits.
final class LiveQueue: Sendable {
    /// What there is to do.
    enum Work {
        case utterance(UtteranceDetector.Utterance)
        /// What is said so far.
        case growing([Float])
    }

    private struct State {
        var utterances: [UtteranceDetector.Utterance] = []
        var growing: [Float]?
        var isClosed = false
        var isAbandoned = false
        var failure: (any Error)?
    }

    private let state = Mutex(State())
    private let somethingNew = DispatchSemaphore(value: 0)
    private let room: DispatchSemaphore

    init(longest: Int) { room = DispatchSemaphore(value: longest) }

    /// Adds an utterance; waits where too many wait.
    func add(_ utterance: UtteranceDetector.Utterance) {
        room.wait()
        guard !state.withLock(\.isAbandoned) else {
            room.signal()
            return
        }
        state.withLock { state in
            state.utterances.append(utterance)
            state.growing = nil
        }
        somethingNew.signal()
    }

    /// Says what is said so far; what nobody has looked at yet is replaced.
    func grow(_ samples: [Float]) {
        let isNew = state.withLock { state in
            defer { state.growing = samples }
            return state.growing == nil
        }
        if isNew { somethingNew.signal() }
    }

    /// Ends the queue; what is in it is still given.
    func close(_ failure: (any Error)? = nil) {
        state.withLock { ($0.isClosed, $0.failure) = (true, failure) }
        somethingNew.signal()
    }

    /// Lets the recording thread end, where nobody will ask for work any more.
    func abandon() {
        state.withLock { $0.isAbandoned = true }
        room.signal()
    }

    /// The next work, whole utterances first; waits for it. Nil at the end, and throws what ended it.
    func next() throws -> Work? {
        while true {
            somethingNew.wait()
            let found: (work: Work?, isOver: Bool, failure: (any Error)?) = state.withLock { state in
                if !state.utterances.isEmpty { return (.utterance(state.utterances.removeFirst()), false, nil) }
                if let growing = state.growing, !state.isClosed {
                    state.growing = nil
                    return (.growing(growing), false, nil)
                }
                return (nil, state.isClosed, state.failure)
            }
            if let work = found.work {
                if case .utterance = work { room.signal() }
                return work
            }
            if found.isOver {
                // For whoever asks again.
                somethingNew.signal()
                if let failure = found.failure { throw failure }
                return nil
            }
        }
    }
}
