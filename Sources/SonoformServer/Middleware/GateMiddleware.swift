// Who is answered: clients with the token, and no pages of other sites unless they are allowed.

import AtomicFiles
import HTTPTypes
import Hummingbird
import NIOCore

/// Asks for the token, and keeps other sites' pages out.
struct GateMiddleware: RouterMiddleware {
    private let token: [UInt8]?
    private let allowedOrigins: [String]
    private let isLoopback: Bool

    init(_ options: ServerOptions) {
        token = options.token.map { Array($0.utf8) }
        (allowedOrigins, isLoopback) = (options.allowedOrigins, options.isLoopback)
    }

    /// What a page or a load balancer asks before it has a token.
    private static let open: Set<String> = ["/", "/health", "/ready", "/openapi.json"]

    func handle(
        _ request: Request, context: ServerContext,
        next: (Request, ServerContext) async throws -> Response
    ) async throws -> Response {
        try checkHost(request)
        try checkOrigin(request)
        let path = request.uri.path
        if !Self.open.contains(path), !path.hasPrefix("/page/") { try checkToken(request) }
        return try await next(request, context)
    }

    private func checkHost(_ request: Request) throws(Problem) {
        guard let authority = request.head.authority else { return }
        guard !authority.isEmpty else {
            throw Problem(
                .badRequest, "no-host", "The request does not say whom it is for.", expected: "one field Host",
                got: "none or several")
        }
        // A name that another site gave this machine's address (DNS rebinding) would make its page ours.
        guard !isLoopback || isLoopbackName(Self.host(of: authority)) else {
            throw Problem(
                .misdirectedRequest, "wrong-host", "This server answers for this machine only.",
                expected: "localhost or a loopback address as host", got: authority.printable)
        }
    }

    private func checkOrigin(_ request: Request) throws(Problem) {
        guard case .stranger(let origin) = Origin(of: request, allowed: allowedOrigins) else { return }
        throw Problem(
            .forbidden, "origin-not-allowed", "Pages of other sites are not answered.",
            expected: "this server's own page", got: origin.printable)
    }

    private func checkToken(_ request: Request) throws(Problem) {
        guard let token else { return }
        let field = request.headers[.authorization] ?? ""
        let parts = field.split(separator: " ", maxSplits: 1)
        guard parts.count == 2, parts[0].lowercased() == "bearer", equalInConstantTime(Array(parts[1].utf8), token)
        else {
            throw Problem(.unauthorized, "unauthorized", "The token is missing or another.")
        }
    }

    /// "localhost:8080" -> "localhost", "[::1]:8080" -> "[::1]".
    private static func host(of authority: String) -> String {
        if authority.hasPrefix("["), let end = authority.firstIndex(of: "]") { return String(authority[...end]) }
        return String(authority.prefix { $0 != ":" })
    }
}

/// Whether two byte strings are equal, in a time that does not tell where they differ.
func equalInConstantTime(_ left: [UInt8], _ right: [UInt8]) -> Bool {
    var difference = UInt8(left.count == right.count ? 0 : 1)
    for index in left.indices { difference |= left[index] ^ (index < right.count ? right[index] : 0) }
    return difference == 0
}
