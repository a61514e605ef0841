// Every request's outermost middleware: errors become problems, and what happened is counted and logged.

import AtomicFiles
import HTTPTypes
import Hummingbird
import Logging
import NIOCore

/// Answers errors by RFC 9457, counts and times, and writes a line to the log.
struct ObservationMiddleware: RouterMiddleware {
    let metrics: ServerMetrics
    /// The methods of every path, to tell a wrong method from a wrong path.
    let methods: [String: [HTTPRequest.Method]]

    func handle(
        _ request: Request, context: ServerContext,
        next: (Request, ServerContext) async throws -> Response
    ) async throws -> Response {
        let start = ContinuousClock.now
        var response: Response
        do {
            response = try await next(request, context)
        } catch {
            let problem = problem(error, for: request)
            // The others are no faults of the server: it stops, the time was up, the client went away.
            if problem.status == .internalServerError {
                context.logger.error("\(request.method) \(request.uri.path.printable): \(error)")
            }
            response = problem.response
            if problem.closesConnection { context.closeSoon() }
        }
        response.headers[.xContentTypeOptions] = "nosniff"
        let elapsed = ContinuousClock.now - start
        // A path that nobody has would be a series of its own.
        let route = methods[request.uri.path] == nil ? "other" : request.uri.path
        metrics.answered(route, request.method, response.status, elapsed)
        context.logger.info(
            "\(request.method) \(request.uri.path.printable) \(response.status.code) in \(elapsed.milliseconds) ms")
        return response
    }

    private func problem(_ error: any Error, for request: Request) -> Problem {
        guard let error = error as? HTTPError, error.status == .notFound else { return Problem(error) }
        guard let allowed = methods[request.uri.path] else {
            return Problem(.notFound, "not-found", "There is nothing at this path.")
        }
        var problem = Problem(.methodNotAllowed, "method-not-allowed", "The path does not have this method.")
        problem.allowed = allowed.map(\.rawValue)
        return problem
    }
}

extension Duration {
    fileprivate var milliseconds: Int64 {
        components.seconds * 1_000 + components.attoseconds / 1_000_000_000_000_000
    }
}
