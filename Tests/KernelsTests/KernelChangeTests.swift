// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
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

    @Test("each has patches for each version, which add its switch", arguments: names)
    func switches(name: String) throws {
        let change = try #require(KernelChange.all.first { $0.name == name })
        let parameter = change.description.switch.split(separator: ".")
        #expect(parameter.count == 2)
        for version in KernelVariant.versions {
            let patch = try change.patch(for: version, isRemoved: false)
            #expect(patch.name == name)
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

    @Test("each has cells in the suites that look for faults", arguments: names)
    func tests(name: String) throws {
        let change = try #require(KernelChange.all.first { $0.name == name })
        #expect(change.description.tests.keys.sorted() == ["faults", "verify"])
        for (name, cells) in change.description.tests {
            #expect(!(try suite(name).selecting([cells]).cells.isEmpty))
        }
    }

    @Test("published claims hold for the cells of their set-up, for changes that only B has")
    func claims() throws {
        let sweep = try suite("pipe-prealloc")
        let claims = try #require(KernelChange.claims(on: sweep, changes: ["pipe-prealloc"]))
        let none = try #require(claims.first { $0.key.hasSuffix("/none") })
        #expect(none.value == .change(low: 6, high: 28))
        #expect(!claims.keys.contains { $0.contains("/memcg") })
        #expect(KernelChange.claims(on: sweep, changes: ["dio-cache"]) == nil)
        #expect(KernelChange.claims(on: sweep, changes: []) == nil)
        let direct = try #require(
            KernelChange.claims(on: try suite("iomap-dio-cache"), changes: ["dio-cache"]))
        #expect(direct.values.contains(.change(low: 2.6, high: 2.6)))
        #expect(direct.values.contains(.noStalls))
    }
}
