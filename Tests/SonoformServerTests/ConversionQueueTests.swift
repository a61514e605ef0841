import HTTPTypes
import Synchronization
import Testing

@testable import SonoformServer

@Suite("The queue of a server")
struct ConversionQueueTests {
    @Test("what is more than it takes is refused with a time to come back")
    func bound() async throws {
        let queue = ConversionQueue(workers: 1, waiting: 1)
        let (gate, open) = AsyncStream<Void>.makeStream()
        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<2 {
                group.addTask { try await queue.run { for await _ in gate { break } } }
            }
            while queue.inHand < 2 { await Task.yield() }
            let error = await #expect(throws: Problem.self) { try await queue.run {} }
            #expect(error?.status == .tooManyRequests)
            #expect((error?.retryAfterSeconds ?? 0) >= 1)
            #expect(throws: Problem.self) { try queue.checkRoom() }
            open.finish()
            try await group.waitForAll()
        }
        #expect(queue.inHand == 0)
        try await queue.run {}
    }

    @Test("those that wait get their turns in order, and one that is cancelled leaves the line at once")
    func line() async throws {
        let queue = ConversionQueue(workers: 1, waiting: 3)
        let (gate, open) = AsyncStream<Void>.makeStream()
        let (order, told) = AsyncStream<Int>.makeStream()
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await queue.run { for await _ in gate {} } }
            while queue.inHand < 1 { await Task.yield() }
            let leaving = Task { try await queue.run { _ = told.yield(0) } }
            while queue.inHand < 2 { await Task.yield() }
            for number in 1...2 {
                group.addTask { try await queue.run { _ = told.yield(number) } }
                while queue.inHand < 2 + number { await Task.yield() }
            }
            leaving.cancel()
            await #expect(throws: CancellationError.self) { try await leaving.value }
            #expect(queue.inHand == 3)
            open.finish()
            try await group.waitForAll()
        }
        told.finish()
        #expect(await order.reduce(into: []) { $0.append($1) } == [1, 2])
        #expect(queue.inHand == 0)
    }

    @Test("work that throws leaves room behind it")
    func failure() async {
        let queue = ConversionQueue(workers: 1, waiting: 0)
        await #expect(throws: CancellationError.self) { try await queue.run { throw CancellationError() } }
        #expect(queue.inHand == 0)
    }

    @Test("a deadline cancels the work and says so")
    func deadline() async {
        let wasCancelled = Atomic(false)
        await #expect(throws: Problem.timedOut(.milliseconds(10))) {
            try await withDeadline(.milliseconds(10), .timedOut(.milliseconds(10))) {
                do { try await Task.sleep(for: .seconds(60)) } catch { wasCancelled.store(true, ordering: .relaxed) }
            }
        }
        let cancelled = wasCancelled.load(ordering: .relaxed)
        #expect(cancelled)
    }

    @Test("tokens are compared whole")
    func tokens() {
        #expect(equalInConstantTime(Array("secret".utf8), Array("secret".utf8)))
        for other in ["", "secre", "secrets", "Secret"] {
            #expect(!equalInConstantTime(Array(other.utf8), Array("secret".utf8)))
        }
    }
}
