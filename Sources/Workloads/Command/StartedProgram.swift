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
            var streams = try ProgramStreams()
            let start = Clock.monotonicNanoseconds()
            let child = try streams.start(image)
            report.group = child.id
            let end = watch(child, &streams, until: start + UInt64(timeout), into: report)
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
        _ child: ChildProcess, _ streams: inout ProgramStreams, until limit: UInt64,
        into report: ProgramReport
    ) -> ProgramReport.End {
        let process = try? ProcessDescriptor(child.id)
        let number = process?.rawValue
        // It stays open as long as its number is used.
        defer { _ = process?.rawValue }
        while true {
            if let (exit, usage) = try? child.waitWithUsage(noHang: true) {
                report.usage = usage
                switch exit {
                case .exited(0): return .done
                case .exited(let status): return .exited(status)
                case .signalled(let signal): return .signalled(signal)
                }
            }
            let now = Clock.monotonicNanoseconds()
            guard now < limit else { return .timedOut }
            let wait = min(Self.longestWait, Int((limit - now) / 1_000_000) + 1)
            let (output, errors) = streams.numbers
            // Without a descriptor of the process, looks are short.
            _ = try? Program.awaitInput(
                output: output, errors: errors, process: number,
                timeoutMilliseconds: number == nil ? 1 : wait)
            streams.read(into: report)
        }
    }
}
