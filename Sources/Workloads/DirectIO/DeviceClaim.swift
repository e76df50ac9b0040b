// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import Linux
import Synchronization
import SystemPackage

/// A block device opened with `O_EXCL`: nothing else can mount or claim it meanwhile.
final class DeviceClaim: Sendable {
    private struct Holder {
        weak var claim: DeviceClaim?
    }

    /// The kernel grants one claim a device: those who use it at the same time share it.
    private static let holders = Mutex<[String: Holder]>([:])

    private let descriptor: Descriptor

    /// The claim on a device.
    static func shared(_ path: String) throws(PlumblineError) -> DeviceClaim {
        if let claim = holders.withLock({ $0[path]?.claim }) { return claim }
        let claim = try DeviceClaim(path)
        holders.withLock { $0[path] = Holder(claim: claim) }
        return claim
    }

    private init(_ path: String) throws(PlumblineError) {
        do { descriptor = try Descriptor.open(path, [.readWrite, .exclusive]) } catch {
            throw .failure(
                "dio: cannot claim \(path): \(error)",
                remedy: Self.remedy(error, isRoot: ChildProcess.userID == 0))
        }
    }

    /// What may help against a refused claim.
    static func remedy(_ error: Errno, isRoot: Bool) -> String {
        switch error {
        case .resourceBusy: "it is mounted or held: unmount it, or choose another"
        case .readOnlyFileSystem: "it is read-only: choose another"
        case .permissionDenied, .notPermitted:
            isRoot
                ? "root may not write to it either: it is read-only, or this container's device "
                    + "rules forbid it; choose another" : "run as root"
        default: "choose another device"
        }
    }
}
