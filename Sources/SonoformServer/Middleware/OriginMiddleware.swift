// Pages of other sites: which of them are answered, and how their browsers are told (the Fetch standard's CORS).

import HTTPTypes
import Hummingbird
import NIOCore

/// Whose page a request is from.
enum Origin {
    /// The server's own page, or a program.
    case own
    /// A page of another site that is allowed.
    case friend(String)
    /// A page of any other site.
    case stranger(String)

    init(of request: Request, allowed: [String]) {
        let authority = request.head.authority ?? ""
        switch request.headers[.origin] {
        case nil, "http://\(authority)", "https://\(authority)": self = .own
        case let origin?:
            self = allowed.contains("*") || allowed.contains(origin) ? .friend(origin) : .stranger(origin)
        }
    }
}

/// Lets the pages of allowed sites read every answer, refusals too.
struct OriginMiddleware: RouterMiddleware {
    let allowed: [String]

    func handle(
        _ request: Request, context: ServerContext,
        next: (Request, ServerContext) async throws -> Response
    ) async throws -> Response {
        guard case .friend(let origin) = Origin(of: request, allowed: allowed) else {
            return try await next(request, context)
        }
        var response = request.method == .options ? Self.preflight : try await next(request, context)
        response.headers[.accessControlAllowOrigin] = origin
        response.headers[.accessControlExposeHeaders] = "Sonoform-Description, Sonoform-Heard, Retry-After"
        response.headers[.vary] = "Origin"
        return response
    }

    private static var preflight: Response {
        Response(
            status: .noContent,
            headers: [
                .accessControlAllowMethods: "GET, POST",
                .accessControlAllowHeaders: "Authorization, Content-Type, Accept", .accessControlMaxAge: "600",
            ])
    }
}
