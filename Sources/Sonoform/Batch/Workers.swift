// Threads that work through a batch, and the flag that stops them.

import Dispatch
import Synchronization
import Tensors

#if canImport(Glibc)
    import Glibc
#endif

/// Asks a batch to stop, from a signal's handler for instance: the inputs in hand are finished, or discarded between
/// two utterances.
public final class StopRequest: Sendable {
    private let flag = Atomic<Bool>(false)

    /// Nothing is asked yet.
    public init() {}

    /// Asks to stop.
    public func request() { flag.store(true, ordering: .relaxed) }

    /// Whether somebody asked.
    public var isRequested: Bool { flag.load(ordering: .relaxed) }
}

/// A thread's leave to compute, of which a batch has one a worker.
///
/// A thread gives it back while its files reach the disk, so that another computes meanwhile.
final class ComputePermit {
    private let semaphore: DispatchSemaphore
    private var isHeld = false

    init(_ semaphore: DispatchSemaphore) { self.semaphore = semaphore }

    deinit { release() }

    /// Waits for leave to compute, unless this thread has it.
    func hold() {
        if !isHeld { semaphore.wait() }
        isHeld = true
    }

    /// Lets another thread compute.
    func release() {
        if isHeld { semaphore.signal() }
        isHeld = false
    }
}

/// Runs `body` in `count` threads, each computing its products alone, and waits for all; `body` gets the number.
///
/// Threads of their own, because their number is the user's choice and not that of a pool.
func runWorkers(_ count: Int, _ body: @escaping @Sendable (Int) -> Void) {
    var threads: [pthread_t] = []
    for worker in 0..<count {
        let work = Unmanaged.passRetained(Work { body(worker) })
        var thread = pthread_t()
        let code = pthread_create(&thread, nil, runWork, work.toOpaque())
        if code == 0 {
            threads.append(thread)
        } else {
            // A system that gives no more threads gets the work done by those that there are, or by this one.
            work.release()
            if threads.isEmpty { Work { body(worker) }.run() }
            break
        }
    }
    for thread in threads { pthread_join(thread, nil) }
}

private final class Work: Sendable {
    private let body: @Sendable () -> Void

    init(_ body: @escaping @Sendable () -> Void) { self.body = body }

    func run() { withComputeThreads(1, body) }
}

private func runWork(_ work: UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? {
    if let work { Unmanaged<Work>.fromOpaque(work).takeRetainedValue().run() }
    return nil
}
