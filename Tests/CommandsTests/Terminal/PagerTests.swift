// SPDX-License-Identifier: GPL-3.0-or-later

import LabSupport
import Linux
import Testing

@testable import Commands

/// The built program on a real terminal, which script(1) makes.
@Suite("On a terminal", .serialized) struct PagerTests {
    /// A scratch directory with the journal `ab.jsonl`, whose verdict is a regression, and the pagers
    /// `keep`, which keeps what it reads, `early`, which reads nothing, and `angry`, which fails.
    private final class Place {
        let scratch: ScratchDirectory

        init() throws {
            scratch = try ScratchDirectory()
            try FinishedComparison(effect: 0.8).write(to: scratch.path + "/ab.jsonl")
            for (name, script) in [
                ("keep", "env >env; cat >paged; echo seen"), ("early", "echo early"),
                ("angry", "cat >/dev/null; exit 7"),
            ] {
                try Descriptor.open("\(scratch.path)/\(name)", [.write, .create], mode: 0o755)
                    .writeAll("#!/bin/sh\n\(script)\n")
            }
        }

        /// Runs plumbline on a terminal.
        ///
        /// - Parameter variables: as `env` takes them.
        func plumbline(
            _ words: String, _ variables: String = "", columns: Int = 80
        ) throws -> (code: Int32, shown: String, paged: String?) {
            let paged = "\(scratch.path)/paged"
            try? SystemFile.unlink(paged)
            let unset = "-u NO_COLOR -u PAGER -u PLUMBLINE_PAGER -u LESS"
            let line =
                "stty cols \(columns); env \(unset) TERM=xterm \(variables) "
                + "'\(BuiltProgram.path)' \(words)"
            let result = try Command.run(
                ["sh", "-c", "cd \"$0\" && exec script -qec \"$1\" /dev/null", scratch.path, line],
                timeoutMilliseconds: 60_000)
            guard case .exited(let code) = result.exit else { throw EndedBySignal() }
            return (code, result.output, try? SystemFile.read(paged))
        }

        private struct EndedBySignal: Error {}
    }

    private static let red = "\u{1b}[31m"

    @Test("a history's lists are shown by the pager, and what is added is not")
    func histories() throws {
        let place = try Place()
        let added = try place.plumbline("history add ab.jsonl --store h", "PAGER=./keep")
        #expect(added.code == 0 && added.paged == nil)
        for words in ["list", "show 2026", "trend", "noise"] {
            let run = try place.plumbline("history \(words) --store h", "PAGER=./keep")
            #expect(run.code == 0 && run.paged?.contains("example") == (words != "noise"), "\(run)")
            #expect(run.shown.contains("seen"), "\(words)")
        }
    }

    @Test("report shows its document by the pager, in colours, and has the verdict's exit code")
    func pages() throws {
        let place = try Place()
        let run = try place.plumbline("report ab.jsonl", "PAGER=./keep")
        #expect(run.code == 3)
        #expect(run.shown.contains("seen"))
        #expect(!run.shown.contains("regressed"))
        let paged = try #require(run.paged)
        #expect(paged.contains("regressed"))
        #expect(paged.contains(Self.red))
        let environment = try SystemFile.read("\(place.scratch.path)/env")
        #expect(environment.contains("\nLESS=FRX\n") || environment.hasPrefix("LESS=FRX\n"))
    }

    @Test("PLUMBLINE_PAGER comes before PAGER, and a value is a shell's command line")
    func order() throws {
        let place = try Place()
        let run = try place.plumbline(
            "report ab.jsonl", "PLUMBLINE_PAGER='tr a-z A-Z | ./keep' PAGER=./angry")
        #expect(run.code == 3)
        #expect(run.paged?.contains("REGRESSED") == true)
    }

    @Test(
        "without a pager the document is printed",
        arguments: [
            "PAGER=cat", "PAGER=", "PLUMBLINE_PAGER= PAGER=./keep",
            "PLUMBLINE_PAGER=cat PAGER=./keep",
            "PAGER=./nosuch", "PATH=/nonexistent", "PAGER=./keep TERM=dumb", "PAGER=./keep TERM=",
        ])
    func off(variables: String) throws {
        let run = try Place().plumbline("report ab.jsonl", variables)
        #expect(run.code == 3, "\(run.shown)")
        #expect(run.paged == nil)
        #expect(run.shown.contains("regressed"))
    }

    @Test("a pager gets every byte, NUL too")
    func bytes() throws {
        let scratch = try ScratchDirectory()
        let pager = try #require(
            Pager(environment: ["PAGER": "cat >'\(scratch.path)/paged'", "PATH": ""]))
        #expect(pager.show("before\0behind\n"))
        #expect(try SystemFile.read("\(scratch.path)/paged") == "before\0behind\n")
    }

    @Test("a pager that ends early or fails changes nothing")
    func early() throws {
        let place = try Place()
        #expect(try place.plumbline("report ab.jsonl", "PAGER=./early").code == 3)
        #expect(try place.plumbline("report ab.jsonl", "PAGER=./angry").code == 3)
        let big = try place.plumbline("suite show full --cells", "PAGER=./early")
        #expect(big.code == 0)
        #expect(try place.plumbline("report nothing.jsonl", "PAGER=./keep").code == 64)
    }

    @Test("only report and what only shows goes to a pager, and only on a terminal")
    func elsewhere() throws {
        let place = try Place()
        #expect(try place.plumbline("compare ab.jsonl", "PAGER=./keep").paged == nil)
        #expect(try place.plumbline("suite show demo", "PAGER=./keep").paged != nil)
        let piped = try place.plumbline("report ab.jsonl | cat", "PAGER=./keep")
        #expect(piped.paged == nil)
        #expect(!piped.shown.contains(Self.red))
    }

    @Test("paragraphs fit into a narrow terminal", arguments: [80, 40])
    func narrow(columns: Int) throws {
        let run = try Place().plumbline("suite list", columns: columns)
        let lines = run.shown.split(whereSeparator: \.isNewline).map { line in
            line.replacing(#/\u{1b}\[\d*m/#, with: "")
        }
        #expect(lines.count > 7 && lines.allSatisfy { $0.count <= columns }, "\(run.shown)")
    }

    @Test("NO_COLOR and a dumb terminal get no colours, and other ones do")
    func colours() throws {
        let place = try Place()
        let colored = try place.plumbline("compare ab.jsonl")
        #expect(colored.shown.contains(Self.red))
        for variables in ["NO_COLOR=1", "TERM=dumb"] {
            let plain = try place.plumbline("compare ab.jsonl", variables)
            #expect(!plain.shown.contains("\u{1b}["), "\(variables)")
            #expect(plain.code == 3)
        }
        #expect(try place.plumbline("compare ab.jsonl", "NO_COLOR=").shown.contains(Self.red))
    }
}
