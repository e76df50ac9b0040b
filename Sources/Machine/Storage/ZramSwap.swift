// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import Linux
import SystemPackage

/// Swap on a new zram device.
public enum ZramSwap {
    /// Makes a device of this many bytes and swaps to it before any other swap area.
    ///
    /// - Returns: the device's path.
    /// - Throws: `failure` without zram, mkswap or root.
    @discardableResult
    public static func start(size: Int, changes: ChangeStack) throws(PlumblineError) -> String {
        let device = try ZramStorage.create(size: size, changes: changes)
        try HelperProgram.require(
            ["mkswap", device], package: "util-linux", pulse: changes.pulse)
        try changes.make(
            .swapOff(path: device), failure: "cannot swap to \(device)", remedy: "run as root"
        ) { () throws(Errno) in
            try Swap.start(device, priority: 32767)
        }
        return device
    }
}
