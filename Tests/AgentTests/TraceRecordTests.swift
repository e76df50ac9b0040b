// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import Linux
import Machine
import Testing

@testable import Agent

/// The kernel's trace buffers, read as it keeps them.
@Suite struct TraceRecordTests {
    @Test(
        "the records of a page are the lines that the kernel prints", arguments: TraceSample.names)
    func sameAsText(_ name: String) throws {
        let sample = try TraceSample(name)
        func key(_ thread: Int32, _ cpu: Int, _ event: some StringProtocol, _ what: String)
            -> String
        { "\(thread) \(cpu) \(event) \(what)" }
        // Functions, their callers and call sites by name, page frames and file offsets by number.
        let lines = TraceLine.all(in: sample.text).filter { $0.event != "<stack" }.map { line in
            let site = line["call_site"]?.prefix { $0 != "+" && $0 != "." }
            let caller = line.text.hasPrefix("<-") ? line.text.prefix { $0 != "." } : nil
            let number = (line["pfn"] ?? "").dropFirst(2)
            return key(
                line.thread, line.cpu, line.event, String(site ?? caller?.dropFirst(2) ?? number))
        }
        let records = sample.records.compactMap { record -> String? in
            let event = TracedEvent(rawValue: record.event)
            let function = sample.symbols.name(of: record.fields.0) ?? "?"
            switch event {
            case .stack, nil: return nil
            case .function:
                let caller = sample.symbols.name(of: record.fields.1) ?? "?"
                return key(record.thread, record.cpu, function, caller)
            case .kmalloc, .cacheAlloc:
                let name = event == .kmalloc ? "kmalloc" : "kmem_cache_alloc"
                return key(record.thread, record.cpu, name, function)
            case .pageAlloc:
                let frame = String(record.fields.0, radix: 16)
                return key(record.thread, record.cpu, "mm_page_alloc", frame)
            case let event?:
                let name = event.path.split(separator: "/")[1]
                return key(record.thread, record.cpu, name, "")
            }
        }
        #expect(lines.count > 200)
        #expect(records.sorted() == lines.sorted())
    }

    @Test("a stack has the functions that the kernel prints", arguments: TraceSample.names)
    func stacks(_ name: String) throws {
        let sample = try TraceSample(name)
        let printed = sample.text.split(separator: "\n").filter { $0.hasPrefix("=> ") }
            .map { String($0.dropFirst(3).prefix { $0 != "." }) }
        let read = sample.records.filter { $0.event == TracedEvent.stack.rawValue }
            .flatMap { $0.stack.map { sample.symbols.name(of: $0 &- 1) ?? "?" } }
        #expect(!printed.isEmpty)
        #expect(read.sorted() == printed.sorted())
    }

    @Test("a page that is cut off anywhere, or of random bytes, ends without a crash")
    func damaged() throws {
        let sample = try TraceSample("6.12-pipe")
        let bytes = sample.pages[0].bytes
        for count in 0..<bytes.count {
            let found = TraceSample.records(Array(bytes[..<count]), cpu: 0, sample.formats)
            #expect(found.count <= bytes.count / 8)
        }
        var generator = SplitMix64(seed: 1)
        for _ in 0..<2000 {
            var bytes = bytes
            for _ in 0..<20 {
                bytes[generator.below(bytes.count)] = UInt8(generator.below(256))
            }
            _ = TraceSample.records(bytes, cpu: 0, sample.formats)
        }
    }

    @Test("functions are found by any address in them, and nothing before the first one")
    func symbols() {
        let text = """
            ffffffff81000000 T first
            ffffffff81000100 t second.part.0
            ffffffff81000180 D data
            ffffffff81000200 W third
            ffffffffa0000000 t module_function\t[module]
            """
        let symbols = KernelSymbols(Array(text.utf8))
        #expect(symbols.name(of: 0xffff_ffff_8100_0000) == "first")
        #expect(symbols.name(of: 0xffff_ffff_8100_00ff) == "first")
        #expect(symbols.name(of: 0xffff_ffff_8100_01ff) == "second")
        #expect(symbols.name(of: 0xffff_ffff_a000_0010) == "module_function")
        #expect(symbols.name(of: 0xffff_ffff_80ff_ffff) == nil)
    }
}
