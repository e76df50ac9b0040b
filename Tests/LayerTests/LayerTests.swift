// SPDX-License-Identifier: GPL-3.0-or-later

import Cells
import FoundationEssentials
import Pressure
import Testing
import Workloads

/// The rules of the modules that no compiler checks: who may import whom, and who may name what.
@Suite struct LayerTests {
    /// From below to above: a module imports modules of earlier rows only.
    private static let layers: [[String]] = [
        ["Basics", "CShims", "CRmath"],
        ["Linux", "Statistics", "Protocol"],
        ["Machine", "Journal"],
        ["Cells", "AgentClient", "Kernels", "Fleet"],
        ["Workloads", "Pressure", "Suites", "Guests", "Verdicts"],
        ["Remotes", "History", "Probes"],
        ["Agent", "Experiment"],
        ["Reports"],
        ["Doctor"],
        ["Commands"],
        [
            "plumbline", "plumbline-agent", "plumbline-bench", "plumbline-fuzz", "pipe-baseline",
            "dio-baseline",
        ],
    ]
    /// Modules that describe and choose what runs, and must not carry the loops.
    private static let withoutLoops = [
        "Suites", "Experiment", "Fleet", "Guests", "Remotes", "Reports", "History", "Doctor",
        "Commands",
    ]
    /// Words that mean something else where they stand.
    private static let otherMeanings: Set<String> = [
        // A kind of reclaim in the kernel's tracepoints.
        "Machine/Counters/ReclaimStacks.swift memcg",
        // A type of file system.
        "Machine/Cgroups/MemoryHierarchy.swift cgroup",
        "Machine/Cgroups/MemoryHierarchy+Absence.swift cgroup",
        // The program of Debian's package.
        "Cells/GuestProgram.swift stress-ng",
        "Doctor/Checks/Tools/ToolCheck.swift stress-ng",
        // A suite.
        "Suites/SuiteSource.swift verify",
        // A command line, or a command of plumbline.
        "Doctor/Remedy.swift command",
        "Commands/Fleet/FleetSubmitCommand.swift command",
        "Commands/Terminal/Plumbline+Spelling.swift command",
    ]

    private static let root =
        #filePath.split(separator: "/").dropLast(3)
        .reduce(into: "") { $0 += "/\($1)" } + "/Sources"

    /// The Swift files below `Sources`, by their path there.
    private static func files() throws -> [(path: String, text: String)] {
        try FileManager.default.subpathsOfDirectory(atPath: root)
            .filter { $0.hasSuffix(".swift") }
            .map { ($0, try String(contentsOfFile: "\(root)/\($0)", encoding: .utf8)) }
    }

    private static func imports(_ text: String) -> [String] {
        text.split(separator: "\n").filter { $0.hasPrefix("import ") }
            .map { String($0.dropFirst("import ".count)) }
    }

