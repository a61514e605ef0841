// swift-tools-version: 6.2
// Benchmarks, a package of their own so that the program does not depend on what measures it.
// Run `swift package benchmark` here; CONTRIBUTING.md says how figures are quoted.

import PackageDescription

let package = Package(
    name: "Benchmarks",
    dependencies: [
        .package(name: "Sonoform", path: ".."),
        .package(url: "https://github.com/ordo-one/benchmark", from: "1.38.1", traits: []),
    ],
    targets: [
        .executableTarget(
            name: "Conversion",
            dependencies: [
                .product(name: "Sonoform", package: "Sonoform"),
                .product(name: "AudioFeatures", package: "Sonoform"),
                .product(name: "Benchmark", package: "benchmark"),
            ],
            path: "Benchmarks/Conversion",
            plugins: [.plugin(name: "BenchmarkPlugin", package: "benchmark")]),
        .systemLibrary(name: "CBareFFTW", path: "Benchmarks/CBareFFTW", pkgConfig: "fftw3f"),
        .target(
            name: "FeatureWork",
            dependencies: ["CBareFFTW", .product(name: "AudioFeatures", package: "Sonoform")],
            path: "Benchmarks/FeatureWork"),
        .executableTarget(
            name: "FeatureTimes",
            dependencies: ["FeatureWork", .product(name: "AudioFeatures", package: "Sonoform")],
            path: "Benchmarks/FeatureTimes"),
        .executableTarget(
            name: "Features",
            dependencies: [
                "FeatureWork",
                .product(name: "AudioFeatures", package: "Sonoform"),
                .product(name: "Benchmark", package: "benchmark"),
            ],
            path: "Benchmarks/Features",
            plugins: [.plugin(name: "BenchmarkPlugin", package: "benchmark")]),
        .executableTarget(
            name: "Memory",
            dependencies: [
                "FeatureWork",
                .product(name: "Sonoform", package: "Sonoform"),
                .product(name: "AudioFeatures", package: "Sonoform"),
                .product(name: "Benchmark", package: "benchmark"),
            ],
            path: "Benchmarks/Memory",
            plugins: [.plugin(name: "BenchmarkPlugin", package: "benchmark")]),
    ],
    swiftLanguageModes: [.v6]
)
