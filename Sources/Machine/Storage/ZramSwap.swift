// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import Linux
import SystemPackage

/// Swap on a zram device of ours.
public enum ZramSwap {
    /// Makes a device of this size and swaps to it before anything else.
    ///
    /// - Returns: the device's path.
    /// - Throws: `failure` without zram, mkswap or root.
    @discardableResult
    public static func start(size: Int, changes: ChangeStack) throws(PlumblineError) -> String {
        let device = "/dev/zram\(try Zram.create(size: size, changes: changes))"
        try MakeFileSystem.run(
            MakeFileSystem.swapArguments(device), package: "util-linux", pulse: changes.pulse)
        try changes.make(.swapOff(path: device)) { () throws(PlumblineError) in
            try attempting("cannot swap to \(device)", remedy: "run as root") {
                () throws(Errno) in
                try Swap.start(device, priority: 32767)
            }
        }
        return device
    }
}
