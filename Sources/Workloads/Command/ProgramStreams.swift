// SPDX-License-Identifier: GPL-3.0-or-later

import Linux
import SystemPackage

/// The worker's ends of a program's standard output and standard error.
final class ProgramStreams {
    private static let chunk = 64 << 10
    private static let lastReads = 1000

    private let output: Descriptor
    private let errors: Descriptor
    /// The program's ends, until it has its own.
    private var outputEnd: Descriptor?
    private var errorEnd: Descriptor?
    private let buffer: MappedMemory
    private var isOutputOpen = true
    private var areErrorsOpen = true

    private init(
        output: consuming Descriptor, outputEnd: consuming Descriptor,
        errors: consuming Descriptor, errorEnd: consuming Descriptor,
        buffer: consuming MappedMemory
    ) {
        self.output = output
        self.outputEnd = consume outputEnd
        self.errors = errors
        self.errorEnd = consume errorEnd
        self.buffer = buffer
    }

    /// Streams that no program has yet.
    ///
    /// - Throws: `tooManyOpenFiles`, `noMemory`.
    static func make() throws(Errno) -> ProgramStreams {
        let buffer = try MappedMemory(bytes: chunk)
        buffer.touch()
        let output = try Pipe()
        let errors = try Pipe()
        try output.reader.setNonblocking()
        try errors.reader.setNonblocking()
        let outputEnd = try output.writer.duplicate()
        let errorEnd = try errors.writer.duplicate()
        return ProgramStreams(
            output: output.takeReader(), outputEnd: outputEnd, errors: errors.takeReader(),
            errorEnd: errorEnd, buffer: buffer)
    }

    /// Starts a program with these streams; the end of them is the program's from then on.
    ///
    /// - Throws: as `Program.Image.start`.
    func start(
        _ image: Program.Image, input: CInt? = nil
    ) throws(Errno) -> ChildProcess {
        let child = try image.start(
            input: input, output: Self.number(of: outputEnd), errors: Self.number(of: errorEnd))
        outputEnd = nil
        errorEnd = nil
        return child
    }

    private static func number(of end: borrowing Descriptor?) -> CInt {
        switch end {
        case .some(let end): end.rawValue
        case .none: -1
        }
    }

    /// What to wait for: the number of the standard output, of the standard error.
    var numbers: (CInt?, CInt?) {
        (isOutputOpen ? output.rawValue : nil, areErrorsOpen ? errors.rawValue : nil)
    }

    /// Reads what is there, and waits for nothing; at most some of it, so that the caller can look
    /// at the clock.
    ///
    /// - Returns: whether there may be more.
    @discardableResult
    func read(into report: ProgramReport) -> Bool {
        var isMore = false
        if isOutputOpen {
            let count = Self.read(output, buffer.bytes)
            isOutputOpen = count != 0
            if let count, count > 0 {
                report.take(
                    UnsafeRawBufferPointer(rebasing: buffer.bytes[..<count]), isError: false)
                isMore = true
            }
        }
        if areErrorsOpen {
            let count = Self.read(errors, buffer.bytes)
            areErrorsOpen = count != 0
            if let count, count > 0 {
                report.take(UnsafeRawBufferPointer(rebasing: buffer.bytes[..<count]), isError: true)
                isMore = true
            }
        }
        return isMore
    }

    /// Reads all that is there; what processes print that a program left behind may have no end.
    func drain(into report: ProgramReport) {
        for _ in 0..<Self.lastReads {
            guard read(into: report) else { return }
        }
    }

    /// Bytes read; 0 at the end, nil where there is nothing now.
    private static func read(
        _ stream: borrowing Descriptor, _ buffer: UnsafeMutableRawBufferPointer
    ) -> Int? {
        do throws(Errno) { return try stream.read(into: buffer) } catch {
            return error == .wouldBlock || error == .interrupted ? nil : 0
        }
    }
}
