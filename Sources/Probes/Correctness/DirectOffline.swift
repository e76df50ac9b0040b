// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import Cells
import Linux
import Machine
import Protocol
import SystemPackage

/// What a CPU keeps of direct I/O's structures must be freed when it goes offline: those freed in a
/// task there, and those freed in hard interrupts.
///
/// It takes the last CPU offline and online again, so that it runs in guests only.
enum DirectOffline: Probe {
    static let name = "dio-offline"

    private static let batches = 8
    private static let fileBytes = 4 << 20

    static func run(
        on host: ProbeHost, into findings: inout ProbeFindings
    ) throws(PlumblineError) {
        guard host.isAlone else {
            try host.skip("it takes a CPU offline", remedy: "run it in a guest, with --kernel")
        }
        let all = try host.setUp("cannot tell the CPUs") { () throws(Errno) in
            try CPUSet.allowed()
        }
        guard let last = all.cpus.last, last > 0 else {
            try host.skip("there is one CPU only", remedy: "give the guest two with --cpus 2")
        }
        let control = "/sys/devices/system/cpu/cpu\(last)/online"
        guard SystemFile.exists(control) else {
            try host.skip("this kernel cannot take a CPU offline (CONFIG_HOTPLUG_CPU)")
        }
        try host.eachCompletion { (directory, words) throws(PlumblineError) in
            try check(
                Place(directory: directory, cpu: last, all: all, control: control),
                into: &findings, as: words, on: host)
        }
    }

    private struct Place {
        var directory: String
        var cpu: Int
        var all: CPUSet
        var control: String
    }

    private static func check(
        _ place: Place, into findings: inout ProbeFindings, as words: String, on host: ProbeHost
    ) throws(PlumblineError) {
        let path = "\(place.directory)/plumbline-probe-offline"
        defer { try? SystemFile.unlink(path) }
        let reads = try DirectReads.make(path, bytes: fileBytes, host)
        try host.tracing { (instance) throws(PlumblineError) in
            let trace = try DirectTrace(instance, host)
            var before = DirectTrace.Counts()
            let after = try trace.counting { () throws(PlumblineError) in
                defer { try? place.all.applyToCurrentThread() }
                try host.setUp("cannot run on CPU \(place.cpu)") { () throws(Errno) in
                    try CPUSet([place.cpu]).applyToCurrentThread()
                }
                try reads.read(batches: batches, path)
                before = try trace.countsSoFar()
                try? place.all.applyToCurrentThread()
                try host.setUp("cannot take CPU \(place.cpu) offline") { () throws(Errno) in
                    try SystemFile.write("0", to: place.control)
                }
                try attempting("cannot take CPU \(place.cpu) online again") { () throws(Errno) in
                    try SystemFile.write("1", to: place.control)
                }
            }
            try trace.require(batches * DirectReads.depth, in: before, completing: words)
            findings.count("\(words): kept by a CPU", Double(before.held), unit: "structures")
            findings.requireNone(after.held, words)
        }
    }
}

extension ProbeFindings {
    /// Requires that nothing is kept of reads on a CPU that went offline.
    mutating func requireNone(_ held: Int, _ words: String) {
        count("\(words): kept once it was offline", Double(held), unit: "structures")
        require(
            held <= 0, "\(words): \(held) structures were not freed when their CPU went offline")
    }
}
