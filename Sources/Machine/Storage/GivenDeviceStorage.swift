// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import Linux
import SystemPackage

/// A raw block device that the user gives.
enum GivenDeviceStorage: StorageKind {
    static func plannedChanges(_ spec: StorageSpec, in tree: SystemTree) -> [PlannedChange] {
        spec.writes
            ? [PlannedChange("overwrite \(spec.device), whose data is lost")]
            : [PlannedChange("read \(spec.device)")]
    }

    static func prepare(
        _ spec: StorageSpec, changes: ChangeStack
    ) throws(PlumblineError) -> PreparedStorage {
        let path = spec.device
        let device = try BlockDevice(path: path)
        guard device.size >= spec.size else {
            throw .usage(
                "\(path) has \(ByteSize(device.size)); the workload needs \(ByteSize(spec.size))",
                remedy: "lower size, or give a larger device")
        }
        let warnings = spec.writes ? try DestructiveGuard.check(device) : []
        do { try Descriptor.open(path).close() } catch {
            if error == .interrupted { throw PlumblineError(.interrupted, "interrupted") }
            throw .failure(
                "cannot open \(path): \(error)", remedy: DestructiveGuard.openingRemedy(error))
        }
        return PreparedStorage(device: path, warnings: warnings, changes: changes)
    }
}
