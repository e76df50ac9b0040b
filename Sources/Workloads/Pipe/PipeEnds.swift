// SPDX-License-Identifier: GPL-3.0-or-later

import Cells
import Linux
import Synchronization
import SystemPackage

/// Both ends of one pipe, each closed once nobody of this process uses it any more.
///
/// Worker threads share the ends: the last writer to leave closes the one to write to, so that
/// readers come to the end of the stream; the last reader to leave closes the other, so that no
/// writer waits for a reader that is gone.
final class PipeEnds: @unchecked Sendable {
    // Changed only where no other thread can use them: before threads start, and by the last to
    // leave, whose decrement orders it after the others.
    private var reader: Descriptor?
    private var writer: Descriptor?
    private let readersLeft: Atomic<Int>
    private let writersLeft: Atomic<Int>
    /// The numbers of the descriptors, while they are open.
    let readerNumber: CInt
    let writerNumber: CInt
    /// The bytes that fit.
    let size: Int

    init(_ plan: PipeWorkload) throws(Errno) {
        var options: Pipe.Options = []
        if !plan.isBlocking { options.insert(.nonblocking) }
        if plan.isPacket { options.insert(.packet) }
        let pipe = try Pipe(options)
        if let size = plan.pipeSize { try pipe.setSize(size) }
        size = try pipe.size
        let reader = try pipe.reader.duplicate()
        let writer = try pipe.writer.duplicate()
        readerNumber = reader.rawValue
        writerNumber = writer.rawValue
        self.reader = consume reader
        self.writer = consume writer
        readersLeft = Atomic(plan.readers)
        writersLeft = Atomic(plan.writers)
    }

    /// Leaves it to other processes to read, or to write.
    func keep(reader isReader: Bool, writer isWriter: Bool) {
        if !isReader { reader = nil }
        if !isWriter { writer = nil }
    }

    /// A writer of this process is done.
    func writerLeaves() {
        if writersLeft.subtract(1, ordering: .acquiringAndReleasing).newValue == 0 { writer = nil }
    }

    /// A reader of this process is done.
    func readerLeaves() {
        if readersLeft.subtract(1, ordering: .acquiringAndReleasing).newValue == 0 { reader = nil }
    }
}
