// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import Journal
import LabSupport
import Linux
import Protocol
import Suites
import Testing

@testable import Kernels

@Suite("Patches that come with Plumbline") struct KernelChangeTests {
    private static let names = KernelChange.all.map(\.name)

    private func suite(_ name: String) throws -> SuiteRecord {
        try SuiteParser.parse(SuiteSource.find(name))
    }

    @Test(
        "each has patches for each version that can have it; they add its switch", arguments: names)
    func switches(name: String) throws {
        let change = try #require(KernelChange.all.first { $0.name == name })
        let parameter = change.description.switch.split(separator: ".")
        #expect(parameter.count == 2)
        for version in KernelVariant.versions where change.missing(in: version) == nil {
            let patch = try change.patch(for: version, isRemoved: false)
            #expect(patch.name == name)
            #expect(patch.text.contains("\nSPDX-License-Identifier: GPL-2.0-only\n---\n"))
            #expect(
                patch.text.contains("/sys/module/\(parameter[0])/parameters/\(parameter[1])"))
            guard change.isUpstream(in: version) else { continue }
            let revert = try change.patch(for: version, isRemoved: true)
            #expect(revert.name == "\(name)-revert")
            #expect(!revert.text.contains("/sys/module"))
        }
    }

    /// Suites may be called like a change, and help texts show examples of variants.
    @Test("code outside the catalogue does not name it", arguments: names)
    func literals(name: String) throws {
        let root = "/" + #filePath.split(separator: "/").dropLast(3).joined(separator: "/")
        let files = try Command.run(["find", "\(root)/Sources", "-name", "*.swift"]).output
        for file in files.split(separator: "\n").map(String.init)
        where !file.contains("/Sources/Suites/") && !file.contains("/Sources/Commands/") {
            let code = try SystemFile.read(file).split(separator: "\n").filter {
                !$0.drop { $0 == " " }.hasPrefix("//")
            }
            #expect(!code.contains { $0.contains(name) }, "\(file)")
        }
    }

    @Test("what excludes another is excluded by it", arguments: names)
    func exclusions(name: String) throws {
        for change in KernelChange.all where change.description.excludes.contains(name) {
            let other = try #require(KernelChange.all.first { $0.name == name })
            #expect(other.description.excludes.contains(change.name))
        }
    }

    @Test("of the changes of the direct I/O structure, each excludes all others")
    func directIOExclusions() {
        let names = Self.names.filter { $0.hasPrefix("dio-") }
        #expect(names.count == 5)
        for change in KernelChange.all where names.contains(change.name) {
            #expect(Set(change.description.excludes + [change.name]) == Set(names))
        }
    }

    @Test("what a version cannot have is refused with the reason, and is no switch of it")
    func missing() throws {
        let change = try #require(KernelChange.all.first { $0.name == "dio-sheaf" })
        #expect(change.missing(in: "7.2") == nil && change.missing(in: "7.10") == nil)
        let old = failure { () throws(PlumblineError) in
            _ = try change.patch(for: "6.12", isRemoved: false)
        }
        #expect(old?.kind == .usage)
        #expect(old?.message.contains("needs sheaves") == true)
        #expect(old?.remedy == "kernels with it: 7.2+dio-sheaf")
        // It has sheaves, and still no patch of ours.
        let between = failure { () throws(PlumblineError) in
            _ = try change.patch(for: "6.18", isRemoved: false)
        }
        #expect(between?.message.contains("no patch dio-sheaf for Linux 6.18") == true)
        let error = failure { () throws(PlumblineError) in
            try change.checkSwitch(of: "6.12", patches: [], built: [])
        }
        #expect(error?.remedy == "kernels with it: 7.2+dio-sheaf")
    }

    @Test("each has cells in the suites that look for faults", arguments: names)
    func tests(name: String) throws {
        let change = try #require(KernelChange.all.first { $0.name == name })
        // No workload of ours reaches the eventfd that this one changes.
        let suites = name == "eventfd-direct" ? [] : ["faults", "verify"]
        #expect(change.description.tests.keys.sorted() == suites)
        for (name, cells) in change.description.tests {
            #expect(!(try suite(name).selecting([cells]).cells.isEmpty))
        }
    }

    private func claims(_ name: String) throws -> ClaimsFile? {
        guard let text = KernelChange.all.first(where: { $0.name == name })?.claims else {
            return nil
        }
        return try ClaimsFile(
            SuiteSource(place: name, text: text), known: SuiteSource.builtInCells())
    }

    @Test("each file of claims is right, and names cells of the built-in suites", arguments: names)
    func claimsAreRight(name: String) throws {
        let setUps = try claims(name)?.setUps ?? []
        #expect(Set(setUps.map(\.name)).count == setUps.count)
        #expect(setUps.allSatisfy { $0.name.count <= 14 })
    }

    @Test("nine cells of the published sweep have the figure of that very cell")
    func claimsOfTheSweep() throws {
        let claims = try #require(try claims("pipe-prealloc")?.claims(on: suite("pipe-prealloc")))
        let figures = [
            "1w1r": 21.0, "1w5r": 6, "1w10r": 17, "2w1r": 28, "2w5r": 24, "2w10r": 14,
            "5w1r": 18, "5w5r": 14, "5w10r": 24,
        ]
        for (workers, percent) in figures {
            let claim = try #require(claims["pipe/\(workers)/64KiB/1MiB/none"])
            #expect(claim.count == 1)
            #expect(claim[0].setUp.architecture == "aarch64" && claim[0].setUp.cpus == 16)
            #expect(
                claim[0].figures == [
                    .init(low: percent, high: percent), .init(.writeLatency, low: -22, high: -5),
                ])
        }
        #expect(!claims.keys.contains { $0.contains("/memcg") })
        var other = try suite("pipe-prealloc")
        other.cells[0].name = "pipe/1w1r/64KiB/1MiB/seed=1/memcg"
        #expect(try self.claims("pipe-prealloc")?.claims(on: other)[other.cells[0].name] == nil)
        let pressed = try #require(claims.first { $0.key.contains("/anon") }?.value)
        #expect(pressed.map(\.setUp.pressure) == ["stress-ng", "stress-ng"])
        #expect(pressed[0].figures[0] == .init(low: 21, high: 48))
    }

    @Test("the gain of the pool is claimed for 52 CPUs without pressure")
    func claimsOfThePool() throws {
        let claims = try #require(try claims("pipe-pool")?.claims(on: suite("pipe-prealloc")))
        #expect(claims.count == 9)
        for claim in claims.values.joined() {
            #expect(claim.figures == [.init(low: 0, high: 23)])
            #expect(claim.setUp.cpus == 52 && claim.setUp.pressure == "none")
        }
        #expect(try self.claims("pipe-fit") == nil)
    }

    @Test("the gain of direct I/O is claimed for interrupts at depth 128 only")
    func claimsOfDirectIO() throws {
        let claims = try #require(try claims("dio-cache")?.claims(on: suite("iomap-dio-cache")))
        let gains = claims.values.joined().filter { $0.figures[0].quantity == .rate }
        #expect(!gains.isEmpty)
        for claim in gains {
            #expect(claim.figures == [.init(low: 2.6, high: 2.6)])
            #expect(claim.setUp.completion == "interrupt")
            #expect(claim.setUp.settings?["iodepth"]?.text == "128")
        }
        #expect(claims.values.joined().contains { $0.figures[0].quantity == .requestReclaims })
        #expect(try self.claims("dio-kmemcache") == nil)
        #expect(try self.claims("dio-pool") == nil)
    }

    @Test("the gain of reads without a structure is claimed for polled ones at depth 512")
    func claimsOfSimpleReads() throws {
        let claims = try #require(try claims("dio-simple")?.claims(on: suite("iomap-dio-cache")))
        #expect(!claims.isEmpty)
        for claim in claims.values.joined() {
            #expect(claim.figures == [.init(low: 14, high: 14)])
            #expect(claim.setUp.settings?["iodepth"]?.text == "512")
            #expect(claim.setUp.settings?["hipri"]?.text == "1")
        }
    }
}
