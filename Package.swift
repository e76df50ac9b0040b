// swift-tools-version: 6.2
// SPDX-License-Identifier: GPL-3.0-or-later

import PackageDescription

let strict: [SwiftSetting] = [
    .swiftLanguageMode(.v6),
    .treatAllWarnings(as: .error),
]
let systemPackage = Target.Dependency.product(name: "SystemPackage", package: "swift-system")
let argumentParser = Target.Dependency.product(
    name: "ArgumentParser", package: "swift-argument-parser")
let histogram = Target.Dependency.product(name: "Histogram", package: "hdrhistogram-swift")

/// One module of ours: its sources, what it may import, its resources.
func module(
    _ name: String, _ dependencies: [Target.Dependency] = [], resources: [Resource] = []
) -> Target {
    .target(
        name: name, dependencies: dependencies, resources: resources, swiftSettings: strict)
}

func tests(_ name: String, _ dependencies: [Target.Dependency] = []) -> Target {
    .testTarget(
        name: "\(name)Tests", dependencies: [.init(stringLiteral: name)] + dependencies,
        swiftSettings: strict)
}

let package = Package(
    name: "plumbline",
    products: [
        .executable(name: "plumbline", targets: ["plumbline"]),
        .executable(name: "plumbline-agent", targets: ["plumbline-agent"]),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        .package(url: "https://github.com/apple/swift-system", from: "1.8.1"),
        .package(url: "https://github.com/swiftlang/swift-subprocess", from: "1.0.2", traits: []),
        .package(url: "https://github.com/HdrHistogram/hdrhistogram-swift", from: "0.2.0"),
        .package(url: "https://github.com/jpsim/Yams", from: "6.2.2"),
    ],
    targets: [
        .target(
            name: "CShims", path: "CShims",
            cSettings: [
                .define("_GNU_SOURCE"),
                .unsafeFlags(["-std=c11", "-Wall", "-Wextra", "-Werror"]),
            ],
            linkerSettings: [.linkedLibrary(":liburing.a"), .linkedLibrary(":libnuma.a")]),
        // Values that every module speaks in: settings, units, errors, the journal's records.
        module("Configuration"),
        module(
            "Journal", ["CShims", "Configuration", "Linux", histogram, systemPackage],
            resources: [.embedInCode("journal.schema.json")]),
        // The kernel of this machine.
        module("Linux", ["CShims", systemPackage]),
        module("Host", ["CShims", "Linux", "Configuration", systemPackage]),
        module("Workloads", ["CShims", "Linux", "Configuration", histogram, systemPackage]),
        module("Pressure", ["Linux", "Host", "Journal", "Configuration", systemPackage]),
        module("Evidence", ["Linux", "Host", "Journal"]),
        module(
            "Agent",
            [
                "CShims", "Linux", "Host", "Workloads", "Pressure", "Evidence", "Journal",
                "Configuration", systemPackage,
            ]),
        // The experimenter's side.
        module(
            "Experiment",
            [
                "Journal", "Configuration", "Workloads", "Pressure", "Host", "Linux",
                "Statistics", "Judging", systemPackage,
                .product(name: "Yams", package: "Yams"),
                .product(name: "Subprocess", package: "swift-subprocess"),
            ],
            resources: [.embedInCode("Suites")]),
        // Kernels (sources, patches, configurations, builds) and guests.
        module(
            "Lab",
            [
                "CShims", "Configuration", "Linux", "Host", "Journal", "Experiment", systemPackage,
                .product(name: "Subprocess", package: "swift-subprocess"),
            ],
            resources: [.embedInCode("Patches"), .embedInCode("Configuration")]),
        // Verdicts: pure functions over values; distributions come from R's own library.
        .target(
            name: "CRmath",
            cSettings: [.unsafeFlags(["-std=c11", "-Wall", "-Wextra", "-Werror"])],
            linkerSettings: [.linkedLibrary(":libRmath.a"), .linkedLibrary("m")]),
        module("Statistics", ["CRmath", "Configuration"]),
        module("Judging", ["Journal", "Statistics", "Configuration"]),
        module(
            "Reports", ["Journal", "Judging", "Statistics", "Configuration"],
            resources: [.embedInCode("report.schema.json")]),
        module(
            "Commands",
            [
                "Experiment", "Lab", "Reports", "Statistics", "Journal", "Configuration",
                "Workloads", "Pressure", "Host", "Linux", "CShims", argumentParser, systemPackage,
            ]),
        .executableTarget(
            name: "plumbline", dependencies: ["Commands"], swiftSettings: strict,
            linkerSettings: [.unsafeFlags(["-Xlinker", "-s"], .when(configuration: .release))]),
        .executableTarget(
            name: "plumbline-agent",
            dependencies: [
                "Agent", "Host", "Journal", "Configuration", "Linux", argumentParser,
                systemPackage,
            ],
            swiftSettings: strict,
            linkerSettings: [
                .unsafeFlags(
                    ["-static-executable", "-Xlinker", "-s"], .when(configuration: .release))
            ]),
        // `make bench`: the contests, and the bare C loop they are held against.
        .executableTarget(
            name: "plumbline-bench",
            dependencies: [
                "Host", "Journal", "Configuration", "Linux", argumentParser, systemPackage,
            ], swiftSettings: strict),
        .executableTarget(
            name: "pipe-baseline",
            cSettings: [.unsafeFlags(["-O2", "-Wall", "-Wextra", "-Werror"])],
            linkerSettings: [.linkedLibrary("pthread")]),
        // What tests of more than one module hold documents against.
        .target(name: "SchemaSupport", path: "Tests/SchemaSupport", swiftSettings: strict),
        tests("Configuration"),
        tests("Linux", ["CShims", systemPackage]),
        tests("Host", ["Linux", "Configuration", systemPackage]),
        tests("Workloads", ["CShims", "Linux", "Host", "Configuration", systemPackage]),
        tests("Pressure", ["Linux", "Host", "Journal", "Configuration", systemPackage]),
        tests("Evidence", ["Linux", "Host", "Journal"]),
        tests("Journal", ["Configuration", "Linux", "SchemaSupport", histogram, systemPackage]),
        tests("Agent", ["Journal", "Configuration", "Linux", "plumbline-agent"]),
        tests("Experiment", ["Journal", "Configuration", "Linux"]),
        tests(
            "Lab",
            [
                "Configuration", "Linux", "Host", "Journal", "Experiment", "plumbline-agent",
                systemPackage,
            ]),
        tests(
            "Reports",
            ["Journal", "Statistics", "Configuration", "Linux", "SchemaSupport", histogram]),
        .testTarget(
            name: "StatisticsTests", dependencies: ["Statistics", "Configuration"],
            resources: [.copy("vectors.json")], swiftSettings: strict),
        tests(
            "Commands",
            [
                "Host", "Journal", "Configuration", "Experiment", "Lab", "Linux", "plumbline",
                "plumbline-agent", argumentParser, systemPackage,
            ]),
    ]
)
