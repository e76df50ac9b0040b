// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import Machine

extension RemoteAgent {
    /// How long the file may take.
    private static let copyLimit = Duration.seconds(900)
    /// How often the holder hears from this process.
    private static let beat = Duration.seconds(20)

    /// Refuses a machine on which the agent does not run.
    func checkMachine() async throws(PlumblineError) {
        let answer = try await session.run(["uname", "-s", "-m"], limit: .seconds(30))
        // The user's shell may print before it.
        let said = answer.output.split(separator: "\n").last.map(String.init) ?? "unknown"
        guard answer.succeeded, said == "Linux x86_64" else {
            throw .failure(
                "\(machine) says it is '\(said.prefix(80))', and the agent runs on Linux x86_64",
                remedy: "give a machine of that kind; `uname -s -m` shows it")
        }
    }

    /// Copies the agent, unless it is in the cache there, and starts its holder.
    func install() async throws(PlumblineError) -> Hold {
        let install = try await RemoteInstall(of: agent)
        let words = install.words(keeps: options.keepsAgent, prefix: prefix)
        let (executable, arguments) = session.command(words)
        VerboseLog.say(
            "copy the agent to \(machine), unless it is there"
                + (options.keepsAgent ? "; it stays" : "; at the end: remove it"))
        let process = HeldProcess(executable, arguments)
        do throws(PlumblineError) {
            let path = try await follow(install, process)
            let beats = Task {
                while !Task.isCancelled, !process.isEnded {
                    process.write([UInt8(ascii: "\n")])
                    try? await Task.sleep(for: Self.beat)
                }
            }
            return Hold(process: process, path: path, beats: beats)
        } catch {
            await process.end(within: .seconds(Self.endLimit))
            throw error
        }
    }

    /// Gives the receiving program what it asks for, until the holder runs.
    ///
    /// - Returns: the agent's path there.
    private func follow(
        _ install: RemoteInstall, _ process: HeldProcess
    ) async throws(PlumblineError) -> String {
        var path = ""
        while true {
            let awaited = try await process.line(
                limit: Self.copyLimit, isInterrupted: isInterrupted
            ) { install.answer(in: $0) != nil }
            guard case .line(let line) = awaited, let answer = install.answer(in: line) else {
                let said = process.errors.last { !$0.isEmpty } ?? "it said nothing"
                throw .failure(
                    "the agent does not run on \(machine): \(said)",
                    remedy: options.usesSudo
                        ? "`sudo -n true` must work there without a password"
                        : "a plumbline of `make build` has an agent that needs no libraries")
            }
            switch answer {
            case .send: process.write(install.bytes)
            case .kept: break
            case .path(let place): path = place
            case .ready: return path
            case .failed(let why):
                throw .failure(
                    "\(machine): \(why)",
                    remedy: "the agent needs \(ByteSize(install.bytes.count)) in a directory in "
                        + "which programs may run: $XDG_RUNTIME_DIR, /tmp or the home directory")
            }
        }
    }
}
