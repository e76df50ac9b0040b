// SPDX-License-Identifier: GPL-3.0-or-later

import Configuration
import Linux
import SystemPackage

/// A block device opened with `O_EXCL`: nothing else can mount or claim it meanwhile.
final class DeviceClaim: Sendable {
    private let descriptor: Descriptor

    init(_ path: String) throws(PlumblineError) {
        do { descriptor = try Descriptor.open(path, [.readWrite, .exclusive]) } catch {
            throw .failure(
                "dio: cannot claim \(path): \(error)",
                remedy: error == .resourceBusy
                    ? "it is mounted or held: unmount it, or choose another" : "run as root")
        }
    }
}
