// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import Linux
import Protocol
import SystemPackage

/// What goes into a guest's initramfs: the agent, and the helper programs that a suite needs.
struct InitramfsContents: Sendable, Equatable {
    /// A program that the agent runs.
    enum Helper: String, Sendable, CaseIterable {
        /// Makes ext4, for storage such as `brd:ext4`, and for the guest's own files.
        case makeExt4 = "mkfs.ext4"
        /// Makes XFS.
        case makeXFS = "mkfs.xfs"
        /// Prepares a swap device, for pressure `anon` with swap.
        case makeSwap = "mkswap"

        /// The Debian package that has it.
        var package: String {
            switch self {
            case .makeExt4: "e2fsprogs"
            case .makeXFS: "xfsprogs"
            case .makeSwap: "util-linux"
            }
        }
    }

    var agent: String
    var helpers: Set<Helper>

    init(agent: String, helpers: Set<Helper> = []) {
        self.agent = agent
        self.helpers = helpers
    }

    init(agent: String, for suite: SuiteRecord) {
        self.init(agent: agent, helpers: Self.helpers(for: suite))
    }

    /// The helpers that a suite's cells need, by their storage and pressure.
    static func helpers(for suite: SuiteRecord) -> Set<Helper> {
        var helpers: Set<Helper> = []
        for cell in suite.cells {
            let storage = cell.settings["storage"].map { "\($0)" } ?? ""
            if storage.hasSuffix(":ext4") { helpers.insert(.makeExt4) }
            if storage.hasSuffix(":xfs") { helpers.insert(.makeXFS) }
            let isOnFiles = cell.workload != "pipe" && ["", "directory"].contains(storage)
            if isOnFiles || ["memcg", "pagecache"].contains(cell.pressure) {
                helpers.insert(.makeExt4)
            }
            if cell.pressure == "anon" { helpers.insert(.makeSwap) }
        }
        return helpers
    }

    /// The path on this machine of each file, by its path in the guest.
    func files() throws(PlumblineError) -> [String: String] {
        var files = ["/init": agent]
        guard try Self.libraries(of: agent).isEmpty else {
            throw .failure(
                "\(agent) is not a static program, as a guest's init must be",
                remedy: "use .build/release/plumbline-agent, which `make build` makes")
        }
        for helper in helpers {
            let program = try Self.find(helper)
            files["/sbin/\(helper.rawValue)"] = program
            for library in try Self.libraries(of: program) { files[library] = library }
        }
        let settings = "/etc/mke2fs.conf"
        if helpers.contains(.makeExt4), SystemFile.exists(settings) { files[settings] = settings }
        return files
    }

    private static func find(_ helper: Helper) throws(PlumblineError) -> String {
        let places = ["/usr/sbin", "/sbin", "/usr/bin", "/bin"].map { "\($0)/\(helper.rawValue)" }
        guard let program = places.first(where: { SystemFile.exists($0) }) else {
            throw .failure(
                "\(helper.rawValue), which the guest needs, is not installed",
                remedy: "apt-get install \(helper.package)")
        }
        return program
    }

    /// The libraries and the loader of a program, by `ldd(1)`; none for a static program.
    private static func libraries(of program: String) throws(PlumblineError) -> [String] {
        let result: Command.Result
        do { result = try Command.run(["ldd", program], timeoutMilliseconds: 20_000) } catch {
            throw .failure("cannot run ldd \(program): \(error)")
        }
        let (found, missing) = parse(result.output)
        guard missing.isEmpty else {
            throw .failure("\(program) needs \(missing.joined(separator: ", "))")
        }
        return found
    }

    /// Parses the output of ldd: the paths, and the names of missing libraries.
    static func parse(_ text: String) -> (found: [String], missing: [String]) {
        var found: [String] = []
        var missing: [String] = []
        for line in text.split(separator: "\n") {
            let words = line.split { $0 == " " || $0 == "\t" }.map(String.init)
            if let arrow = words.firstIndex(of: "=>"), arrow > 0, arrow + 1 < words.count {
                if words[arrow + 1].hasPrefix("/") {
                    found.append(words[arrow + 1])
                } else if words[arrow + 1] == "not" {
                    missing.append(words[0])
                }
            } else if words.count == 2, words[0].hasPrefix("/"), words[1].hasPrefix("(") {
                found.append(words[0])
            }
        }
        return (found, missing)
    }
}
