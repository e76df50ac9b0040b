// SPDX-License-Identifier: GPL-3.0-or-later

import LabSupport
import Linux
import Testing

@testable import Guests

/// KVM that is there and runs nothing: an emulator that ends at once in QEMU's place.
@Suite struct AcceleratorProbeTests {
    private func probe(in directory: String) -> AcceleratorProbe {
        var probe = AcceleratorProbe(cache: "\(directory)/cache", isInterrupted: { false })
        probe.device = "/dev/null"
        return probe
    }

    /// A guest whose emulator writes a line for each time that it is started.
    private func guest(in directory: String) throws -> Guest {
        let emulator = "\(directory)/emulator"
        let script = try Descriptor.open(emulator, [.write, .create], mode: 0o700)
        try script.writeAll("#!/bin/sh\necho started >> \(directory)/starts\nexit 134\n")
        try script.close()
        return Guest(
            plan: GuestPlan(name: "a guest", image: emulator), agent: Built.agent,
            emulator: emulator, initramfs: "/dev/null")
    }

    private func starts(in directory: String) -> Int {
        (try? SystemFile.read("\(directory)/starts"))?.split(separator: "\n").count ?? 0
    }

    @Test func aFailureIsReportedAndKeptForAnHour() async throws {
        try await Scratch.with { directory in
            let (probe, guest) = (probe(in: directory), try guest(in: directory))
            let first = try await probe.choose(guest)
            #expect(first.accelerator == .tcg)
            #expect(first.reason?.contains("before its agent started") == true)
            let trials = starts(in: directory)
            #expect(trials > 0)
            #expect(try await probe.choose(guest).reason == first.reason)
            #expect(starts(in: directory) == trials)
            for name in try SystemFile.list("\(directory)/cache") {
                _ = try Command.run(["touch", "-d", "2 hours ago", "\(directory)/cache/\(name)"])
            }
            _ = try await probe.choose(guest)
            #expect(starts(in: directory) > trials)
        }
    }

    @Test func withoutTheDeviceNothingIsTried() async throws {
        try await Scratch.with { directory in
            var probe = probe(in: directory)
            probe.device = "\(directory)/kvm"
            let choice = try await probe.choose(try guest(in: directory))
            #expect(choice.accelerator == .tcg)
            #expect(choice.reason?.contains("cannot open") == true)
            #expect(starts(in: directory) == 0)
        }
    }
}
