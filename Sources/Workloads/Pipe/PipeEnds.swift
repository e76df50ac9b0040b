// SPDX-License-Identifier: GPL-3.0-or-later

import Cells
import Linux
import Synchronization
import SystemPackage

/// Both ends of one pipe, each closed where nobody of this process uses it.
///
/// Worker threads share the ends: the last writer that ends a slice closes the one to write to, so
/// that readers come to the end of the stream. It is opened again for the next slice.
final class PipeEnds: @unchecked Sendable {
    // Changed only where no other thread can use them: before threads start, by the last to leave,
    // whose decrement orders it after the others, and while all are parked.
    private var reader: Descriptor?
    private var writer: Descriptor?
    private let place: Descriptor
    private let options: Pipe.Options
    private let writers: Int
    private let writersLeft: Atomic<Int>
    /// The numbers of the descriptors, while they are open.
    let readerNumber: CInt
    private(set) var writerNumber: CInt
    /// The bytes that fit.
    let size: Int

    init(_ plan: PipeWorkload) throws(Errno) {
        var options: Pipe.Options = []
        if !plan.isBlocking { options.insert(.nonblocking) }
        if plan.isPacket { options.insert(.packet) }
        self.options = options
        let pipe = try Pipe(options)
        if let size = plan.pipeSize { try pipe.setSize(size) }
        size = try pipe.size
        place = try pipe.place()
        let reader = try pipe.reader.duplicate()
        let writer = try pipe.writer.duplicate()
        readerNumber = reader.rawValue
        writerNumber = writer.rawValue
        self.reader = consume reader
        self.writer = consume writer
        writers = plan.writers
        writersLeft = Atomic(plan.writers)
    }

    /// Leaves it to other processes to read, or to write.
    func keep(reader isReader: Bool, writer isWriter: Bool) {
        if !isReader { reader = nil }
        if !isWriter { writer = nil }
    }

    /// A writer of this process has ended its slice; the last of these closes the end.
    ///
    /// - Parameter isAlone: whether the process has no other writer of this pipe.
    func writerLeaves(isAlone: Bool) {
        if isAlone
            || writersLeft.subtract(1, ordering: .acquiringAndReleasing).newValue == 0
        {
            writer = nil
        }
    }

    /// Opens the end to write to again, once all readers have come to the end of the stream.
    func reopenWriter() throws(Errno) {
        let again = try Pipe.openWriter(at: place, options)
        writerNumber = again.rawValue
        writer = consume again
        writersLeft.store(writers, ordering: .releasing)
    }
}
