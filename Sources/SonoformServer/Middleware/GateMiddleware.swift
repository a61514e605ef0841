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
        let origin = try allowedOrigin(of: request)
        if let origin, request.method == .options { return Self.preflight(origin) }
        let path = request.uri.path
        if !Self.open.contains(path), !path.hasPrefix("/page/") { try checkToken(request) }
        do {
            var response = try await next(request, context)
            if let origin { Self.share(&response.headers, with: origin) }
            return response
        } catch {
            // Another site's page reads refusals as well.
            guard let origin else { throw error }
            let problem = Problem(error)
            guard problem.reason != "http-404" else { throw error }
            if problem.closesConnection { context.closeSoon() }
            var response = problem.response
            Self.share(&response.headers, with: origin)
            return response
        }
    }

    /// A name that another site gave this machine's address (DNS rebinding) would make its page ours.
    private func checkHost(_ request: Request) throws(Problem) {
        guard isLoopback, let authority = request.head.authority else { return }
        guard isLoopbackName(Self.host(of: authority)) else {
            throw Problem(
                .misdirectedRequest, "wrong-host", "This server answers for this machine only.",
                expected: "localhost or a loopback address as host", got: authority.printable)
        }
    }

    /// The origin of a page of another site; nil for our own page and for programs.
    private func allowedOrigin(of request: Request) throws(Problem) -> String? {
        guard let origin = request.headers[.origin] else { return nil }
        let authority = request.head.authority ?? ""
        if ["http://\(authority)", "https://\(authority)"].contains(origin) { return nil }
        guard allowedOrigins.contains("*") || allowedOrigins.contains(origin) else {
            throw Problem(
                .forbidden, "origin-not-allowed", "Pages of other sites are not answered.",
                expected: "this server's own page", got: origin.printable)
        }
        return origin
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

    private static func preflight(_ origin: String) -> Response {
        var headers: HTTPFields = [
            .accessControlAllowMethods: "GET, POST", .accessControlAllowHeaders: "Authorization, Content-Type, Accept",
            .accessControlMaxAge: "600",
        ]
        share(&headers, with: origin)
        return Response(status: .noContent, headers: headers)
    }

    private static func share(_ headers: inout HTTPFields, with origin: String) {
        headers[.accessControlAllowOrigin] = origin
        headers[.accessControlExposeHeaders] = "Sonoform-Description, Sonoform-Heard, Retry-After"
        headers[.vary] = "Origin"
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
