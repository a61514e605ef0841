// GET /: the page, whose parts are compiled in.

import HTTPTypes
import Hummingbird
import PageParts

/// The page and what it loads, all from here.
struct PageRoutes: Sendable {
    private static let files: [(path: String, type: String, bytes: [UInt8])] = [
        ("/", "text/html; charset=utf-8", PackageResources.index_html),
        ("/page/base.css", "text/css; charset=utf-8", PagePart.style),
        ("/page/style.css", "text/css; charset=utf-8", PackageResources.style_css),
        ("/page/turning.js", "text/javascript; charset=utf-8", PagePart.turning),
        ("/page/app.js", "text/javascript; charset=utf-8", PackageResources.app_js),
        ("/page/viewer.js", "text/javascript; charset=utf-8", PackageResources.viewer_js),
        ("/page/microphone.js", "text/javascript; charset=utf-8", PackageResources.microphone_js),
        ("/page/recorder.js", "text/javascript; charset=utf-8", PackageResources.recorder_js),
        ("/page/spectrogram.js", "text/javascript; charset=utf-8", PackageResources.spectrogram_js),
    ]

    /// The paths of the page and its parts.
    static let paths = files.map(\.path)

    /// Nothing from anywhere else, and in nobody's frame.
    private static let policy =
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; media-src 'self' blob:; "
        + "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

    func add(to router: some RouterMethods<ServerContext>) {
        for file in Self.files {
            router.get(RouterPath(file.path)) { _, _ in
                var headers = HTTPFields()
                headers[.contentSecurityPolicy] = Self.policy
                headers[.cacheControl] = "no-cache"
                return Response(file.bytes, type: file.type, headers: headers)
            }
        }
    }
}
