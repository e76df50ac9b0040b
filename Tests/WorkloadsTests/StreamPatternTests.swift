// SPDX-License-Identifier: GPL-3.0-or-later

import Testing

@testable import Workloads

@Suite struct StreamPatternTests {
    private let pattern = StreamPattern(seed: 7)

    private func stream(_ count: Int, writer: Int, from position: UInt64) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: count)
        bytes.withUnsafeMutableBytes { pattern.fill($0, writer: writer, position: position) }
        return bytes
    }

    @Test("A stream is the same whatever pieces it is made in")
    func pieces() {
        let whole = stream(300, writer: 5, from: 1000)
        for cut in 0...64 {
            let first = stream(cut, writer: 5, from: 1000)
            let rest = stream(300 - cut, writer: 5, from: 1000 + UInt64(cut))
            #expect(first + rest == whole)
        }
        #expect(
            whole.indices.allSatisfy {
                whole[$0] == pattern.byte(writer: 5, position: 1000 + UInt64($0))
            })
    }

    @Test("Every whole unit tells its writer and place, and nothing else does")
    func places() {
        let bytes = stream(16 * 40, writer: 300, from: 1 << 40)
        bytes.withUnsafeBytes { raw in
            for at in 0...(raw.count - 16) {
                let found = pattern.place(raw.baseAddress! + at)
                #expect(found?.writer == (at % 16 == 0 ? 300 : nil))
                #expect(found?.position == (at % 16 == 0 ? 1 << 40 + UInt64(at) : nil))
            }
        }
        let other = StreamPattern(seed: 8)
        #expect(bytes.withUnsafeBytes { other.place($0.baseAddress!) } == nil)
    }

    @Test("A match ends at the first wrong byte, forward and backward")
    func matches() {
        for wrong in stride(from: 0, to: 100, by: 7) {
            var bytes = stream(100, writer: 1, from: 5)
            bytes[wrong] ^= 0x10
            bytes.withUnsafeBytes { raw in
                #expect(pattern.matchForward(raw, writer: 1, position: 5) == wrong)
                #expect(pattern.matchBackward(raw, writer: 1, position: 105) == 99 - wrong)
            }
        }
    }

    @Test("The sum adds up all bytes", arguments: [0, 1, 7, 8, 9, 1023, 1024, 1025, 5000])
    func sums(count: Int) {
        let bytes = stream(count, writer: 2, from: 3)
        let expected = bytes.reduce(UInt64(0)) { $0 + UInt64($1) }
        #expect(bytes.withUnsafeBytes { StreamPattern.sum($0) } == expected)
    }

    @Test("The sum does not overflow on the largest bytes")
    func largestSum() {
        let bytes = [UInt8](repeating: 255, count: 100_003)
        #expect(bytes.withUnsafeBytes { StreamPattern.sum($0) } == 255 * 100_003)
    }
}
