// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import FoundationEssentials

/// The agent's file on its way to a machine, and the shell program that receives it there.
///
/// The program makes a private directory where programs may run, takes the file in, checks it, and
/// starts a holder: an agent that watches over the others (`plumbline-agent --hold`). When the
/// holder ends, the program removes the directory. It is there for as long as the connection is, and
/// has the holder's input: what ends this process ends that input.
struct RemoteInstall: Sendable {
    /// What the receiving program says, each on a line behind `word`.
    enum Answer: Equatable {
        /// It waits for the file.
        case send
        /// The file was there.
        case kept
        /// The agent's path.
        case path(String)
        /// The holder runs.
        case ready
        /// Something is wrong, in words.
        case failed(String)
    }

    /// The agent's file.
    let bytes: [UInt8]
    /// Its SHA-256, in hexadecimal.
    let hash: String
    /// Begins each line of the program, to tell it from those of the user's shell.
    let word = "plumbline-\(String(UInt64.random(in: 0 ... .max), radix: 36))"

    /// Reads the agent's file.
    init(of path: String) async throws(PlumblineError) {
        guard let data = FileManager.default.contents(atPath: path) else {
            throw .failure("cannot read the agent \(path)", remedy: "build it with `make build`")
        }
        bytes = Array(data)
        let sum = try await ProgramRun.run(
            ProgramRun.find("sha256sum", package: "coreutils"), [], input: bytes,
            limit: .seconds(60), isInterrupted: { false })
        hash = String(decoding: sum.output.prefix { $0 != UInt8(ascii: " ") }, as: UTF8.self)
        guard hash.count == 64 else { throw .failure("sha256sum gave no hash of \(path)") }
    }

    /// The command line that receives the file and watches over the agent.
    ///
    /// - Parameters:
    ///   - keeps: whether the file stays in the user's cache there.
    ///   - prefix: what agents are started with, such as sudo.
    func words(keeps: Bool, prefix: [String]) -> [String] {
        ["sh", "-c", Self.program, word, hash, "\(bytes.count)", keeps ? "keep" : "leave"] + prefix
    }

    /// What a line of the program says; nil for a line of another program.
    func answer(in line: String) -> Answer? {
        guard let found = line.firstRange(of: word) else { return nil }
        let text = line[found.upperBound...].drop { $0 == " " }
        switch text {
        case "send": return .send
        case "kept": return .kept
        case "ready": return .ready
        default:
            return text.hasPrefix("at ") ? .path(String(text.dropFirst(3))) : .failed(String(text))
        }
    }

    /// Takes `word`, and as arguments the hash, the size, `keep` or `leave`, and the prefix.
    private static let program = #"""
        umask 077
        word=$0 hash=$1 size=$2 keep=$3
        shift 3
        say() { echo "$word $*"; }
        whole() {
          [ "$(wc -c <"$1")" -eq "$size" ] || return 1
          command -v sha256sum >/dev/null 2>&1 || return 0
          [ "$(sha256sum <"$1")" = "$hash  -" ]
        }
        d= tried=
        trap '[ -z "$d" ] || rm -rf -- "$d"' EXIT
        trap 'exit 1' HUP INT PIPE TERM
        for base in "$XDG_RUNTIME_DIR" /tmp "$HOME"; do
          [ -n "$base" ] && [ -d "$base" ] || continue
          tried="$tried $base"
          d=$(mktemp -d "$base/plumbline.XXXXXXXX" 2>/dev/null) || { d=; continue; }
          f=$d/plumbline-agent
          printf '#!/bin/sh\n' >"$d/try" 2>/dev/null && chmod 700 "$d/try" \
            && "$d/try" 2>/dev/null && head -c "$size" /dev/zero >"$f" 2>/dev/null && break
          rm -rf -- "$d"
          d=
        done
        if [ -z "$d" ]; then
          say "none of$tried has room for a program that may run"
          exit 1
        fi
        rm -f -- "$d/try"
        kept=
        if [ "$keep" = keep ]; then
          cache=${XDG_CACHE_HOME:-$HOME/.cache}/plumbline
          mkdir -p -- "$cache" && kept=$cache/plumbline-agent-$hash
        fi
        if [ -n "$kept" ] && [ -f "$kept" ] && whole "$kept" && cp -- "$kept" "$f"; then
          say kept
        else
          say send
          head -c "$size" >"$f"
        fi
        if ! whole "$f"; then
          say "the agent arrived damaged"
          exit 1
        fi
        chmod 700 "$f"
        if [ -n "$kept" ]; then
          if [ ! -f "$kept" ] || ! whole "$kept"; then
            cp -- "$f" "$kept.$$" && mv -f -- "$kept.$$" "$kept"
          fi
          for old in "$cache"/plumbline-agent-*; do
            [ "$old" = "$kept" ] || rm -f -- "$old"
          done
        fi
        say "at $f"
        "$@" "$f" --hold "$word"
        """#
}
