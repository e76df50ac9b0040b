// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import Cells
import Linux
import TestSupport

@testable import Workloads

/// Programs of a test, in a directory that goes with the value.
final class ScriptedProgram {
    /// A name that every shell and every splitter of words gets wrong that can.
    static let oddName = "a 'b\" $c\nd"

    let directory = "/var/tmp/plumbline-program-\(UInt64.random(in: 0 ... .max))"

    init() throws { try SystemFile.makeDirectory(directory) }

    deinit { _ = try? Command.run(["rm", "-rf", "--", directory]) }

    /// Writes a script for sh(1); its path.
    @discardableResult
    func script(_ body: String, name: String = "program", mode: UInt32 = 0o755) throws -> String {
        try file("#!/bin/sh\n\(body)\n", name: name, mode: mode)
    }

    /// Writes a file; its path.
    func file(_ text: String, name: String, mode: UInt32 = 0o755) throws -> String {
        let path = "\(directory)/\(name)"
        let file = try Descriptor.open(path, [.write, .create, .truncate], mode: mode)
        try file.writeAll(text)
        return path
    }

    /// Compiles a C program; its path.
    func compiled(_ source: String, name: String = "compiled", _ options: [String] = []) throws
        -> String
    {
        let code = try file(source, name: "\(name).c", mode: 0o644)
        let path = "\(directory)/\(name)"
        let result = try Command.run(["gcc", "-O1", "-o", path, code] + options)
        guard result.succeeded else { throw PlumblineError.failure(result.output) }
        return path
    }

    /// A workload of these words.
    static func workload(
        _ run: [String], _ settings: [String: SettingValue] = [:]
    ) throws -> any Workload {
        try WorkloadCatalogue.make(
            CommandWorkload.name, settings.merging(["run": .words(run)]) { $1 }
        ).workload
    }

    /// Workers for a program, parked.
    static func workers(
        _ run: [String], _ settings: [String: SettingValue] = [:],
        forked: @escaping ([Int32]) -> Void = { _ in }
    ) throws -> ResidentWorkers {
        var options = ResidentWorkers.Options()
        options.forked = forked
        return try ResidentWorkers(
            workload(run, settings), in: WorkloadEnvironment(seed: .random(in: 0 ... .max)),
            clock: ShortSlice.clock, options)
    }

    /// One slice of a program.
    static func slice(
        _ run: [String], _ settings: [String: SettingValue] = [:]
    ) throws -> ProgramResult {
        let workers = try workers(run, settings)
        defer { workers.release() }
        return try slice(of: workers)
    }

    /// One slice more.
    static func slice(of workers: ResidentWorkers, guardTime: Int = 0) throws -> ProgramResult {
        let counts = try workers.measure(
            .init(guardTime: guardTime, duration: 20_000_000, seed: 7))
        return counts.result ?? ProgramResult()
    }

    /// Processes whose command line has this word.
    static func processes(with word: String) throws -> [Int32] {
        try ObservedProcess.all(with: word).map(\.id)
    }
}
