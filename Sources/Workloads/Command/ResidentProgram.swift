// SPDX-License-Identifier: GPL-3.0-or-later

import Linux
import SystemPackage

/// A program that stays, and works from a line `go` on its standard input to a line `stop`, which it
/// answers with a line of JSON.
struct ResidentProgram {
    private static let go: [UInt8] = Array("go\n".utf8)
    private static let stop: [UInt8] = Array("stop\n".utf8)
    /// Nanoseconds that it has to end by itself, once there are no more slices.
    private static let farewell: UInt64 = 500_000_000

    private let image: Program.Image
    private let report: ProgramReport
    /// Nanoseconds for an answer.
    private let timeout: UInt64
    private var running: Running?
    /// What it had printed on its standard output when its last answer was read.
    private var answered: UInt64 = 0
    /// What it had used at its last `go`.
    private var before: ResourceUsage?

    /// A program that runs.
    private final class Running {
        let child: ChildProcess
        let process: ProcessDescriptor
        /// Nil once there are no more slices.
        private var input: Descriptor?
        let streams: ProgramStreams

        init(
            _ child: ChildProcess, process: consuming ProcessDescriptor,
            input: consuming Descriptor, streams: ProgramStreams
        ) {
            self.child = child
            self.process = process
            self.input = consume input
            self.streams = streams
        }

        /// - Returns: why a line could not be written.
        func write(_ line: [UInt8]) -> Errno? {
            do throws(Errno) { try Self.write(line, to: input) } catch { return error }
            return nil
        }

        private static func write(
            _ line: [UInt8], to input: borrowing Descriptor?
        ) throws(Errno) {
            switch input {
            case .some(let input): try input.writeAll(line)
            case .none: throw .brokenPipe
            }
        }

        func closeInput() { input = nil }
    }

    init(_ image: Program.Image, timeout: Int, report: ProgramReport) {
        self.image = image
        self.report = report
        self.timeout = UInt64(timeout)
    }

    /// Has it work, after a start where it does not run; what it printed before is forgotten.
    ///
    /// - Returns: whether it does; why not is in the report.
    mutating func begin() -> Bool {
        if running == nil {
            // What the one before printed is none of this one's.
            report.reset()
            answered = 0
            do throws(Errno) { running = try start() } catch {
                report.end = .refused(error)
                return false
            }
        }
        // One that ended since its last answer tells why.
        if noteEnd() { return false }
        running?.streams.drain(into: report)
        if report.outputSize > answered { return fail(.printedMore) }
        report.reset()
        answered = 0
        before = (running?.child.id).flatMap { ResourceUsage(ofProcess: $0) }
        return say(Self.go)
    }

    /// Reads what it prints while it works, so that it need not wait for a reader.
    mutating func watch() { running?.streams.drain(into: report) }

    /// Ends its work.
    ///
    /// - Returns: whether it was told so; why not is in the report.
    mutating func end() -> Bool {
        // What it printed until now would be taken for its answer.
        watch()
        if report.outputSize > 0, !noteEnd() { return fail(.printedEarly) }
        return say(Self.stop)
    }

    /// Waits for its answer, the only line that it prints; how that went is in the report. A program
    /// without such an answer is ended.
    mutating func awaitAnswer() {
        guard running != nil else { return }
        let limit = Clock.monotonicNanoseconds() + timeout
        while true {
            running?.streams.read(into: report)
            if report.firstLineEnd != nil || report.isOverfull {
                noteUsage()
                answered = report.outputSize
                if let end = report.firstLineEnd, end < answered {
                    _ = fail(.printedMore)
                    return
                }
                // The next slice tells of a program that ends after its answer.
                report.end = .done
                return
            }
            if noteEnd() { return }
            let now = Clock.monotonicNanoseconds()
            guard now < limit else {
                _ = fail(.timedOut)
                return
            }
            wait(nanoseconds: limit - now)
        }
    }

    /// Puts down what it used from its `go` on.
    private func noteUsage() {
        guard let before, let now = (running?.child.id).flatMap({ ResourceUsage(ofProcess: $0) })
        else { return }
        report.usage = now.since(before)
    }

    /// Ends it when there are no more slices: its input ends, and it is killed if it does not end
    /// soon upon that.
    mutating func leave() {
        running?.closeInput()
        let limit = Clock.monotonicNanoseconds() + Self.farewell
        while running != nil, !noteEnd() {
            let now = Clock.monotonicNanoseconds()
            guard now < limit else { break }
            running?.streams.read(into: report)
            wait(nanoseconds: limit - now)
        }
        kill()
    }

    /// Ends it at once.
    mutating func kill() {
        running = nil
        StartedProgram.clear(report)
    }

    private func start() throws(Errno) -> Running {
        let streams = try ProgramStreams.make()
        let pipe = try Pipe()
        let child = try streams.start(image, input: pipe.reader.rawValue)
        report.group = child.id
        let input = pipe.takeWriter()
        do throws(Errno) {
            try input.setNonblocking()
            return Running(
                child, process: try ProcessDescriptor(child.id), input: input, streams: streams)
        } catch {
            StartedProgram.clear(report)
            throw error
        }
    }

    /// Writes a line; a program that ended, or that does not read for long, is at fault.
    private mutating func say(_ line: [UInt8]) -> Bool {
        let error = running?.write(line)
        guard let error else { return running != nil }
        if error == .wouldBlock { return fail(.timedOut) }
        // Its end comes a moment after that of its pipe.
        for _ in 0..<100 {
            if noteEnd() { return false }
            try? Clock.sleep(nanoseconds: 10_000_000)
        }
        // It closed its input, and stays.
        return fail(.timedOut)
    }

    /// Ends it for what it did.
    ///
    /// - Returns: that it does not work.
    private mutating func fail(_ end: ProgramReport.End) -> Bool {
        report.end = end
        kill()
        return false
    }

    /// Puts down how it ended, and what it printed before, where it did.
    private mutating func noteEnd() -> Bool {
        guard let child = running?.child else { return false }
        let ready = try? Program.awaitInput(
            output: nil, errors: nil, process: running?.process.rawValue, timeoutMilliseconds: 0)
        guard let end = StartedProgram.end(of: child, ready ?? 0, into: report) else {
            return false
        }
        running?.streams.drain(into: report)
        kill()
        // Its end is an error, whatever its status.
        if report.end != .unkillable { report.end = end == .done ? .exited(0) : end }
        return true
    }

    private func wait(nanoseconds: UInt64) {
        let (output, errors) = running?.streams.numbers ?? (nil, nil)
        _ = try? Program.awaitInput(
            output: output, errors: errors, process: running?.process.rawValue,
            timeoutMilliseconds: min(1000, Int(nanoseconds / 1_000_000) + 1))
    }
}
