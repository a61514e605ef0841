// What the package's pages have in common: the contact sheet and the server's.

/// A part of a page, compiled in.
package enum PagePart {
    /// The colours in light and dark, and how headings, texts and canvases look.
    package static var style: [UInt8] { PackageResources.base_css }

    /// `TurningView`, a module's class: how a cloud turns under mouse, finger and keys.
    package static var turning: [UInt8] { PackageResources.turning_js }
}
