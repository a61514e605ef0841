// What a server is told: where it listens, whom it answers, and how much of anything it takes.

/// How a ``CloudServer`` is to run.
public struct ServerOptions: Sendable {
    /// The address to listen on; anything but a loopback address needs a ``token``.
    public var host = "127.0.0.1"
    /// The port; 0 takes a free one.
    public var port = 8_080
    /// What clients must send as `Authorization: Bearer …`; nil to ask for nothing.
    public var token: String?
    /// Other sites whose pages may use the server, as browsers name them in `Origin`; "*" for all.
    public var allowedOrigins: [String] = []
    /// How many conversions run at once, each in ``Pipeline/threads`` threads.
    public var workers = 1
    /// What is refused.
    public var limits = ServerLimits()

    /// A server for this machine alone.
    public init() {}

    /// Whether only programs on this machine can reach it.
    public var isLoopback: Bool { isLoopbackName(host) }
}

/// What a server takes; what is more gets a clear refusal.
public struct ServerLimits: Sendable {
    /// Requests that wait for a worker; the next ones are told to come back (429).
    public var waiting = 32
    /// The largest recording or cloud that is sent, in bytes.
    public var bodyBytes = 64 << 20
    /// The largest JSON that is sent, in bytes: a scene of 255 objects with its signals fits.
    public var jsonBytes = 16 << 20
    /// The longest recording.
    public var recording = Duration.seconds(300)
    /// The most points of a cloud.
    public var points = 1_000_000
    /// How long a client may take to send a request.
    public var upload = Duration.seconds(60)
    /// How long a conversion may take, waiting included.
    public var work = Duration.seconds(120)
    /// How long a connection stays open without a request.
    public var idle = Duration.seconds(60)
    /// Connections at once; more wait until one ends.
    public var connections = 512

    /// The defaults suit one machine.
    public init() {}

    /// The largest form, in bytes: a little longer than its file.
    var formBytes: Int { bodyBytes + (1 << 20) }
}

/// Whether a host's name or address, as it stands in a URL, means this machine.
func isLoopbackName(_ host: String) -> Bool {
    let name = host.lowercased()
    if name == "localhost" || name == "::1" || name == "[::1]" { return true }
    let parts = name.split(separator: ".", omittingEmptySubsequences: false)
    return parts.count == 4 && parts[0] == "127" && parts.allSatisfy { UInt8($0) != nil }
}
