// swift-tools-version: 6.2
// What the README and the documentation show, as tests that are run: a package of its own, so that it sees what any
// other user of the products sees.

import PackageDescription

let package = Package(
    name: "Examples",
    dependencies: [.package(name: "Sonoform", path: "..")],
    targets: [
        .testTarget(
            name: "Examples",
            dependencies: ["Sonoform", "AudioFeatures", "PointClouds", "Pictures"].map {
                .product(name: $0, package: "Sonoform")
            },
            path: "Tests",
            swiftSettings: [
                .enableUpcomingFeature("MemberImportVisibility"), .enableUpcomingFeature("InternalImportsByDefault"),
            ])
    ],
    swiftLanguageModes: [.v6]
)
