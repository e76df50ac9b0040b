// SPDX-License-Identifier: GPL-3.0-or-later

import Configuration
import Journal
import Testing

@testable import Reports

struct VerdictTextTests {
    private static let cells = [
        "pipe/1w1r/64KiB/1MiB/none", "pipe/2w1r/64KiB/1MiB/memcg",
        "dio/randread/4KiB/qd32/io_uring/zram:ext4/none", "splice/tee/none", "pipe/5w5r/none",
    ]

    static func journal() -> StoredJournal {
        var builder = JournalBuilder(cells: cells)
        builder.add(24, of: cells[0], effect: 1.026, latency: true)
        builder.add(20, of: cells[1], effect: 0.9, noise: 0.03)
        builder.add(4, of: cells[1]) { slice in
            if slice.position == 1 {
                slice.validity = Validity([.unpressured: "the kernel reclaimed 3 pages a second"])
            }
        }
        builder.add(24, of: cells[2], noise: 0.005)
        builder.add(24, of: cells[3], noise: 0.08)
        builder.add(6, of: cells[4])
        builder.journal.add(
            .cellFailed(
                .init(
                    cell: cells[4], arm: "B", visit: 12,
                    error: .failure("write: EINVAL", remedy: "see what the kernel says"))))
        return builder.ended()
    }

    @Test func aReportReadsLikeThis() throws {
        #expect(try VerdictReport(Self.journal()).text() == "")
    }

    @Test func noLineIsLongerThanEightyColumns() throws {
        for line in try VerdictReport(Self.journal()).text().split(separator: "\n") {
            #expect(line.count <= 80, "\(line)")
        }
    }

    @Test func coloursChangeNothingButTheColours() throws {
        let report = try VerdictReport(Self.journal())
        var plain = report.text(style: .colored)
        #expect(plain.contains("\u{1b}[31m") && plain.contains("\u{1b}[32m"))
        for code in ["0", "1", "2", "31", "32", "33"] {
            plain = plain.split(separator: "\u{1b}[\(code)m", omittingEmptySubsequences: false)
                .joined()
        }
        #expect(plain == report.text())
    }

    @Test func aCalibrationIsShownAndAMissedBandIsSaidLoudly() throws {
        var report = try VerdictReport(Self.journal())
        var record = CalibrationRecord(
            machine: .init(JournalBuilder.host), at: 1, slice: 500_000_000, seed: 1,
            comparisons: 200, rejections: 9, fewest: 4, most: 16, cells: [])
        report.calibration = record
        #expect(report.text().contains("9 of 200 (4 to 16 are in order)."))
        record.rejections = 31
        report.calibration = record
        #expect(report.text().contains("THE BAND IS MISSED"))
        #expect(report.document.calibration == record)
        record.machine.cpus = 64
        report.calibration = record
        #expect(!report.text().contains("31 of 200"))
    }
}
