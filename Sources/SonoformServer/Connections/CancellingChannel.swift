// A connection's channel as Hummingbird makes it, whose work ends when the connection does.

import HummingbirdCore
import Logging
import NIOCore
import NIOHTTPTypesHTTP1

/// HTTP/1.1 by Hummingbird; what is done for a client is cancelled when the client's connection is closed.
///
/// Not by `consumeWithCancellationOnInboundClose`, which takes a client that has only finished sending for one that is
/// gone, and ends the process (2.28.1) where a client goes after its body was read.
struct CancellingChannel: ServerChildChannel {
    typealias Value = HTTP1Channel.Value

    private let http1: HTTP1Channel
    private let largestBody: Int

    /// A channel of Hummingbird's; a client that asks before it sends a body is told to when it has at most
    /// `largestBody` bytes.
    init(_ http1: HTTP1Channel, largestBody: Int) {
        (self.http1, self.largestBody) = (http1, largestBody)
    }

    func setup(channel: any Channel, logger: Logger) -> EventLoopFuture<Value> {
        let largestBody = largestBody
        return http1.setup(channel: channel, logger: logger).flatMapThrowing { value in
            let pipeline = channel.pipeline.syncOperations
            let codec = try pipeline.handler(type: HTTP1ToHTTPServerCodec.self)
            try pipeline.addHandler(ConnectionManners(largestBody: largestBody), position: .before(codec))
            return value
        }
    }

    func handle(value: Value, logger: Logger) async {
        await withTaskGroup(of: Void.self) { group in
            group.addTask { try? await value.channel.closeFuture.get() }
            group.addTask { await http1.handle(value: value, logger: logger) }
            await group.next()
            group.cancelAll()
        }
    }
}
