// swift-tools-version: 6.2
// Sonoform: spoken descriptions to coloured 3D point clouds. The layout is explained in CONTRIBUTING.md.

import PackageDescription

let strict: [SwiftSetting] = [
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("InternalImportsByDefault"),
]

/// A library target of this package; imports go one way, from the command down to the system libraries.
func target(_ name: String, _ dependencies: [Target.Dependency] = [], resources: [Resource] = []) -> Target {
    .target(name: name, dependencies: dependencies, resources: resources, swiftSettings: strict)
}

/// The tests of a target; goldens are read from `Tests/Goldens`, which belongs to no target.
func tests(_ name: String, _ dependencies: [Target.Dependency] = []) -> Target {
    .testTarget(
        name: "\(name)Tests",
        dependencies: [.target(name: name), "GoldenFiles"] + dependencies,
        swiftSettings: strict)
}

func systemLibrary(_ name: String, pkgConfig: String? = nil, package: String) -> Target {
    .systemLibrary(name: name, pkgConfig: pkgConfig, providers: [.apt([package])])
}

/// Paths as bytes, and the system's errors.
let system = Target.Dependency.product(name: "SystemPackage", package: "swift-system")

let package = Package(
    name: "Sonoform",
    products: [
        // With the components' modules: whoever adds a variant of one names their types.
        .library(
            name: "Sonoform",
            targets: [
                "Sonoform", "AtomicFiles", "Tensors", "Layers", "ModalityEncoder", "InputProjector", "LanguageModel",
                "OutputProjector", "ModalityGenerator", "SpeechRecognition", "Surfaces",
            ]),
        // Errors of writing and paths as bytes are AtomicFiles'.
        .library(name: "AudioFeatures", targets: ["AudioFeatures", "AtomicFiles"]),
        .library(name: "PointClouds", targets: ["PointClouds", "Surfaces", "Pictures", "AtomicFiles"]),
        .library(name: "Surfaces", targets: ["Surfaces"]),
        .library(name: "Pictures", targets: ["Pictures", "AtomicFiles"]),
        .library(name: "ContactSheets", targets: ["ContactSheets"]),
        .library(name: "SonoformServer", targets: ["SonoformServer"]),
        .executable(name: "sonoform", targets: ["SonoformCommand"]),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.0"),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.0"),
        .package(url: "https://github.com/apple/swift-metrics", from: "2.13.0"),
        .package(url: "https://github.com/apple/swift-system", from: "1.8.1"),
        // Without its traits it needs no full Foundation.
        .package(url: "https://github.com/hummingbird-project/hummingbird", from: "2.28.1", traits: []),
        // What Hummingbird's own interface names.
        .package(url: "https://github.com/apple/swift-http-types", from: "1.8.0", traits: []),
        .package(url: "https://github.com/apple/swift-nio", from: "2.101.2"),
        .package(url: "https://github.com/apple/swift-nio-extras", from: "1.35.2"),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.13.0"),
    ],
    targets: [
        systemLibrary("CSndFile", pkgConfig: "sndfile", package: "libsndfile1-dev"),
        systemLibrary("CFFTW", pkgConfig: "fftw3f", package: "libfftw3-dev"),
        systemLibrary("CSoxr", pkgConfig: "soxr", package: "libsoxr-dev"),
        systemLibrary("CPNG", pkgConfig: "libpng", package: "libpng-dev"),
        systemLibrary("CZLib", pkgConfig: "zlib", package: "zlib1g-dev"),
        systemLibrary("CDNNL", package: "libdnnl-dev"),
        systemLibrary("CMeshOptimizer", package: "libmeshoptimizer-dev"),

        // Loops over activations, compiled for several processors; the one library of C that is the package's own.
        .target(name: "CVectorLoops"),

        target("AtomicFiles", [system]),
        target("Tensors", ["AtomicFiles", "CDNNL", "CVectorLoops", system]),
        target("Layers", ["Tensors", system]),
        target("AudioFeatures", ["AtomicFiles", "CSndFile", "CFFTW", "CSoxr", system]),
        target("Pictures", ["AtomicFiles", "CPNG", system]),
        target("Surfaces", ["CMeshOptimizer"]),
        target("PointClouds", ["AtomicFiles", "Pictures", "Surfaces", "CZLib", system]),

        target("ModalityEncoder", ["Layers", "Tensors", "AudioFeatures", "PointClouds"]),
        target("InputProjector", ["Layers", "Tensors"]),
        target("LanguageModel", ["Layers", "Tensors", system]),
        target("OutputProjector", ["Layers", "Tensors"]),
        target("ModalityGenerator", ["Layers", "Tensors", "PointClouds", "Surfaces"]),
        // The words behind a speech encoder; before a pipeline it is a listener.
        target("SpeechRecognition", ["Layers", "Tensors", "CZLib", system]),

        target(
            "Sonoform",
            [
                "AtomicFiles", "Tensors", "Layers", "AudioFeatures", "Pictures", "PointClouds", "Surfaces",
                "ModalityEncoder", "InputProjector", "LanguageModel", "OutputProjector", "ModalityGenerator",
                "SpeechRecognition", system,
            ],
            resources: [.copy("Resources/built-in")]),
        // Pages' own text is compiled in: a program that is copied elsewhere still has it.
        target("PageParts", resources: [.embedInCode("base.css"), .embedInCode("turning.js")]),
        target(
            "ContactSheets",
            ["AtomicFiles", "AudioFeatures", "PageParts", "Pictures", "PointClouds", "Sonoform", system],
            resources: [
                .embedInCode("Page/page.html"), .embedInCode("Page/style.css"), .embedInCode("Page/script.js"),
            ]),
        .target(
            name: "SonoformServer",
            dependencies: [
                "Sonoform", "AtomicFiles", "AudioFeatures", "PageParts", "PointClouds", "SpeechRecognition", system,
                .product(name: "CoreMetrics", package: "swift-metrics"),
                .product(name: "Hummingbird", package: "hummingbird"),
                .product(name: "HummingbirdCore", package: "hummingbird"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "Metrics", package: "swift-metrics"),
                .product(name: "HTTPTypes", package: "swift-http-types"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOHTTP1", package: "swift-nio"),
                .product(name: "NIOHTTPTypesHTTP1", package: "swift-nio-extras"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
            ],
            resources: [
                .embedInCode("openapi.json"), .embedInCode("Page/index.html"), .embedInCode("Page/style.css"),
                .embedInCode("Page/app.js"), .embedInCode("Page/viewer.js"), .embedInCode("Page/microphone.js"),
                .embedInCode("Page/recorder.js"), .embedInCode("Page/spectrogram.js"),
            ],
            swiftSettings: strict),
        .executableTarget(
            name: "SonoformCommand",
            dependencies: [
                "Sonoform", "SonoformServer", "ContactSheets", "AtomicFiles", "AudioFeatures", "LanguageModel",
                "Layers", "Pictures", "PointClouds", "SpeechRecognition",
                "Surfaces", "Tensors", system,
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
                .product(name: "UnixSignals", package: "swift-service-lifecycle"),
            ],
            swiftSettings: strict),

        .target(name: "GoldenFiles", dependencies: ["Tensors"], path: "Tests/GoldenFiles", swiftSettings: strict),
        tests("AtomicFiles", [system]),
        tests("Tensors", [system]),
        tests("Layers", ["Tensors"]),
        // Replaces malloc in the tests' program, to count.
        .target(name: "CAllocations", path: "Tests/CAllocations"),
        tests("AudioFeatures", ["AtomicFiles", "CAllocations", "Tensors", system]),
        tests("Surfaces"),
        tests("PointClouds", ["AtomicFiles", "Pictures", "Surfaces", system]),
        tests("Pictures", ["CPNG"]),
        tests("ModalityEncoder", ["Layers", "Tensors"]),
        tests("InputProjector", ["Layers", "Tensors"]),
        tests("LanguageModel", ["Layers", "ModalityEncoder", "Tensors"]),
        tests("OutputProjector", ["Layers", "Tensors"]),
        tests("SpeechRecognition", ["Layers", "ModalityEncoder", "Tensors", system]),
        tests("ModalityGenerator", ["Layers", "Tensors", "PointClouds", "Surfaces"]),
        tests(
            "Sonoform",
            [
                "AtomicFiles", "Tensors", "Layers", "PointClouds", "Surfaces", "AudioFeatures", "SpeechRecognition",
                system,
            ]),
        tests("ContactSheets", ["AudioFeatures", "PointClouds", "Sonoform", system]),
        tests(
            "SonoformServer",
            [
                "Sonoform", "PointClouds", system, .product(name: "Hummingbird", package: "hummingbird"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
            ]),
        tests("SonoformCommand", ["AtomicFiles", "PointClouds", "Surfaces", "Tensors", system]),
    ],
    swiftLanguageModes: [.v6]
)

// Fuzz targets have no main of their own, so that nothing but `make fuzz-…` builds them.
if Context.environment["SONOFORM_FUZZING"] != nil {
    package.targets.append(.target(name: "CFuzzing", path: "Fuzzing/CFuzzing"))
    package.targets.append(.target(name: "FuzzedFile", path: "Fuzzing/FuzzedFile", swiftSettings: strict))
    for (name, module) in [
        ("Reader", "AudioFeatures"), ("NPY", "Tensors"), ("SafeTensors", "Tensors"), ("Tokenizer", "LanguageModel"),
        ("Clouds", "PointClouds"), ("Manifests", "Sonoform"),
    ] {
        package.targets.append(
            .executableTarget(
                name: "Fuzz\(name)",
                dependencies: [.target(name: module), "CFuzzing", "FuzzedFile", system]
                    + (name == "Clouds" ? ["Surfaces"] : []),
                path: "Fuzzing/\(name)",
                swiftSettings: strict))
    }
}

// `make documentation` needs DocC's plugin; nobody else has to fetch it.
if Context.environment["SONOFORM_DOCUMENTATION"] != nil {
    package.dependencies.append(.package(url: "https://github.com/swiftlang/swift-docc-plugin", from: "1.5.0"))
}
