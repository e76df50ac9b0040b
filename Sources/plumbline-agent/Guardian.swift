// SPDX-License-Identifier: GPL-3.0-or-later

import Agent
import Basics
import Glibc
import Linux
import Machine
import SystemPackage

/// Runs a program, a guest's QEMU, and ends it when another process, its controller, ends, even by
/// SIGKILL.
///
///     plumbline-agent --guardian PARENT [--pin 2,3] [--pin-rest 0-1] [--scratch BYTES:DIR ...]
///       -- qemu-system-x86_64 ...
///
/// The program has the guardian's stdin, stdout and stderr. The kernel kills it when the guardian
/// dies (PR_SET_PDEATHSIG), and the guardian kills it when PARENT ends (pidfd_open(2)). The
/// guardian passes a signal on as SIGTERM. The exit status is the program's.
///
/// A scratch file has no name, so that nothing is left after a kill; `@scratchN@` in the program's
/// arguments is replaced by the path of the n-th one.
struct Guardian {
    /// The first argument.
    static let option = "--guardian"

    private let parent: Int32
    private var pinning = ThreadPinning()
    private var scratch: [(size: Int, directory: String)] = []
    private let program: [String]

    private init(_ arguments: [String]) throws(PlumblineError) {
        guard let first = arguments.first, let parent = Int32(first),
            let dashes = arguments.firstIndex(of: "--"), dashes + 1 < arguments.count
        else { throw .usage("usage: plumbline-agent \(Self.option) PARENT [OPTIONS] -- PROGRAM") }
        self.parent = parent
        program = Array(arguments[(dashes + 1)...])
        var rest = arguments[1..<dashes]
        while let option = rest.popFirst() {
            guard let value = rest.popFirst() else { throw .usage("missing value for \(option)") }
            switch option {
            case "--pin":
                pinning.virtualCPUs = value.split(separator: ",").compactMap { Int($0) }
            case "--pin-rest": pinning.rest = CPUSet(list: value)
            case "--scratch":
                let parts = value.split(separator: ":", maxSplits: 1).map(String.init)
                guard parts.count == 2, let size = Int(parts[0]) else {
                    throw .usage(
                        "invalid value '\(value)' for --scratch (expected BYTES:DIRECTORY)")
                }
                scratch.append((size, parts[1]))
            default: throw .usage("unknown option \(option) for \(Self.option)")
            }
        }
    }

    /// Runs the program to its end, and exits with its status.
    static func main(_ arguments: [String]) -> Never {
        do throws(PlumblineError) {
            exit(try Guardian(arguments).run())
        } catch {
            StandardError.say("plumbline-agent: \(error)")
            exit(error.exitCode)
        }
    }

    private func run() throws(PlumblineError) -> Int32 {
        try attempting("cannot catch signals") { () throws(Errno) in try Interrupts.catch() }
        let controller = try attempting("process \(parent)") { () throws(Errno) in
            try ProcessDescriptor(parent)
        }
        let program = try programWithScratch()
        let child = try attempting("fork") { () throws(Errno) in
            try ChildProcess.fork {
                do { try ChildProcess.become(program) } catch {
                    StandardError.say("plumbline-agent: cannot run \(program[0]): \(error)")
                    return 127
                }
            }
        }
        return try attempting("cannot wait for \(program[0])") { () throws(Errno) in
            try follow(child, controller)
        }
    }

    /// Makes the scratch files, which are open until this process ends.
    private func programWithScratch() throws(PlumblineError) -> [String] {
        var program = program
        for (number, (size, directory)) in scratch.enumerated() {
            let file = try attempting(
                "cannot make a drive of \(ByteSize(size)) in \(directory)",
                remedy: "free some space, or give another directory with --drive-directory"
            ) { () throws(Errno) in
                let file = try Descriptor.open(
                    directory, [.readWrite, .temporary, .exclusive], mode: 0o600)
                // QEMU stops a guest that finds the disk full.
                try file.allocate(size)
                return file
            }
            let path = "/proc/\(ChildProcess.currentID)/fd/\(file.release())"
            program = program.map { $0.replacing("@scratch\(number)@", with: path) }
        }
        return program
    }

    private func follow(
        _ child: ChildProcess, _ controller: borrowing ProcessDescriptor
    ) throws(Errno) -> Int32 {
        let guarded = try ProcessDescriptor(child.id)
        var isPinned = pinning.isEmpty
        var isTerminated = false
        while true {
            if Interrupts.pending != nil, !isTerminated {
                isTerminated = true
                try? child.kill(ChildProcess.terminateSignal)
            }
            // The threads start some time after the program.
            if !isPinned { isPinned = pinning.apply(to: child.id) }
            let ended: ProcessDescriptor.Ended
            do {
                ended = try controller.awaitEnd(
                    or: guarded, timeoutMilliseconds: isPinned ? 1000 : 20)
            } catch .interrupted {
                continue
            }
            if ended.first { try? child.kill() }
            guard ended.first || ended.second else { continue }
            switch try child.wait() {
            case .exited(let status): return status
            case .signalled(let signal): return 128 + signal
            }
        }
    }
}
