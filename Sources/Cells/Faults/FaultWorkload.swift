// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import Linux

/// Operations in which the kernel's allocations fail, one after the other
/// (Documentation/fault-injection/fault-injection.rst).
///
/// It is no load to measure: it shows that a change's error paths lose neither data nor memory.
package struct FaultWorkload: WorkloadDescription {
    package static let name = "fault"
    package static let summary = "operations in which allocations fail in turn, on a debug kernel"
    /// Pipes are written and read back, files are read.
    package static let tracks = ["write", "read"]
    package static let rateUnit = RateUnit.bytes
    package static let keys = FaultSettings()
    package static let settings = keys.settings
    package static let nameHead = "{path}/{size}"
    package static let shortHead = "{path} [{size}]"

    /// Where allocations fail.
    package enum Path: String, SettingChoice, Sendable { case pipe, dio }

    /// Bytes of the pipe that shows whether all pages go.
    package static let auditedPipeSize = 1 << 20

    package let values: SettingValues
    package let path: Path
    package let size: Int
    /// Whether a failed allocation may fail its operation.
    package let mayFail: Bool
    /// Whether switches are flipped.
    package let flips: Bool
    /// Whether kmemleak is asked.
    package let scans: Bool
    /// A place for the file.
    package let storage: StorageSpec?

    package init(_ values: SettingValues) throws(PlumblineError) {
        let keys = Self.keys
        self.values = values
        path = values[keys.path]
        size = values[keys.size]
        mayFail = values[keys.enomem]
        flips = values[keys.flip]
        scans = values[keys.scan]
        if path == .dio, !size.isMultiple(of: MappedMemory.pageSize) {
            throw values.invalid(
                keys.size, "cannot be read with direct I/O",
                remedy: "choose a multiple of \(MappedMemory.pageSize)")
        }
        storage =
            path == .pipe
            ? nil
            : try StorageSpec(
                text: values[keys.storage], size: Self.fileSize(operations: size),
                directory: values[keys.directory], writes: true)
    }

    private static func fileSize(operations size: Int) -> Int { 16 * size }

    /// Bytes of the file: operations start again at its beginning.
    package var fileSize: Int { Self.fileSize(operations: size) }

    /// What is written to a pipe, or read from a file.
    package var rateTracks: [String] { path == .pipe ? ["write"] : ["read"] }

    /// Two buffers, and the largest pipe.
    package var bufferBytes: Int { 2 * size + Self.auditedPipeSize }

    /// None: nothing here is measured.
    package var slabCaches: [String] { [] }

    /// One: an allocation fails in the task that asked for it.
    package var layout: WorkerLayout { WorkerLayout(kind: .process, count: 1, timed: true) }
}

/// The settings of a fault workload.
package struct FaultSettings: SettingGroup {
    let path = SettingKey<FaultWorkload.Path>(
        "path", default: .pipe, help: "write to a pipe, or read a file with direct I/O")
    let size = SettingKey<Int>(
        "size", .size(1...1 << 20), default: 32 << 10,
        help: "bytes of an operation, which a pipe must hold")
    let enomem = SettingKey<Bool>(
        "enomem", .flag, default: false,
        help: "whether an operation may fail with ENOMEM or come short when an allocation failed")
    let flip = SettingKey<Bool>(
        "flip", .flag, default: false,
        help: "flip the run-time switches of the path's patches after each round of failures")
    let scan = SettingKey<Bool>(
        "scan", .flag, default: false,
        help: "ask kmemleak afterwards for memory that got lost, here or earlier: takes its time")
    let storage = CommonSettings.storage
    let directory = CommonSettings.directory
}
