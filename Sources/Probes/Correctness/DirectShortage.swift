// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import Linux
import Machine
import Protocol
import SystemPackage
import Workloads

/// Direct reads of a file of which one allocation fails: what a read says that it read is there.
enum DirectShortage: Probe {
    static let name = "dio-enomem"

    private static let block = 4096

    static func run(
        on host: ProbeHost, into findings: inout ProbeFindings
    ) throws(PlumblineError) {
        try Shortage.require(host)
        let pattern = StreamPattern(seed: host.seed)
        try host.eachCompletion { (directory, words) throws(PlumblineError) in
            let path = "\(directory)/plumbline-probe-enomem"
            defer { try? SystemFile.unlink(path) }
            let file = try host.setUp("cannot open \(path) for direct I/O") { () throws(Errno) in
                try DirectReads.fill(path, bytes: 1 << 20, with: pattern)
                return try DirectFile(path)
            }
            try attempting("cannot have allocations fail") { () throws(Errno) in
                for blocks in [1, 8] {
                    try check(file, blocks: blocks, pattern, into: &findings, as: words)
                }
            }
        }
    }

    private static func check(
        _ file: borrowing DirectFile, blocks: Int, _ pattern: StreamPattern,
        into findings: inout ProbeFindings, as words: String
    ) throws(Errno) {
        let bytes = blocks * block
        let memory = try MappedMemory(bytes: bytes)
        let fault = try FailNth()
        let number = file.descriptor.rawValue
        let shortage = Shortage(words: "\(words): a read of \(bytes) bytes", bytes: bytes)
        try shortage.run(into: &findings) { (allocation) throws(Errno) in
            // The bytes of an earlier read prove nothing.
            memory.clear()
            try fault.arm(allocation)
            let got = RawCall.read(number, into: memory.bytes.baseAddress, count: bytes, at: 0)
            var trial = Shortage.Trial(answer: got, hasFailed: try fault.disarm())
            let right = pattern.matchForward(
                UnsafeRawBufferPointer(memory.bytes), writer: 0, position: 0)
            if right < got { trial.complaint = "\(right) bytes are right" }
            return trial
        }
    }
}
