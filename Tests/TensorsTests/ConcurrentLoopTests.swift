// Loops over several threads.

import Synchronization
import Tensors
import Testing

@Suite("A concurrent loop", .serialized)
struct ConcurrentLoopTests {
    @Test("takes every part once, whatever the number of threads", arguments: [1, 2, 5])
    func parts(threads: Int) {
        setComputeThreads(threads)
        for count in [0, 1, 2, 100] {
            let taken = Mutex<[Int]>([])
            forEachConcurrently(count) { index in taken.withLock { $0.append(index) } }
            #expect(taken.withLock { $0.sorted() } == Array(0..<count))
        }
    }
}
