// SPDX-License-Identifier: GPL-3.0-or-later

import ArgumentParser
import FoundationEssentials
import Linux
import Machine
import Synchronization
import Testing

@testable import Commands
@testable import Doctor

@Suite struct DoctorCommandTests {
    /// Keeps what a command writes.
    private final class Sink: Sendable {
        let text = Mutex("")
        func console(terminal: Bool = false, environment: [String: String] = [:]) -> Console {
            Console(
                document: { part in self.text.withLock { $0 += part } }, diagnostics: { _ in },
                documentIsTerminal: terminal, environment: environment)
        }
        var written: String { text.withLock { $0 } }
    }

    private func command(_ arguments: [String]) throws -> DoctorCommand {
        try #require(try DoctorCommand.parseAsRoot(arguments) as? DoctorCommand)
    }

    @Test func thisMachineIsExaminedAndLeftAsItWas() throws {
        let findings = Examination.findings(
            claims: try ClaimOptions.builtIn().flatMap(\.setUps))
        let ids = findings.map(\.topic.id)
        #expect(Set(ids).count == ids.count)
        #expect(Set(findings.map(\.topic.group)) == Set(Topic.Group.allCases))
        for finding in findings {
            #expect(finding.topic.title.count <= 14)
            #expect(!finding.fact.isEmpty && !finding.fact.hasSuffix("."))
            #expect((finding.state == .ok) == (finding.consequence == nil))
            #expect((finding.state == .ok) == (finding.remedy == nil))
        }
        let own = "plumbline-\(ChildProcess.currentID)-"
        for group in MemoryHierarchy.find()?.ancestry ?? [] {
            #expect(!SystemTree.live.list(group).contains { $0.hasPrefix(own) })
        }
        for line in DoctorReport(findings).page.text().split(separator: "\n")
        where !line.drop(while: { $0 == " " }).hasPrefix("$ ") {
            #expect(line.count <= 80 || !line.dropFirst(26).contains(" "), "\(line)")
        }
    }

    @Test func theKernelOfThisMachineIsNamed() throws {
        let release = try KernelIdentity.current().release
        let kernel = try #require(Examination.findings().first { $0.topic.id == "kernel" })
        #expect(kernel.fact.hasPrefix(release))
    }

    @Test func aRunIsAReportAndExitsWith0() async throws {
        for arguments in [["--format", "json"], ["--json"]] {
            let sink = Sink()
            #expect(try await command(arguments).run(on: sink.console()) == 0)
            let document = try JSONDecoder().decode(
                DoctorReportTests.Document.self, from: Data(sink.written.utf8))
            #expect(document.summary.values.reduce(0, +) == document.findings.count)
        }
    }

    @Test func coloursNeedATerminalAndNoNOCOLOR() async throws {
        for (terminal, noColor, isColoured) in [
            (true, "", true), (true, "1", false), (false, "", false),
        ] {
            let sink = Sink()
            let console = sink.console(terminal: terminal, environment: ["NO_COLOR": noColor])
            _ = try await command([]).run(on: console)
            #expect(sink.written.contains("\u{1b}[") == isColoured)
        }
    }

    @Test(arguments: [
        ["--json", "--restore"], ["--format", "json", "--restore"], ["--json", "--format", "text"],
        ["--format", "xml"],
    ])
    func optionsThatExcludeEachOtherAreRefused(arguments: [String]) {
        #expect(throws: (any Error).self) { try command(arguments) }
    }

    @Test func theTinyGuestEndsWhateverKVMDoes() {
        // Where there is no usable KVM the step that failed is named; a hang is killed.
        switch TinyGuest.run() {
        case .ran, .hung: break
        case .failed(_, let error): #expect(error.rawValue > 0)
        }
    }
}
