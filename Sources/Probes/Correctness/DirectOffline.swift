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

    static func run(on host: ProbeHost) throws(PlumblineError) -> ProbeFindings {
        guard host.isAlone else {
            return .skipped("it takes a CPU offline: run it in a guest, with --kernel")
        }
        let all = try attempting("sched_getaffinity") { () throws(Errno) in try CPUSet.allowed() }
        guard let last = all.cpus.last, last > 0 else { return .skipped("there is one CPU only") }
        let control = "/sys/devices/system/cpu/cpu\(last)/online"
        guard SystemFile.exists(control) else {
            return .skipped("this kernel cannot take a CPU offline (CONFIG_HOTPLUG_CPU)")
        }
        var findings = ProbeFindings()
        try host.eachCompletion { (directory, words) throws(PlumblineError) in
            try check(
                Place(directory: directory, cpu: last, all: all, control: control),
                into: &findings, as: words, on: host)
        }
        return findings
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
        try attempting("cannot make \(path)") { () throws(Errno) in
            try DirectReads.fill(path, bytes: fileBytes)
        }
        defer { try? SystemFile.unlink(path) }
        try host.tracing { (instance) throws(PlumblineError) in
            let trace = try DirectTrace(instance)
            var before = 0
            let counts = try trace.counting { () throws(PlumblineError) in
                try attempting("cannot read \(path) on CPU \(place.cpu)") { () throws(Errno) in
                    try CPUSet([place.cpu]).applyToCurrentThread()
                    defer { try? place.all.applyToCurrentThread() }
                    let reads = try DirectReads(path, bytes: fileBytes)
                    try reads.read(batches: batches)
                }
                let now = try trace.countsSoFar()
                before = now.allocated - now.freed
                try attempting("cannot write to \(place.control)") { () throws(Errno) in
                    try SystemFile.write("0", to: place.control)
                    try SystemFile.write("1", to: place.control)
                }
            }
            try? place.all.applyToCurrentThread()
            let after = counts.allocated - counts.freed
            findings.count("\(words): kept by a CPU", Double(before), unit: "structures")
            findings.count("\(words): kept once it was offline", Double(after), unit: "structures")
            findings.require(
                after <= 0,
                "\(words): \(after) structures were not freed when their CPU went offline")
        }
    }
}
