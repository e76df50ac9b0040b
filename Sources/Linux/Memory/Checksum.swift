// SPDX-License-Identifier: GPL-3.0-or-later

import CShims

/// CRC-32C, the checksum of iSCSI and ext4 (RFC 3720, appendix B.4).
public enum Checksum {
    /// The checksum of these bytes.
    public static func crc32c(_ bytes: some Sequence<UInt8>) -> UInt32 {
        if let crc = bytes.withContiguousStorageIfAvailable({ crc32c(UnsafeRawBufferPointer($0)) })
        {
            return crc
        }
        return Array(bytes).withUnsafeBytes { crc32c($0) }
    }

    /// The checksum of these bytes, after those of which `before` is the checksum.
    @inlinable
    public static func crc32c(_ bytes: UnsafeRawBufferPointer, after before: UInt32 = 0) -> UInt32 {
        cshims_crc32c(before, bytes.baseAddress, UInt64(bytes.count))
    }
}
