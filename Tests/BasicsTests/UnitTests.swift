// SPDX-License-Identifier: GPL-3.0-or-later

import Testing

@testable import Basics

@Suite("Sizes, times and numbers") struct UnitTests {
    @Test(
        "a size is read with fio's suffixes as powers of 1024",
        arguments: [
            ("0", 0), ("4096", 4096), ("4k", 4096), ("64K", 65536), ("64KiB", 65536),
            ("1m", 1 << 20), ("1.5m", 3 << 19), ("2g", 2 << 30), ("1T", 1 << 40), ("17b", 17),
        ])
    func readsSizes(text: String, bytes: Int) {
        #expect(ByteSize(text)?.bytes == bytes)
    }

    @Test(
        "what is no size is refused",
        arguments: ["", "k", "-1", "4q", "4 k", "1e3", "0.3", "99999999999g", "١k", "4kk", "."])
    func refusesSizes(text: String) {
        #expect(ByteSize(text) == nil)
    }

    @Test(
        "a printed size reads back as the same bytes",
        arguments: [
            0, 1, 512, 4095, 4096, 4097, 65536, 98304, 1 << 20, 3 << 19, 1 << 30, 5 << 38,
            (1 << 31) - 1, 131136 << 10,
        ])
    func sizesReadBack(bytes: Int) {
        #expect(ByteSize(ByteSize(bytes).description)?.bytes == bytes)
    }

    @Test("a rounded size has a tenth of its unit, from 64 KiB on")
    func roundedSizes() {
        #expect(ByteSize(131136 << 10).approximate == "128.1MiB")
        #expect(ByteSize(131136 << 10).description == "131136KiB")
        #expect(ByteSize(Int(Int32.max)).approximate == "2.0GiB")
        for bytes in [10000, 64 << 10, 3 << 19, 200 << 40] {
            #expect(ByteSize(bytes).approximate == ByteSize(bytes).description)
        }
    }

    @Test(
        "a time needs its unit",
        arguments: [
            ("500ms", 500_000_000), ("0.5s", 500_000_000), ("250us", 250_000), ("20ns", 20),
            ("2m", 120_000_000_000), ("1h", 3_600_000_000_000),
        ])
    func readsTimes(text: String, nanoseconds: Int) {
        #expect(Duration.nanoseconds(parsing: text) == nanoseconds)
    }

    @Test(
        "what is no time is refused",
        arguments: ["", "5", "s", "-1s", "1 s", "1d", "1e9s", "infs", "99999999999999h"])
    func refusesTimes(text: String) {
        #expect(Duration.nanoseconds(parsing: text) == nil)
    }

    @Test("numbers print with the digits asked for")
    func printsNumbers() {
        #expect(Decimal.fixed(1.005, 1) == "1.0")
        #expect(Decimal.fixed(0.999, 2) == "1.00")
        #expect(Decimal.fixed(-0.04, 1) == "0.0")
        #expect(Decimal.fixed(-2.25, 1) == "-2.3")
        #expect(Decimal.fixed(1234.5, 0) == "1235")
        #expect(Decimal.rate(605_432) == "605K")
        #expect(Decimal.rate(1_423_000) == "1.42M")
        #expect(Decimal.time(nanoseconds: 823) == "823ns")
        #expect(Decimal.time(nanoseconds: 14_230) == "14.2us")
        #expect(Decimal.time(nanoseconds: 1_050_000) == "1.05ms")
    }
}
