// SPDX-License-Identifier: GPL-3.0-or-later

import AgentClient
import Basics
import Journal
import Kernels
import Linux
import SystemPackage

/// Finds out whether KVM runs a guest, by booting it: there are KVMs that open, and even run some
/// instructions, and run no kernel.
public struct AcceleratorProbe: Sendable {
    /// The device.
    public var device = "/dev/kvm"
    /// How long a guest that KVM runs may be silent, which is a few seconds slower than any is.
    public var patience = Duration.seconds(6)
    /// How long a failure is believed, in seconds.
    private static let failureKept = 3600
    /// What the names of the files begin with that keep what was found out.
    static let prefix = UserCache.acceleratorPrefix
    private let cache: String
    private let isInterrupted: @Sendable () -> Bool

    /// A probe that keeps what it found out in this directory.
    public init(cache: String, isInterrupted: @escaping @Sendable () -> Bool) {
        self.cache = cache
        self.isInterrupted = isInterrupted
    }

    /// Chooses KVM where a trial boot of this very guest reaches its greeting, else emulation.
    ///
    /// What came of it is kept for this boot of the machine and this image; a failure for an hour
    /// only, as a busy machine may be the reason.
    ///
    /// - Throws: `interrupted`.
    public func choose(_ guest: Guest) async throws(PlumblineError) -> AcceleratorChoice {
        if guest.plan.lens == .instructions { return AcceleratorChoice(.tcg) }
        do {
            try Descriptor.open(device, .readWrite).close()
        } catch {
            return AcceleratorChoice(.tcg, because: "\(device) cannot be opened: \(error)")
        }
        if let kept = kept(guest) { return kept }
        var plan = guest.plan
        plan.accelerator = .kvm
        plan.name = "a trial guest with KVM"
        let trial = Guest(
            plan: plan, agent: guest.agent, emulator: guest.emulator, initramfs: guest.initramfs)
        var configuration = trial.configuration()
        configuration.startTimeout = patience
        var choice = AcceleratorChoice(.kvm)
        do throws(PlumblineError) {
            _ = try await AgentTrial.greeting(of: configuration, isInterrupted: isInterrupted)
        } catch {
            if error.kind == .interrupted { throw error }
            let line = error.message.split(separator: "\n").first ?? ""
            choice = AcceleratorChoice(.tcg, because: String(line))
        }
        keep(choice, guest)
        return choice
    }

    private func kept(_ guest: Guest) -> AcceleratorChoice? {
        guard let text = try? SystemFile.read(file(guest)), text.hasSuffix("\n") else { return nil }
        let parts = text.dropLast().split(separator: " ", maxSplits: 1)
        guard let first = parts.first, let accelerator = Accelerator(rawValue: String(first))
        else { return nil }
        if accelerator == .kvm {
            CacheFile.touch(file(guest))
        } else if (CacheFile(file(guest))?.age ?? 0) > Self.failureKept {
            return nil
        }
        return AcceleratorChoice(
            accelerator, because: parts.count > 1 ? String(parts[1]) : nil)
    }

    /// A choice that cannot be kept is found out anew.
    private func keep(_ choice: AcceleratorChoice, _ guest: Guest) {
        CacheFile.pruneUnused(in: cache, beginningWith: Self.prefix)
        guard (try? UserCache.makeDirectory(cache)) != nil,
            let file = try? Descriptor.open(file(guest), [.write, .create, .truncate])
        else { return }
        let reason = choice.reason.map { " \($0)" } ?? ""
        try? file.writeAll("\(choice.accelerator.rawValue)\(reason)\n")
    }

    private func file(_ guest: Guest) -> String {
        let boot = (try? SystemFile.read("/proc/sys/kernel/random/boot_id")) ?? ""
        let facts = try? Descriptor.open(guest.plan.image).facts()
        let image = "\(facts?.inode ?? 0)-\(facts?.size ?? 0)"
        return "\(cache)/\(Self.prefix)\(boot.prefix(8))-\(image)-\(guest.plan.cpus)"
    }
}
