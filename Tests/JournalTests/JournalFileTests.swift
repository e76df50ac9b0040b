// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import Glibc
import Linux
import SystemPackage
import Testing

@testable import Journal

struct JournalFileTests {
    private func written(_ name: String, events: [JournalEvent]) throws -> String {
        let path = Samples.path(name)
        let writer = try JournalWriter.create(at: path)
        try writer.append(Samples.header())
        for event in events { try writer.append(event) }
        return path
    }

    @Test func whatIsWrittenIsRead() throws {
        let path = try written("round", events: Samples.events)
        defer { try? SystemFile.unlink(path) }
        let journal = try StoredJournal(readingFrom: path)
        #expect(journal.header == Samples.header())
        let records = [Samples.slice(), Samples.fullSlice]
        #expect(journal.slices.map(\.reasons) == records.map(\.validity.reasons))
        #expect(journal.slices.map(\.isWarmup) == [false, true])
        #expect(try journal.details(of: journal.slices) == records.map(SliceDetail.init))
        #expect(journal.failures.map(\.arm) == [nil, .b])
        #expect(journal.firstBlocks == [Samples.cell.name: 3])
        #expect(journal.ending?.state == .interrupted)
        #expect(journal.warnings.isEmpty)
    }

    @Test func aJournalThatIsThereIsNotOverwritten() throws {
        let path = try written("exists", events: [])
        defer { try? SystemFile.unlink(path) }
        let before = try SystemFile.readBytes(path)
        let error = #expect(throws: PlumblineError.self) {
            _ = try JournalWriter.create(at: path)
        }
        #expect(error?.kind == .usage)
        #expect(error?.remedy.contains("--resume") == true)
        #expect(try SystemFile.readBytes(path) == before)
    }

    @Test func aSecondWriterIsToldThatAnotherPlumblineWrites() throws {
        let path = Samples.path("lock")
        defer { try? SystemFile.unlink(path) }
        let writer = try JournalWriter.create(at: path)
        try writer.append(Samples.header())
        for attempt in 0..<2 {
            let error = #expect(throws: PlumblineError.self) {
                if attempt == 0 {
                    _ = try JournalWriter.create(at: path)
                } else {
                    _ = try JournalWriter.resume(at: path).writer
                }
            }
            #expect(error?.message.contains("another plumbline is writing") == true)
        }
        try writer.append(Samples.events[0])
    }

    @Test func aLineThatDoesNotFitIsTakenBackAndALaterOneStandsWhole() throws {
        let path = try written("full", events: [])
        defer { try? SystemFile.unlink(path) }
        let size = try SystemFile.readBytes(path).count
        let (writer, _) = try JournalWriter.resume(at: path)
        let child = try ChildProcess.fork {
            signal(SIGXFSZ, SIG_IGN)
            var limit = rlimit(rlim_cur: rlim_t(size + 20), rlim_max: .max)
            guard setrlimit(__rlimit_resource_t(1), &limit) == 0 else { return 2 }
            if (try? writer.append(Samples.events[0])) != nil { return 3 }
            limit.rlim_cur = .max
            guard setrlimit(__rlimit_resource_t(1), &limit) == 0 else { return 4 }
            return (try? writer.append(.end(.init(state: .failed, at: 1)))) == nil ? 5 : 0
        }
        #expect(try child.wait() == .exited(0))
        let journal = try StoredJournal(readingFrom: path)
        #expect(journal.slices.isEmpty && journal.warnings.isEmpty)
        #expect(journal.ending?.state == .failed)
    }

    @Test func nothingIsLeftWhenNothingWasWritten() throws {
        let path = Samples.path("nothing")
        let writer = try JournalWriter.create(at: path)
        writer.removeIfEmpty()
        #expect(!SystemFile.exists(path))
    }

    @Test(arguments: ["/tmp", "/nonexistent/journal", "/dev/null", "/proc/journal"])
    func whatIsNoPlaceForAJournalIsRefusedByName(path: String) {
        let error = #expect(throws: PlumblineError.self) {
            _ = try JournalWriter.create(at: path)
        }
        #expect(error?.message.hasPrefix(path) == true)
        #expect(error?.remedy.isEmpty == false)
    }

    @Test func aJournalCutAtEveryByteResumesWithItsWholeSlices() throws {
        let events = (0..<3).map { JournalEvent.slice(Samples.slice(number: $0)) }
        let path = try written("cut", events: events)
        defer { try? SystemFile.unlink(path) }
        let whole = try SystemFile.readBytes(path)
        let ends = whole.indices.filter { whole[$0] == UInt8(ascii: "\n") }.map { $0 + 1 }
        let copy = Samples.path("cut-copy")
        defer { try? SystemFile.unlink(copy) }
        for length in 0...whole.count {
            try Samples.write(whole[..<length], to: copy)
            let complete = ends.filter { $0 <= length }
            guard let last = complete.last else {
                let (writer, journal) = try JournalWriter.resume(at: copy)
                #expect(journal == nil)
                try writer.append(Samples.header())
                #expect(try StoredJournal(readingFrom: copy).header == Samples.header())
                continue
            }
            let (writer, found) = try JournalWriter.resume(at: copy)
            let journal = try #require(found)
            // A slice's summary and its detail are a line each.
            let visits = Array(0..<complete.count / 2)
            #expect(journal.slices.map(\.number) == visits)
            #expect(journal.slices.count { $0.hasDetail } == (complete.count - 1) / 2)
            #expect(journal.warnings.isEmpty == (last == length))
            try writer.append(.slice(Samples.slice(number: 9)))
            #expect(
                try StoredJournal(readingFrom: copy).slices.map(\.number) == visits + [9])
        }
    }

    @Test func aFlippedBitInAMiddleLineIsRefusedWithTheLinesNumber() throws {
        let path = try written("flip", events: Samples.events)
        defer { try? SystemFile.unlink(path) }
        let whole = try SystemFile.readBytes(path)
        let newlines = whole.indices.filter { whole[$0] == UInt8(ascii: "\n") }
        for index in 0...newlines[2] {
            var damaged = whole
            damaged[index] ^= 1 << UInt8(index % 8)
            try Samples.write(damaged, to: path)
            let error = #expect(throws: PlumblineError.self) {
                try StoredJournal(readingFrom: path)
            }
            let line = (newlines.firstIndex { index <= $0 } ?? 0) + 1
            #expect(
                error?.message.hasPrefix("\(path): line \(line): ") == true,
                "byte \(index): \(error?.message ?? "")")
        }
    }

    @Test func anotherSchemaIsRefusedByItsNameAndThatOfItsReader() throws {
        let path = Samples.path("schema")
        defer { try? SystemFile.unlink(path) }
        for (header, reader) in [
            (#""schema":"plumbline.journal/9""#, "the version of plumbline that wrote it"),
            (#""schema":"plumbline.journal/2","tool_version":"0.1.0""#, "plumbline 0.1.0"),
        ] {
            try Samples.write(Array(#"{"kind":"header",\#(header)}"#.utf8) + [10], to: path)
            let error = #expect(throws: PlumblineError.self) {
                try StoredJournal(readingFrom: path)
            }
            #expect(error?.message.contains("is read by \(reader);") == true)
            #expect(error?.message.contains("plumbline.journal/3") == true)
            #expect(error?.remedy == "use \(reader), or measure again")
        }
    }

    @Test func aSliceOfAnUnknownCellOrOneThatStandsTwiceIsRefused() throws {
        for events in [
            [JournalEvent.slice(Samples.slice("other"))],
            [.slice(Samples.slice()), .slice(Samples.slice())],
        ] {
            let path = try written("strange", events: events)
            defer { try? SystemFile.unlink(path) }
            let error = #expect(throws: PlumblineError.self) {
                try StoredJournal(readingFrom: path)
            }
            #expect(error?.message.contains("line \(2 * events.count): ") == true)
        }
    }

    @Test func theChecksumIsTheStandardOne() {
        #expect(Checksum.crc32c("123456789".utf8) == 0xe306_9283)
    }
}
