// swift-tools-version: 6.2
// What the README and the documentation show, as tests that are run: a package of its own, so that it sees what any
// other user of the products sees.

import PackageDescription

let package = Package(
    name: "Examples",
    dependencies: [
        .package(name: "Sonoform", path: ".."),
        // Paths that are bytes.
        .package(url: "https://github.com/apple/swift-system", from: "1.8.1"),
    ],
    targets: [
        .testTarget(
            name: "Examples",
            dependencies: ["Sonoform", "AudioFeatures", "PointClouds", "Surfaces", "Pictures"].map {
                .product(name: $0, package: "Sonoform")
            } + [.product(name: "SystemPackage", package: "swift-system")],
            path: "Tests")
    ],
    swiftLanguageModes: [.v6]
)
