// What HTTP asks of a connection and Hummingbird leaves to others.

import HTTPTypes
import NIOCore
import NIOHTTP1

/// Answers `Expect: 100-continue`, ends connections that the client wants ended or that speak HTTP/1.0, refuses what is
/// no HTTP, and finds out whether a client that sends no more has gone away.
///
/// A client that closes its connection and one that only has nothing more to send (`shutdown(SHUT_WR)`, `nc -N`) look
/// the same until something is sent to them: the kernel of one that is gone answers with a reset, which closes the
/// channel. What every client of HTTP/1.1 may be sent at any time before its answer is `100 Continue` (RFC 9110, section
/// 15.2), and in a stream of events a comment.
final class ConnectionManners: ChannelDuplexHandler, RemovableChannelHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias InboundOut = HTTPServerRequestPart
    typealias OutboundIn = HTTPServerResponsePart
    typealias OutboundOut = HTTPServerResponsePart

    private enum Answer { case awaited, begun, events, refusal }

    private let largestBody: Int
    /// The requests that came and are not answered, in their order.
    private var unanswered: [HTTPRequestHead] = []
    /// How far the answer to the first of them is.
    private var answer = Answer.awaited

    init(largestBody: Int) { self.largestBody = largestBody }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard case .head(var head) = unwrapInboundIn(data) else { return context.fireChannelRead(data) }
        // Hummingbird looks for this field in just this form.
        if head.isOld || !head.isKeepAlive {
            head.headers.replaceOrAdd(name: "connection", value: "close")
        }
        // A host in the request's line is the one that is meant; of several fields nobody knows which is: none, and the
        // gate refuses that (RFC 9112, section 3.2).
        if let host = head.hostInLine {
            head.headers.replaceOrAdd(name: "host", value: host)
        } else if !head.isOld, head.headers["host"].count != 1 {
            head.headers.replaceOrAdd(name: "host", value: "")
        }
        unanswered.append(head)
        if head.wantsToBeAsked(before: largestBody), unanswered.count == 1 { sendContinue(context) }
        context.fireChannelRead(wrapInboundOut(.head(head)))
    }

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        // Hummingbird has an empty answer of its own for what is no HTTP.
        if case .refusal = answer { return promise?.succeed() ?? () }
        switch unwrapOutboundIn(data) {
        case .head(var head):
            let request = unanswered.first
            // Pieces of unknown length are framed by the version.
            if request?.isOld == true { head.version = .http1_0 }
            if request?.isKeepAlive == false { head.headers.replaceOrAdd(name: "connection", value: "close") }
            answer = head.headers["content-type"].first == "text/event-stream" ? .events : .begun
            context.write(wrapOutboundOut(.head(head)), promise: promise)
        case .body: context.write(data, promise: promise)
        case .end:
            if !unanswered.isEmpty { unanswered.removeFirst() }
            answer = .awaited
            context.write(data, promise: promise)
        }
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if case ChannelEvent.inputClosed = event, let request = unanswered.first {
            switch answer {
            case .awaited: if !request.isOld { sendContinue(context) }
            case .events: context.writeAndFlush(wrapOutboundOut(.body(.byteBuffer(Event.comment))), promise: nil)
            case .begun, .refusal: break
            }
        }
        context.fireUserInboundEventTriggered(event)
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        // What is wrong in the middle of a request, its own answer tells.
        if let error = error as? HTTPParserError, unanswered.isEmpty, answer != .refusal {
            refuse(Problem(error), context)
        }
        context.fireErrorCaught(error)
    }

    private func refuse(_ problem: Problem, _ context: ChannelHandlerContext) {
        let json = problem.json
        let head = HTTPResponseHead(
            version: .http1_1, status: HTTPResponseStatus(statusCode: problem.status.code),
            headers: [
                "content-type": Problem.mediaType, "content-length": "\(json.count)", "connection": "close",
            ])
        context.write(wrapOutboundOut(.head(head)), promise: nil)
        context.write(wrapOutboundOut(.body(.byteBuffer(ByteBuffer(bytes: json)))), promise: nil)
        context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: nil)
        answer = .refusal
    }

    private func sendContinue(_ context: ChannelHandlerContext) {
        context.writeAndFlush(
            wrapOutboundOut(.head(HTTPResponseHead(version: .http1_1, status: .continue))), promise: nil)
    }
}

extension HTTPRequestHead {
    /// Whether the client knows neither chunks nor answers before the answer.
    fileprivate var isOld: Bool { version == .http1_0 || version == .http0_9 }

    /// "http://localhost:8080/health" -> "localhost:8080"; nil for a path alone.
    fileprivate var hostInLine: String? {
        guard !uri.hasPrefix("/"), let mark = uri.firstRange(of: "://") else { return nil }
        return String(uri[mark.upperBound...].prefix { !"/?#".contains($0) })
    }

    /// Whether the client waits for a word before it sends its body of at most `largestBody` bytes.
    fileprivate func wantsToBeAsked(before largestBody: Int) -> Bool {
        guard !isOld, headers["expect"].contains(where: { $0.lowercased() == "100-continue" }) else {
            return false
        }
        return headers["content-length"].allSatisfy { Int($0).map { $0 <= largestBody } ?? false }
    }
}
