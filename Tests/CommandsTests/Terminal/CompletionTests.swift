// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import LabSupport
import Linux
import Protocol
import SchemaSupport
import Suites
import Testing

@testable import Commands

/// The scripts of `--generate-completion-script` in real shells.
@Suite("Completion", .serialized) struct CompletionTests {
    /// A directory with the three scripts, a suite, a journal and a cache with a kernel.
    private final class Place {
        let scratch: ScratchDirectory
        var path: String { scratch.path }
        let programs = String(BuiltProgram.path.prefix(upTo: BuiltProgram.path.lastIndex(of: "/")!))

        /// What the program prints for each shell: the same in every place.
        private static let scripts = Result {
            try ["bash", "zsh", "fish"].map { shell in
                let script = try Command.run(
                    [BuiltProgram.path, "--generate-completion-script", shell],
                    outputLimit: 16 << 20)
                #expect(script.succeeded && !script.isTruncated)
                return (shell == "zsh" ? "_plumbline" : "script.\(shell)", script.output)
            }
        }

        init() throws {
            scratch = try ScratchDirectory()
            for (name, script) in try Self.scripts.get() { try write(script, to: name) }
            let suite = "suite: mine\ncells:\n  - {workload: pipe, msgsize: [3k, 5k]}\n"
            try write(suite, to: "mine.yaml")
            try write("", to: "old.jsonl")
            try write(Self.targetFile, to: "box.yaml")
            _ = try Command.run([
                "sh", "-c",
                """
                cd "$0" && mkdir repo bin && cd repo && git init -q && git -c user.name=x \
                  -c user.email=x@x commit -q --allow-empty -m x && git tag v1 && git branch topic
                printf '%s\n' '#!/bin/sh' 'case $* in *%R) echo big; echo small;; *%N) echo n1; \
                  echo n2;; *%f) echo epyc,nvme;; esac' >../bin/sinfo; chmod +x ../bin/sinfo
                """, path,
            ])
            try FinishedComparison(effect: 1).write(to: "\(path)/ab.jsonl")
            _ = try run(["plumbline", "history", "add", "ab.jsonl", "--store", "h.sqlite"])
        }

        private static let targetFile = """
            host: ssh://root@box
            boot: grub-reboot
            kernels:
              stock: {entry: a, expect: {release: "1"}}
              patched: {entry: b, expect: {release: "2"}}

            """

        func write(_ text: String, to name: String) throws {
            try Descriptor.open("\(path)/\(name)", [.write, .create, .truncate]).writeAll(text)
        }

        /// Runs a shell's script there, with the built programs in PATH.
        func run(_ words: [String]) throws -> String {
            let result = try Command.run(
                [
                    "sh", "-c",
                    "cd \"$0\" && export PATH=\"$1:$0/bin:$PATH\" HOME=\"$0\" && shift && unset XDG_CACHE_HOME "
                        + "&& exec \"$@\"", path, programs,
                ] + words, outputLimit: 1 << 20, timeoutMilliseconds: 60_000)
            return result.output
        }

        /// What bash offers for the last word of a line, by the variables that it sets for a function
        /// of completion.
        func bash(_ line: String) throws -> [String] {
            try run([
                "bash", "--norc", "-c",
                """
                . ./script.bash
                COMP_LINE=$1 COMP_POINT=${#1}
                eval "COMP_WORDS=($1)"
                case $1 in *' ') COMP_WORDS+=('');; esac
                COMP_CWORD=$((${#COMP_WORDS[@]} - 1))
                _plumbline plumbline "${COMP_WORDS[COMP_CWORD]}" "${COMP_WORDS[COMP_CWORD-1]}"
                printf '%s\\n' "${COMPREPLY[@]}"
                """, "bash", line,
            ]).split(separator: "\n").map(String.init)
        }

