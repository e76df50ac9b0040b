// SPDX-License-Identifier: GPL-3.0-or-later

/// CRC-32C, the checksum of iSCSI and ext4 (RFC 3720, appendix B.4).
enum Checksum {
    private static let table: [UInt32] = (0..<256).map { byte in
        (0..<8).reduce(UInt32(byte)) { crc, _ in
            crc & 1 == 1 ? (crc >> 1) ^ 0x82f6_3b78 : crc >> 1
        }
    }

    /// The checksum of these bytes.
    static func crc32c(_ bytes: some Sequence<UInt8>) -> UInt32 {
        ~bytes.reduce(UInt32.max) { crc, byte in
            (crc >> 8) ^ table[Int((crc ^ UInt32(byte)) & 0xff)]
        }
    }
}
