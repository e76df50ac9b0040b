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
let subprocess = Target.Dependency.product(name: "Subprocess", package: "swift-subprocess")
let yams = Target.Dependency.product(name: "Yams", package: "Yams")
let grdb = Target.Dependency.product(name: "GRDB", package: "GRDB.swift")
let mustache = Target.Dependency.product(name: "Mustache", package: "swift-mustache")
let histogram = Target.Dependency.product(name: "Histogram", package: "hdrhistogram-swift")

/// How a bare C loop is linked: a guest that carries it has its file in memory.
let bareLoop: [LinkerSetting] = [
    .linkedLibrary("pthread"),
    .unsafeFlags(
        ["-Xlinker", "--gc-sections", "-Xlinker", "--as-needed", "-Xlinker", "-s"],
        .when(configuration: .release)),
]

/// One module of ours: its sources, what it may import, its resources.
func module(
    _ name: String, _ dependencies: [Target.Dependency] = [], resources: [Resource] = []
) -> Target {
    .target(
        name: name, dependencies: dependencies, resources: resources, swiftSettings: strict)
}

func tests(
    _ name: String, _ dependencies: [Target.Dependency] = [], exclude: [String] = []
) -> Target {
    .testTarget(
        name: "\(name)Tests",
        dependencies: [.init(stringLiteral: name), "TestSupport"] + dependencies,
        exclude: exclude, swiftSettings: strict)
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
        .package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0"),
        .package(url: "https://github.com/hummingbird-project/swift-mustache", from: "2.1.1"),
        // `make docs`.
        .package(url: "https://github.com/swiftlang/swift-docc-plugin", from: "1.5.0"),
    ],
    targets: [
        .target(
            name: "CShims", path: "CShims",
            cSettings: [
                .define("_GNU_SOURCE"),
                .unsafeFlags(["-std=c11", "-Wall", "-Wextra", "-Werror"]),
            ],
            linkerSettings: [.linkedLibrary(":libnuma.a")]),
        // Sizes, durations, settings, the error type: what needs no system.
        module("Basics"),
        // The kernel of this machine, system call by system call.
        module("Linux", ["CShims", "Basics", histogram, systemPackage]),
        // What a controller and an agent say to each other, and what a journal keeps of it.
        module("Protocol", ["Basics", histogram]),
        module("Machine", ["Linux", "Basics", "Protocol", systemPackage]),
        // What can be said of workloads and pressures without running them.
        module("Cells", ["Linux", "Basics"]),
        module("Workloads", ["Cells", "Protocol", "Linux", "Basics", histogram, systemPackage]),
        module("Pressure", ["Cells", "Linux", "Machine", "Protocol", "Basics", systemPackage]),
        // Named checks of a kernel that need no timing.
        module(
            "Probes",
            ["Cells", "Workloads", "Linux", "Machine", "Protocol", "Basics", systemPackage]),
        module(
            "Agent",
            [
                "Linux", "Machine", "Cells", "Workloads", "Pressure", "Probes", "Protocol",
                "Basics", systemPackage,
            ]),
        // The experimenter's side.
        module(
            "Journal", ["Basics", "Linux", "Protocol", histogram, systemPackage],
            resources: [.embedInCode("journal.schema.json")]),
        // Verdicts: pure functions over values; distributions come from R's own library.
        .target(
            name: "CRmath",
            cSettings: [.unsafeFlags(["-std=c11", "-Wall", "-Wextra", "-Werror"])],
            linkerSettings: [.linkedLibrary(":libRmath.a"), .linkedLibrary("m")]),
        module("Statistics", ["CRmath", "Basics"]),
        module("Verdicts", ["Cells", "Journal", "Protocol", "Statistics", "Basics"]),
        module(
            "AgentClient",
            ["Protocol", "Machine", "Linux", "Basics", systemPackage, subprocess]),
        module(
            "Suites",
            [
                "Cells", "Journal", "Protocol", "Basics", "Linux", systemPackage, yams,
            ],
            resources: [.embedInCode("BuiltIn")]),
        module(
            "Experiment",
            [
                "AgentClient", "Remotes", "Suites", "Journal", "Protocol", "Basics", "Machine",
                "Linux", "Cells", "Statistics", "Verdicts", systemPackage,
            ]),
        // One experiment on many machines: its directory, and Slurm's programs.
        module("Fleet", ["Basics", "Journal", "Linux", "Protocol", systemPackage]),
        // Sources, patches, configurations, builds; and the guests that boot what they make.
        module(
            "Kernels",
            [
                "Basics", "Linux", "Machine", "Journal", "Protocol", systemPackage, subprocess,
                yams,
            ],
            resources: [.embedInCode("Patches"), .embedInCode("Fragments")]),
        module(
            "Guests",
            [
                "AgentClient", "Kernels", "Cells", "Basics", "Linux", "Machine", "Protocol",
                systemPackage,
            ]),
        // Machines that ssh reaches.
        module(
            "Remotes",
            [
                "AgentClient", "Suites", "Journal", "Basics", "Linux", "Machine", "Protocol",
                systemPackage, subprocess, yams,
            ]),
        module(
            "Reports",
            [
                "Cells", "Journal", "Protocol", "Verdicts", "Statistics", "Basics", "Linux",
                mustache, systemPackage, yams,
            ],
            resources: [
                "report", "reports", "fleet", "bisection", "series", "history", "probe", "suites",
            ].map { .embedInCode("JSON/\($0).schema.json") }
                + ["page.mustache", "page.css"].map { .embedInCode("HTML/\($0)") }),
        // Experiments in a database: trends and what a machine has been able to see.
        module(
            "History",
            ["Verdicts", "Journal", "Protocol", "Basics", "Linux", grdb, systemPackage]),
        module(
            "Doctor",
            [
                "AgentClient", "Reports", "Verdicts", "Journal", "Cells", "Machine", "Linux",
                "Basics", "Protocol", systemPackage,
            ]),
        module(
            "Commands",
            [
                "Doctor", "Experiment", "Suites", "AgentClient", "Kernels", "Guests", "Remotes",
                "Reports", "History", "Fleet", "Verdicts", "Statistics", "Journal", "Protocol",
                "Basics", "Cells", "Machine", "Linux", argumentParser, systemPackage,
            ]),
        .executableTarget(
            name: "plumbline", dependencies: ["Commands"], swiftSettings: strict,
            linkerSettings: [.unsafeFlags(["-Xlinker", "-s"], .when(configuration: .release))]),
        .executableTarget(
            name: "plumbline-agent",
            dependencies: [
                "Agent", "Cells", "Machine", "Protocol", "Basics", "Linux", argumentParser,
                systemPackage,
            ],
            swiftSettings: strict,
            linkerSettings: [
                .unsafeFlags(
                    ["-static-executable", "-Xlinker", "-s"], .when(configuration: .release))
            ]),
        // `make bench`: the contests, and the bare C loops they are held against.
        .executableTarget(
            name: "plumbline-bench",
            dependencies: [
                "Cells", "Fleet", "Machine", "Remotes", "Verdicts", "Journal", "Protocol", "Basics",
                "Linux", argumentParser, systemPackage,
            ], swiftSettings: strict),
        // `make fuzz`: changed real inputs for the parsers.
        .executableTarget(
            name: "plumbline-fuzz",
            dependencies: [
                "Experiment", "Suites", "Kernels", "Remotes", "Fleet", "Reports", "Verdicts",
                "Journal", "Cells", "Workloads", "Machine", "Protocol", "Basics", "Linux",
                argumentParser,
                histogram, systemPackage,
            ], swiftSettings: strict),
        .executableTarget(
            name: "pipe-baseline",
            cSettings: [.unsafeFlags(["-O2", "-Wall", "-Wextra", "-Werror"])],
            linkerSettings: bareLoop),
        .executableTarget(
            name: "dio-baseline", dependencies: ["CShims"],
            cSettings: [.unsafeFlags(["-O2", "-Wall", "-Wextra", "-Werror"])],
            linkerSettings: bareLoop),
        // What tests wait and look with, and what they hold documents against.
        .target(
            name: "TestSupport", dependencies: ["Linux"], path: "Tests/TestSupport",
            swiftSettings: strict),
        .target(name: "SchemaSupport", path: "Tests/SchemaSupport", swiftSettings: strict),
        tests("Basics"),
        .testTarget(
            name: "LayerTests", dependencies: ["Cells", "Workloads", "Pressure"],
            swiftSettings: strict),
        tests("Linux", ["CShims", systemPackage]),
        tests("Machine", ["Linux", "Basics", "Protocol", systemPackage]),
        tests("Workloads", ["Cells", "Protocol", "Linux", "Machine", "Basics", systemPackage]),
        tests("Pressure", ["Cells", "Linux", "Machine", "Protocol", "Basics", systemPackage]),
        tests(
            "Probes",
            [
                "LabSupport", "Cells", "Workloads", "Protocol", "Linux", "Machine", "Basics",
                systemPackage,
            ]),
        tests(
            "Journal",
            ["Protocol", "Basics", "Linux", "SchemaSupport", histogram, systemPackage]),
        tests("Verdicts", ["Journal", "Protocol", "Basics"]),
        tests(
            "Agent", ["Machine", "Protocol", "Basics", "Linux", "plumbline-agent"],
            exclude: ["Traces"]),
        tests(
            "Experiment",
            [
                "AgentClient", "Remotes", "Suites", "Journal", "Protocol", "Verdicts", "Basics",
                "Linux",
            ]),
        tests("Fleet", ["LabSupport", "Journal", "Protocol", "Basics", "Linux"]),
        // What the tests share that run the built programs, on this machine and on others.
        .target(
            name: "LabSupport", dependencies: ["TestSupport", "Remotes", "Basics", "Linux"],
            path: "Tests/LabSupport", swiftSettings: strict),
        tests(
            "Kernels",
            [
                "LabSupport", "Suites", "Journal", "Cells", "Basics", "Linux", "Protocol",
                systemPackage,
            ],
            exclude: ["Broken"]),
        tests(
            "Guests",
            [
                "LabSupport", "Kernels", "AgentClient", "Cells", "Basics", "Linux", "Machine",
                "Journal", "Protocol", "Experiment", "plumbline-agent", systemPackage,
            ]),
        tests(
            "Remotes",
            [
                "LabSupport", "AgentClient", "Suites", "Basics", "Linux", "Machine", "Protocol",
                "Journal", "plumbline", "plumbline-agent",
            ]),
        tests(
            "Reports",
            [
                "Journal", "Protocol", "Verdicts", "Statistics", "Basics", "Linux",
                "SchemaSupport", histogram, yams,
            ], exclude: ["Golden"]),
        tests(
            "History",
            [
                "LabSupport", "Reports", "Verdicts", "Statistics", "Protocol", "Basics", "Linux",
                "SchemaSupport", "plumbline", grdb,
            ]),
        // Each fault against the built programs: `make fault-test`.
        .testTarget(
            name: "FaultTests",
            dependencies: [
                "LabSupport", "TestSupport", "Machine", "Verdicts", "Journal", "Protocol", "Basics",
                "Linux", "plumbline", "plumbline-agent",
            ], swiftSettings: strict),
        .testTarget(
            name: "StatisticsTests", dependencies: ["Statistics", "Basics"],
            resources: [.copy("vectors.json")], swiftSettings: strict),
        tests(
            "Commands",
            [
                "Doctor", "Machine", "Journal", "Protocol", "Basics", "Experiment", "Suites",
                "AgentClient", "Kernels", "Guests", "Linux", "plumbline", "plumbline-agent",
                "plumbline-fuzz", "Fleet", "SchemaSupport", "LabSupport", argumentParser,
                systemPackage,
                yams,
            ]),
    ]
)
