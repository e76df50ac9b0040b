// SPDX-License-Identifier: GPL-3.0-or-later

import AgentClient
import Basics
import Kernels
import Linux

/// Finds out whether KVM works by booting a guest: on some machines KVM opens, and even runs some
/// instructions, and boots no kernel.
struct AcceleratorProbe: Sendable {
    /// An accelerator, and why it is not KVM; nil with KVM.
    typealias Choice = (accelerator: Accelerator, reason: String?)

    var device = "/dev/kvm"
    /// The limit of a guest's silence, a few seconds more than any guest with KVM takes.
    var startTimeout = Duration.seconds(6)
    /// Seconds for which a failure is kept.
    private static let failureKept = 3600
    private let cache: String
    private let isInterrupted: @Sendable () -> Bool

    /// - Parameter cache: the directory that keeps the results.
    init(cache: String, isInterrupted: @escaping @Sendable () -> Bool) {
        self.cache = cache
        self.isInterrupted = isInterrupted
    }

    /// Chooses KVM when a trial boot of this guest reaches its greeting, else emulation.
    ///
    /// The result is kept for this boot of the machine and this image; a failure for an hour only,
    /// as a busy machine may be the reason.
    func choose(_ guest: Guest) async throws(PlumblineError) -> Choice {
        if guest.plan.metric == .instructions { return (.tcg, nil) }
        do {
            try Descriptor.open(device, .readWrite).close()
        } catch {
            return (.tcg, "cannot open \(device): \(error)")
        }
        if let kept = kept(guest) { return kept }
        var trial = guest
        trial.plan.accelerator = .kvm
        trial.plan.name = "a trial guest with KVM"
        var configuration = trial.configuration()
        configuration.startTimeout = startTimeout
        var choice: Choice = (.kvm, nil)
        do throws(PlumblineError) {
            _ = try await AgentDriver.greeting(of: configuration, isInterrupted: isInterrupted)
        } catch {
            if error.kind == .interrupted { throw error }
            let line = error.message.split(separator: "\n").first ?? ""
            choice = (.tcg, String(line))
        }
        keep(choice, guest)
        return choice
    }

    private func kept(_ guest: Guest) -> Choice? {
        let file = file(guest)
        guard let text = try? SystemFile.read(file), text.hasSuffix("\n") else { return nil }
        let parts = text.dropLast().split(separator: " ", maxSplits: 1).map(String.init)
        guard let accelerator = parts.first.flatMap(Accelerator.init) else { return nil }
        if accelerator == .kvm {
            CacheFile.touch(file)
        } else if (CacheFile(file)?.age ?? 0) > Self.failureKept {
            return nil
        }
        return (accelerator, parts.count > 1 ? parts[1] : nil)
    }

    /// Keeps a result; after an error the next run tries again.
    private func keep(_ choice: Choice, _ guest: Guest) {
        CacheFile.pruneUnused(in: cache, beginningWith: UserCache.acceleratorPrefix)
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
        return "\(cache)/\(UserCache.acceleratorPrefix)\(boot.prefix(8))-\(image)-"
            + "\(guest.plan.cpus)"
    }
}