        /// What a shell prints when a line is typed with TAB in it, up to a text that is waited for; zsh
        /// types it.
        func typed(in shell: Shell, _ line: String, until expected: String) throws -> String {
            try run([
                "zsh", "-f", "-c",
                #"""
                zmodload zsh/zpty
                zpty shell "TERM=xterm $1"
                zpty -w shell "$2; echo begin''s"
                zpty -r -m shell text '*begins*'
                zpty -w -n shell "$3"$'\r'
                zpty -r -m shell text "*$4*"
                print -r -- "$text"
                zpty -d shell
                """#, "zsh", shell.rawValue, shell.preparation(path), line, expected,
            ])
        }
    }

    /// A shell that asks its user for lines.
    enum Shell: String, CaseIterable {
        case zsh = "zsh -f -i"
        case fish = "fish --no-config"

        /// What makes it complete.
        func preparation(_ directory: String) -> String {
            switch self {
            case .zsh: "fpath=(\(directory) $fpath); autoload -Uz compinit; compinit -u -D"
            case .fish: "source script.fish"
            }
        }
    }

    private static func isInstalled(_ shell: String) -> Bool {
        (try? Command.run([shell, "--version"]))?.succeeded == true
    }

    /// Lines, and words that are offered for the last word of each.
    private static let lines: [(line: String, offered: [String], not: [String])] = [
        ("plumbline ru", ["run"], ["report"]),
        ("plumbline suite ", ["list", "show", "check"], []),
        ("plumbline run smo", ["smoke"], ["demo", "mine.yaml"]),
        ("plumbline ab ", ["smoke", "pipe-prealloc", "mine.yaml"], ["old.jsonl"]),
        ("plumbline report --format j", ["json", "junit"], ["text"]),
        ("plumbline run smoke --metric p", ["pmu"], ["time"]),
        ("plumbline ab demo --a 6.1", ["6.12", "6.12+pipe-prealloc"], ["7.2"]),
        ("plumbline kernel build 7", ["7.2", "7.2-pipe-prealloc"], ["6.12"]),
        ("plumbline toggle demo --switch ", ["pipe-prealloc", "dio-cache"], []),
        ("plumbline toggle demo --knob vm.swap", ["vm.swappiness"], []),
        ("plumbline run mine.yaml --cells ", ["pipe 1w1r 3k", "pipe 1w1r 5k"], []),
        ("plumbline run --set pipe.msg", ["pipe.msgsize"], ["pipe.readers"]),
        ("plumbline gate demo --baseline o", ["old.jsonl"], ["mine.yaml"]),
        ("plumbline report old.jsonl --filter ver", ["verdict:"], ["cell:"]),
        ("plumbline report old.jsonl --filter -v", ["-verdict:"], []),
        ("plumbline report old.jsonl --row w", ["workload"], ["cell"]),
        ("plumbline report old.jsonl --row cell,j", ["cell,journal"], []),
        ("plumbline report old.jsonl --col n", ["none"], ["cell"]),
        ("plumbline report old.jsonl --output m", ["mine.yaml"], ["old.jsonl"]),
        ("plumbline compare old.jsonl -o o", ["old.jsonl"], ["mine.yaml"]),
        ("plumbline suite check ", ["smoke", "mine.yaml"], ["old.jsonl"]),
        ("plumbline run smoke --on ssh", ["ssh://"], []),
        ("plumbline kernel source ", ["6.12", "7.2"], []),
        ("plumbline bisect demo --repo repo --good v", ["v1"], ["topic"]),
        ("plumbline series --repo repo to", ["topic"], ["v1"]),
        ("plumbline series --repo repo v1..to", ["v1..topic"], []),
        ("plumbline target check box.yaml --kernel ", ["stock", "patched"], []),
        ("plumbline fleet submit x --partition ", ["big", "small"], []),
        ("plumbline fleet submit x --machines-named n1,", ["n1,n1", "n1,n2"], []),
        ("plumbline fleet submit x --constraint ", ["epyc", "nvme"], []),
        ("plumbline history add o", ["old.jsonl"], ["mine.yaml"]),
        ("plumbline history list --store ", ["h.sqlite"], ["old.jsonl"]),
        ("plumbline history trend --store h.sqlite --suite ", ["example"], ["demo"]),
        ("plumbline history list --store h.sqlite --cell ", ["pipe/1w1r/4KiB/none"], []),
        ("plumbline history show --store h.sqlite ", ["20260101T000000Z-1"], []),
        ("plumbline history list --suite ", [], ["example"]),
    ]

    @Test("bash", arguments: lines) func bash(line: String, offered: [String], not: [String]) throws
    {
        let words = try Place().bash(line)
        for word in offered { #expect(words.contains(word), "\(line): \(words)") }
        for word in not { #expect(!words.contains(word), "\(line): \(words)") }
    }

    @Test(
        "zsh and fish, at the key TAB",
        .enabled(
            if: isInstalled("zsh") && isInstalled("fish"), "zsh and fish are not both installed"),
        arguments: Shell.allCases,
        [
            ("plumbline run smo\t--list", "dio/randread"),
            ("plumbline suite list --format js\t", "plumbline.suites/1"),
            ("plumbline suite show mine.y\t--cells", "pipe/1w1r/3KiB"),
            ("plumbline run mine.yaml --list --cells pipe\\ 1w1r\\ 3\t", "1 cell x"),
            ("plumbline bise\t--schema", "plumbline.bisection"),
            ("plumbline report nothing --row jour\t", "there is no such journal"),
            ("plumbline report nothing --filter verdict:impr\t", "there is no such journal"),
            ("plumbline report nothing -o mine.y\t", "--output mine.yaml exists"),
        ])
    func typed(shell: Shell, line: (keys: String, printed: String)) throws {
        let text = try Place().typed(in: shell, line.keys, until: line.printed)
        #expect(text.contains(line.printed))
    }

    @Test("each option and argument is completed, or is a number, a time or the user's own words")
    func kinds() throws {
        let own: Set = [
            "number", "time", "size", "percent", "minutes", "words", "list", "subcommands", "text",
            "n", "unit",
        ]
        let result = try Command.run(
            [BuiltProgram.path, "--experimental-dump-help"], outputLimit: 4 << 20)
        let document = try LineCodec.decode(JSONValue.self, from: result.output.utf8)
        var count = 0
        func look(_ command: JSONValue, _ path: String) {
            let path = "\(path) \(command["commandName"]?.text ?? "")"
            for argument in command["arguments"]?.items ?? [] {
                guard command["shouldDisplay"] != .flag(false), argument["kind"]?.text != "flag",
                    argument["shouldDisplay"] == .flag(true)
                else { continue }
                count += 1
                let name = argument["valueName"]?.text ?? ""
                #expect(
                    own.contains(name) || argument["completionKind"] != nil
                        || argument["allValues"] != nil, "\(path) \(name)")
            }
            for child in command["subcommands"]?.items ?? [] { look(child, path) }
        }
        look(try #require(document.at("command")), "")
        #expect(count > 100)
    }

    @Test("cells are those of the suite on the command line, wherever its name stands")
    func cells() throws {
        let place = try Place()
        let demo = Set(try SuiteParser.parse(SuiteSource.find("demo")).cells.map(\.label))
        #expect(Set(try place.bash("plumbline run demo --slices 3 --cells ")) == demo)
        #expect(Set(try place.bash("plumbline run --slices 3 demo --cells ")) == demo)
        #expect(try place.bash("plumbline run --cells ").count > demo.count)
        #expect(try place.bash("plumbline run ./nothing.yaml --cells ").isEmpty)
    }

    @Test("a kernel in the cache is completed, and no word of its name is run")
    func cached() throws {
        let place = try Place()
        for (number, name) in ["mine-6.13", "$(touch pwned)", "`touch pwned`"].enumerated() {
            try CachedKernel.add(name, key: "k\(number)", in: place.path)
        }
        #expect(try place.bash("plumbline run smoke --kernel mi").first == "mine-6.13")
        #expect(try place.bash("plumbline kernel clean ") == ["mine-6.13"])
        #expect(!SystemFile.exists("\(place.path)/pwned"))
    }
}
