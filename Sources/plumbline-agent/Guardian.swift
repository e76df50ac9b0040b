// SPDX-License-Identifier: GPL-3.0-or-later

import Agent
import Basics
import Glibc
import Linux
import Machine
import SystemPackage

/// Runs a program, a guest's QEMU, that must not outlive a process, its controller: not even one
/// that was killed by SIGKILL.
///
///     plumbline-agent --guardian PARENT [--pin 2,3] [--pin-rest 0-1] [--scratch BYTES:DIR ...]
///       -- qemu-system-x86_64 ...
///
/// The program has the guardian's own stdin, stdout and stderr. It dies with the guardian's thread
/// (PR_SET_PDEATHSIG), and the guardian kills it when PARENT ends (pidfd_open(2)). A signal that
/// ends a program is passed on as SIGTERM. The exit status is the program's.
///
/// A scratch file has no name, so that nothing of it is left whoever is killed; the program finds
/// the n-th of them at the path that stands for `@scratchN@` in its arguments.
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
        else { throw .usage("\(Self.option): PARENT [OPTIONS] -- PROGRAM") }
        self.parent = parent
        program = Array(arguments[(dashes + 1)...])
        var rest = arguments[1..<dashes]
        while let option = rest.popFirst() {
            guard let value = rest.popFirst() else { throw .usage("\(option) needs a value") }
            switch option {
            case "--pin":
                pinning.virtualCPUs = value.split(separator: ",").compactMap { Int($0) }
            case "--pin-rest": pinning.rest = CPUSet(list: value)
            case "--scratch":
                let parts = value.split(separator: ":", maxSplits: 1).map(String.init)
                guard parts.count == 2, let size = Int(parts[0]) else {
                    throw .usage("--scratch: '\(value)' is not BYTES:DIRECTORY")
                }
                scratch.append((size, parts[1]))
            default: throw .usage("\(Self.option) has no \(option)")
            }
        }
    }

    /// Runs the program to its end, and ends as it ended.
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

    /// Makes the scratch files, which stay open as long as this process lives.
    private func programWithScratch() throws(PlumblineError) -> [String] {
        var program = program
        for (number, (size, directory)) in scratch.enumerated() {
            let file = try attempting(
                "cannot make a drive of \(ByteSize(size)) in \(directory)",
                remedy: "give another directory"
            ) { () throws(Errno) in
                let file = try Descriptor.open(
                    directory, [.readWrite, .temporary, .exclusive], mode: 0o600)
                try file.truncate(to: size)
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
        var isTold = false
        while true {
            if Interrupts.pending != nil, !isTold {
                isTold = true
                try? child.kill(ChildProcess.terminateSignal)
            }
            // The threads are there soon after the program starts, and not at once.
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
