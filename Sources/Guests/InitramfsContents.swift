// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import Cells
import Linux
import Protocol
import SystemPackage

/// What goes into a guest's initramfs: the agent, and the helper programs that a suite needs.
struct InitramfsContents: Sendable, Equatable {
    var agent: String
    var helpers: Set<GuestProgram>
    /// What foreign programs need.
    var programs = ProgramContents()

    init(agent: String, helpers: Set<GuestProgram> = []) {
        self.agent = agent
        self.helpers = helpers
    }

    init(agent: String, for suite: SuiteRecord) {
        self.init(agent: agent, helpers: Self.helpers(for: suite))
    }

    /// The helpers that a suite's cells need.
    static func helpers(for suite: SuiteRecord) -> Set<GuestProgram> {
        suite.cells.reduce(into: []) { programs, cell in
            programs.formUnion((try? CellDescription(cell))?.guestPrograms ?? [])
        }
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
            if helper.isOptional, Self.place(of: helper) == nil { continue }
            let program = try Self.find(helper)
            files["/sbin/\(helper.rawValue)"] = program
            for library in try Self.libraries(of: program) { files[library] = library }
        }
        files.merge(programs.files) { first, _ in first }
        let settings = "/etc/mke2fs.conf"
        if helpers.contains(.makeExt4), SystemFile.exists(settings) { files[settings] = settings }
        return files
    }

    /// Symbolic links by their path in the guest, where there are no files.
    func links(besides files: [String: String]) -> [String: String] {
        programs.links.filter { files[$0.key] == nil }
    }

    private static func place(of helper: GuestProgram) -> String? {
        ["/usr/sbin", "/sbin", "/usr/bin", "/bin"].map { "\($0)/\(helper.rawValue)" }
            .first { SystemFile.exists($0) }
    }

    private static func find(_ helper: GuestProgram) throws(PlumblineError) -> String {
        guard let program = place(of: helper) else {
            throw .failure(
                "\(helper.rawValue), which the guest needs, is not installed",
                remedy: "apt-get install \(helper.package)")
        }
        return program
    }

    /// The libraries and the loader of a program, by `ldd(1)`; none for a static program.
    private static func libraries(of program: String) throws(PlumblineError) -> [String] {
        let result: Command.Result
        do { result = try Command.run(["ldd", "--", program], timeoutMilliseconds: 20_000) } catch {
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