    @Test("a module imports modules of lower layers only")
    func layers() throws {
        var rank: [String: Int] = [:]
        for (number, names) in Self.layers.enumerated() {
            for name in names { rank[name] = number }
        }
        for (path, text) in try Self.files() {
            let module = String(path.prefix { $0 != "/" })
            let own = try #require(rank[module], "\(module) has no layer")
            for name in Self.imports(text) {
                if let other = rank[name] { #expect(other < own, "\(path) imports \(name)") }
            }
        }
    }

    @Test("only Linux imports the C module, only History the database, and who runs no loops none")
    func closedDoors() throws {
        for (path, text) in try Self.files() {
            let names = Self.imports(text)
            #expect(!names.contains("CShims") || path.hasPrefix("Linux/"), "\(path)")
            #expect(!names.contains("GRDB") || path.hasPrefix("History/"), "\(path)")
            let module = path.prefix { $0 != "/" }
            guard Self.withoutLoops.contains(String(module)) else { continue }
            #expect(!names.contains("Workloads") && !names.contains("Pressure"), "\(path)")
        }
    }

    @Test("no workload or pressure is named by a literal outside its own folder")
    func literals() throws {
        let names = WorkloadCatalogue.all.map { $0.name } + PressureCatalogue.all.map { $0.name }
        let files = try Self.files()
        for name in names + ["verify"] {
            let home = files.first { $0.text.contains("static let name = \"\(name)\"") }?.path
            let folder = home.map { $0.split(separator: "/").dropLast().joined(separator: "/") }
            for (path, text) in files where folder.map({ !path.hasPrefix("\($0)/") }) ?? true {
                guard !Self.otherMeanings.contains("\(path) \(name)") else { continue }
                let isCommon = path == "Cells/CommonSettings.swift"
                for line in text.split(separator: "\n") where line.contains("\"\(name)\"") {
                    // The absence of anything is called so too.
                    let isPressure = line.lowercased().contains("pressure")
                    guard !isCommon, name != NoPressure.name || isPressure else { continue }
                    Issue.record("\(path): \(line)")
                }
            }
        }
    }

    @Test("a shell runs fixed scripts only, and commands that the user gave as such")
    func shells() throws {
        let known = [
            // The user's own command of --knob cmd:, as it was typed.
            "Machine/Knobs/KnobCommand.swift",
            // Scripts without anything put in: paths are their arguments.
            "Kernels/Builds/BuildCommand.swift", "Kernels/Sources/SourceFetcher.swift",
            // The same on another machine, whose login shell gets quoted words.
            "Remotes/SSHSession.swift", "Remotes/RemoteInstall.swift",
            // ssh, with its input put in its place.
            "plumbline-bench/Bench+Turnaround.swift",
        ]
        // The pager that the user names.
        let started = try Self.files().filter { $0.text.contains("popen(") }.map(\.path)
        #expect(started == ["Commands/Terminal/Pager.swift"])
        for (path, text) in try Self.files() where text.contains("\"-c\",") {
            for part in text.split(separator: "\"sh\", \"-c\",").dropFirst() {
                #expect(known.contains(path), "\(path) runs a shell")
                // A script is a literal or a constant; what follows a constant are arguments.
                let isConstant = part.hasPrefix(" Self.")
                let script = part.prefix { $0 != (isConstant ? "," : "]") }
                #expect(
                    path == known[0] || !script.contains("\\("), "\(path) puts text into a script")
            }
        }
    }

    /// A workload with its defaults; one that has none for its program gets one.
    private static func workload(
        _ type: any WorkloadDescription.Type
    ) throws -> any WorkloadDescription {
        let run = CommandWorkload.keys.run.name
        let needsProgram = type.settings.contains { $0.name == run }
        return try WorkloadCatalogue.make(type.name, needsProgram ? [run: "true"] : [:])
    }

    @Test("every described workload has its loops, and every pressure its hogs")
    func behaviours() throws {
        for type in WorkloadCatalogue.all {
            let described = try Self.workload(type)
            #expect(described is any Workload, "\(type.name)")
        }
        for type in PressureCatalogue.all {
            let described = try PressureCatalogue.make(type.name)
            #expect(described is any PressureKind, "\(type.name)")
        }
    }

    @Test("names, settings and tracks of descriptions are distinct, and names' heads declared")
    func declarations() throws {
        for type in WorkloadCatalogue.all {
            let names = type.settings.map(\.name)
            #expect(Set(names).count == names.count, "\(type.name)")
            #expect((1...2).contains(type.tracks.count))
            let cell = try Self.workload(type).cellName
            #expect(!cell.contains("{") && !cell.contains("//") && !cell.hasSuffix("/"), "\(cell)")
        }
        for type in PressureCatalogue.all {
            let names = type.settings.map(\.name)
            #expect(Set(names).count == names.count, "\(type.name)")
        }
        let all = WorkloadCatalogue.all.map { $0.name } + PressureCatalogue.all.map { $0.name }
        #expect(Set(all).count == all.count)
    }
}
