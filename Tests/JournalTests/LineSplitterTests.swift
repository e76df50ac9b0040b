// SPDX-License-Identifier: GPL-3.0-or-later

import Testing

@testable import Protocol

struct LineSplitterTests {
    @Test(arguments: 1...12)
    func linesAreTheSameHoweverTheStreamIsCut(size: Int) {
        let stream = Array("one\n\ntwo and more\nthr".utf8)
        var splitter = LineSplitter()
        var lines: [LineSplitter.Line] = []
        for start in stride(from: 0, to: stream.count, by: size) {
            lines += splitter.feed(stream[start..<min(start + size, stream.count)])
        }
        #expect(
            lines == ["one", "", "two and more"].map { .complete(Array($0.utf8)) })
        #expect(splitter.unfinished == 3)
    }

    @Test(arguments: [1, 3, 100])
    func aLineOverTheLimitIsLeftOutAndTheNextOneRead(size: Int) {
        let stream = Array("12345678\n123456789\nabc\n".utf8)
        var splitter = LineSplitter(limit: 8)
        var lines: [LineSplitter.Line] = []
        for start in stride(from: 0, to: stream.count, by: size) {
            lines += splitter.feed(stream[start..<min(start + size, stream.count)])
        }
        #expect(
            lines == [
                .complete(Array("12345678".utf8)), .tooLong(9), .complete(Array("abc".utf8)),
            ])
    }
}
