// SPDX-License-Identifier: GPL-3.0-or-later

import CShims

extension Submission {
    /// A read at `offset` (`IORING_OP_READ`, or `READ_FIXED` with a buffer's index).
    ///
    /// - Parameter bufferIndex: the registered buffer that holds `buffer`; nil for none.
    public static func read(
        _ file: Ring.File, into buffer: UnsafeMutableRawBufferPointer, at offset: Int,
        bufferIndex: Int? = nil, userData: UInt64 = 0
    ) -> Submission {
        let operation = bufferIndex == nil ? CSHIMS_RING_READ : CSHIMS_RING_READ_FIXED
        return Submission(
            operation: Int(operation), file: file, buffer: UnsafeRawBufferPointer(buffer),
            offset: offset, bufferIndex: bufferIndex, userData: userData)
    }

    /// A write at `offset` (`IORING_OP_WRITE`, or `WRITE_FIXED` with a buffer's index).
    ///
    /// - Parameter bufferIndex: the registered buffer that holds `buffer`; nil for none.
    public static func write(
        _ file: Ring.File, from buffer: UnsafeRawBufferPointer, at offset: Int,
        bufferIndex: Int? = nil, userData: UInt64 = 0
    ) -> Submission {
        let operation = bufferIndex == nil ? CSHIMS_RING_WRITE : CSHIMS_RING_WRITE_FIXED
        return Submission(
            operation: Int(operation), file: file, buffer: buffer, offset: offset,
            bufferIndex: bufferIndex, userData: userData)
    }

    /// An operation that does nothing (`IORING_OP_NOP`).
    public static func nothing(userData: UInt64 = 0) -> Submission {
        var submission = Submission()
        submission.user_data = userData
        return submission
    }

    private init(
        operation: Int, file: Ring.File, buffer: UnsafeRawBufferPointer, offset: Int,
        bufferIndex: Int?, userData: UInt64
    ) {
        self.init()
        self.operation = UInt8(operation)
        switch file {
        case .descriptor(let number): self.file = number
        case .registered(let index):
            self.file = Int32(truncatingIfNeeded: index)
            flags = UInt8(CSHIMS_RING_FIXED_FILE)
        }
        self.offset = UInt64(bitPattern: Int64(offset))
        address = UInt64(UInt(bitPattern: buffer.baseAddress))
        length = UInt32(buffer.count)
        buffer_index = UInt16(bufferIndex ?? 0)
        user_data = userData
    }
}
