// SPDX-License-Identifier: GPL-3.0-or-later

import CShims
import SystemPackage

/// A foreign program that this process starts, and every process that it starts in turn.
public enum Program {
    /// The path, arguments and environment of a program, as `execve(2)` wants them; made once, for
    /// starts that allocate nothing.
    public final class Image: @unchecked Sendable {
        /// The file.
        public let path: String
        private let bytes: UnsafeMutableBufferPointer<CChar>
        private let words: UnsafeMutableBufferPointer<UnsafePointer<CChar>?>
        private let environmentStart: Int

        /// - Parameters:
        ///   - path: of the file; nothing is looked up.
        ///   - arguments: the program's name first.
        ///   - variables: set beside those of this process, in the place of equal ones.
        public init(path: String, arguments: [String], variables: [(name: String, value: String)]) {
            self.path = path
            let given = variables.map { "\($0.name)=\($0.value)" }
            let names = variables.map { "\($0.name)=" }
            let kept = Program.environment.filter { one in !names.contains { one.hasPrefix($0) } }
            let texts = [path] + arguments + kept + given
            let encoded = texts.map { Array($0.utf8CString) }
            bytes = .allocate(capacity: encoded.reduce(0) { $0 + $1.count })
            _ = bytes.initialize(from: encoded.joined())
            words = .allocate(capacity: texts.count + 2)
            words.initialize(repeating: nil)
            environmentStart = arguments.count + 2
            var next = 0
            for (place, text) in encoded.enumerated() {
                // The end of the arguments is between them and the environment.
                let word = place <= arguments.count ? place : place + 1
                words[word] = bytes.baseAddress.map { UnsafePointer($0 + next) }
                next += text.count
            }
        }

        deinit {
            bytes.deallocate()
            words.deallocate()
        }

        /// Starts it with `vfork(2)` and `execve(2)`, the leader of a process group of its own.
        ///
        /// It has the signals' default actions, no open file of this process, and is killed when
        /// the thread that started it ends.
        ///
        /// - Parameters:
        ///   - input: its standard input; nil for an empty one.
        /// - Throws: what `execve` says: `noSuchFileOrDirectory`, also without its interpreter;
        ///   `permissionDenied`, `execFormatError` for a file of another architecture, `noMemory`.
        public func start(
            input: CInt? = nil, output: CInt, errors: CInt
        ) throws(Errno) -> ChildProcess {
            let start = words.baseAddress.unsafelyUnwrapped
            return ChildProcess(
                id: try checked(
                    cshims_program_start(
                        start[0], start + 1, start + environmentStart, input ?? -1, output, errors))
            )
        }
    }

    /// The variables of this process, `NAME=VALUE` each.
    public static var environment: [String] {
        var found: [String] = []
        guard var next = cshims_environment() else { return [] }
        while let word = next.pointee {
            found.append(String(cString: word))
            next += 1
        }
        return found
    }

    /// The value of a variable of this process.
    public static func variable(_ name: String) -> String? {
        environment.first { $0.hasPrefix("\(name)=") }.map { String($0.dropFirst(name.count + 1)) }
    }

    /// Makes orphans below this process its children, and ends all of them with it: when the thread
    /// that forked it ends, and at `endSignal`.
    ///
    /// - Source: `PR_SET_CHILD_SUBREAPER` and `PR_SET_PDEATHSIG` of prctl(2).
    public static func adoptDescendants() throws(Errno) { try checked(cshims_adopt_descendants()) }

    /// `SIGUSR1`: has a process that adopted its descendants kill them and end.
    public static let endSignal: Int32 = 10

    /// Kills a group and every process below this one, and waits until they are gone.
    ///
    /// - Throws: `timedOut` where one is left, which a hung system call can cause.
    public static func killDescendants(
        group: Int32?, timeoutNanoseconds: UInt64 = 5_000_000_000
    ) throws(Errno) {
        try checked(cshims_kill_descendants(group ?? 0, timeoutNanoseconds))
    }

    /// The bit for a process that has ended.
    public static let hasEnded: Int32 = 4

    /// Waits until a program's streams have input or end, or until its process ends, by `poll(2)`;
    /// nil ones are left out.
    ///
    /// - Returns: bits for those that are ready: 1, 2 and `hasEnded`; 0 when the time is over.
    /// - Throws: `interrupted` when a signal ends the wait.
    public static func awaitInput(
        output: CInt?, errors: CInt?, process: CInt?, timeoutMilliseconds: Int
    ) throws(Errno) -> Int32 {
        var all: InlineArray<3, Int32> = [output ?? -1, errors ?? -1, process ?? -1]
        let limit = Int32(clamping: timeoutMilliseconds)
        return try checked(
            withUnsafeBytes(of: &all) {
                cshims_await_any(
                    $0.baseAddress?.assumingMemoryBound(to: Int32.self), 3, limit)
            })
    }
}

extension Descriptor {
    /// Has reads and writes of this open file never block, by `fcntl(2)` `O_NONBLOCK`.
    public borrowing func setNonblocking() throws(Errno) {
        try checked(cshims_set_nonblocking(rawValue))
    }
}
