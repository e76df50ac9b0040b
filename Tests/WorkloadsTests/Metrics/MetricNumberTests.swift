// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import Cells
import Testing

@testable import Workloads

@Suite struct MetricNumberTests {
    private func request(_ unit: String) throws -> MetricRequest {
        try MetricRequest(parsing: "key:x").with(unit: unit)
    }

    private func number(_ text: String, unit: String = "") throws -> Double {
        try MetricNumber(text, of: request(unit)).value
    }

    private func reason(_ text: String, unit: String = "") throws -> MetricReason? {
        let request = try request(unit)
        do throws(MetricReason) {
            _ = try MetricNumber(text, of: request)
            return nil
        } catch {
            return error
        }
    }

    @Test(
        "numbers as programs print them",
        arguments: [
            ("1234", 1234), ("1,234", 1234), ("-1,234,567.5", -1_234_567.5), ("+7", 7),
            (".5", 0.5), ("5.", 5), ("1e3", 1000), ("-1.5E-3", -0.0015), ("1.21M", 1_210_000),
            ("12.3k", 12_300), ("12 Ki", 12_288), ("3G", 3e9), ("1T", 1e12), ("0", 0), (" 8 ", 8),
        ] as [(String, Double)])
    func plain(text: String, value: Double) throws {
        #expect(try number(text) == value)
    }

    @Test(
        "a unit behind the number is converted to the metric's",
        arguments: [
            ("12us", "ns", 12_000), ("12 usecs/op", "us/op", 12), ("1.5ms", "us", 1500),
            ("4.5GiB/s", "B/s", 4.5 * 1024 * 1024 * 1024), ("8 MB/sec", "KB/s", 8000),
            ("1MBps", "B/s", 1_000_000), ("1.21M", "IOPS", 1_210_000), ("1.21M", "KIOPS", 1210),
            ("2 Gbit/s", "Mbit/s", 2000), ("2 s", "ms", 2000), ("5%", "%", 5),
            ("7 frobs", "frobs", 7), ("1k", "frobs", 1000), ("3 ops", "", 3),
            ("3 Kops/s", "", 3000), ("3 /s", "", 3), ("12", "us", 12),
            ("1K", "B", 1000), ("1KiB", "B", 1024),
        ] as [(String, String, Double)])
    func converted(text: String, unit: String, value: Double) throws {
        #expect(try number(text, unit: unit) == value)
    }

    @Test(
        "what is not one number is refused",
        arguments: [
            "", "abc", "1,5", "1,23", "1,2345", "12,34,567", "0x12", "1.2.3", "12:30", "1_000",
            "12 34", "-", ".", "+-1", "12-13", "٣", "1.5 x2", "--5",
        ])
    func notNumbers(text: String) throws {
        guard case .notNumber = try reason(text) else {
            Issue.record("\(text): \(String(describing: try reason(text)))")
            return
        }
    }

    @Test func unitsOfAnotherKindAreRefused() throws {
        #expect(try reason("12us") == .otherUnit("12us"))
        #expect(try reason("12us", unit: "B") == .otherUnit("12us"))
        #expect(try reason("12 us/op", unit: "us") == .otherUnit("12 us/op"))
        #expect(try reason("12k", unit: "s") == .otherUnit("12k"))
        #expect(try reason("3 apples", unit: "pears") == .otherUnit("3 apples"))
        #expect(try reason("1e") == .otherUnit("1e"))
    }

    @Test func infiniteNumbersAndNoneAreRefused() throws {
        for text in ["nan", "-nan", "NaN", "inf", "-Infinity", "1e999", "1e308k"] {
            #expect(try reason(text) == .notFinite(text))
        }
    }

    @Test func powersOf1024AreTheAdaptersOwn() throws {
        let request = MetricRequest(
            name: "bw", .key("x"), unit: "B/s", usesBinaryPrefixes: true)
        #expect(try MetricNumber("2 MB/sec", of: request).value == 2 * 1024 * 1024)
    }
}
