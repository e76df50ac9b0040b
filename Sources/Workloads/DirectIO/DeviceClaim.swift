// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import Linux
import SystemPackage

/// A block device opened with `O_EXCL`: nothing else can mount or claim it meanwhile.
final class DeviceClaim: Sendable {
    private let descriptor: Descriptor

    init(_ path: String) throws(PlumblineError) {
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
