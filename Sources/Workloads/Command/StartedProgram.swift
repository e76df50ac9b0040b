// SPDX-License-Identifier: GPL-3.0-or-later

import Linux
import SystemPackage

/// One run of a program, from its start until no process of it is left.
enum StartedProgram {
    /// Milliseconds between two looks at a program that is silent.
    private static let longestWait = 1000

    /// Runs it once, and puts down how it went.
    ///
    /// - Parameters:
    ///   - timeout: nanoseconds.
    ///   - ended: called once it is seen to have ended.
    static func run(
        _ image: Program.Image, timeout: Int, into report: ProgramReport, ended: () -> Void
    ) {
        report.reset()
        do throws(Errno) {
            let streams = try ProgramStreams.make()
            let start = Clock.monotonicNanoseconds()
            let child = try streams.start(image)
            report.group = child.id
            let process = try ProcessDescriptor(child.id)
            let end = watch(
                child, by: process, streams, until: start + UInt64(timeout), into: report)
            report.time = Clock.monotonicNanoseconds() - start
            ended()
            report.end = end
            streams.drain(into: report)
        } catch {
            ended()
            report.end = .refused(error)
        }
        clear(report)
    }

    /// Kills what is left of a program.
    static func clear(_ report: ProgramReport) {
        do throws(Errno) { try Program.killDescendants(group: report.group) } catch {
            report.end = .unkillable
            return
        }
        report.group = nil
    }

    private static func watch(
        _ child: ChildProcess, by process: borrowing ProcessDescriptor,
        _ streams: ProgramStreams, until limit: UInt64, into report: ProgramReport
    ) -> ProgramReport.End {
        while true {
            let now = Clock.monotonicNanoseconds()
            guard now < limit else { return .timedOut }
            let (output, errors) = streams.numbers
            let ready = try? Program.awaitInput(
                output: output, errors: errors, process: process.rawValue,
                timeoutMilliseconds: min(longestWait, Int((limit - now) / 1_000_000) + 1))
            streams.read(into: report)
            if let end = end(of: child, ready ?? 0, into: report) { return end }
        }
    }

    /// How a program ended, where its descriptor is among those that are ready.
    static func end(
        of child: ChildProcess, _ ready: Int32, into report: ProgramReport
    ) -> ProgramReport.End? {
        guard ready & Program.hasEnded != 0 else { return nil }
        // As long as nobody has waited for it, no other group has its number.
        try? child.killGroup()
        guard let (exit, usage) = try? child.waitWithUsage() else { return nil }
        report.group = nil
        report.usage = usage
        switch exit {
        case .exited(0): return .done
        case .exited(let status): return .exited(status)
        case .signalled(let signal): return .signalled(signal)
        }
    }
}
