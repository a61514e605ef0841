// Work in independent parts, spread over the threads that a product would use.

internal import CDNNL
internal import Dispatch
internal import Synchronization

/// Calls `body` with 0..<`count` from as many threads as a product called from here would use (see
/// ``setComputeThreads(_:)``); products inside run in one thread each.
///
/// Which thread takes which part is not fixed: what `body` computes must not depend on it.
public func forEachConcurrently(_ count: Int, _ body: @Sendable (Int) -> Void) {
    let workers = min(Int(sonoform_threads()), count)
    guard workers > 1 else {
        for index in 0..<count { body(index) }
        return
    }
    let next = Atomic<Int>(0)
    DispatchQueue.concurrentPerform(iterations: workers) { _ in
        // The thread belongs to a pool that others use too: its number of threads is set back.
        withComputeThreads(1) {
            while true {
                let index = next.wrappingAdd(1, ordering: .relaxed).oldValue
                guard index < count else { return }
                body(index)
            }
        }
    }
}
