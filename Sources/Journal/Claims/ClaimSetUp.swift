// SPDX-License-Identifier: GPL-3.0-or-later

import Basics

/// The set-up that a published figure was made on. What was not published is absent, and any
/// value of it is accepted.
public struct ClaimSetUp: Codable, Sendable, Equatable {
    /// What executes the kernel's instructions.
    public enum Platform: String, Codable, Sendable, CaseIterable {
        /// The CPU, without a hypervisor.
        case hardware
        /// The CPU, in a virtual machine.
        case virtual
        /// A program, such as QEMU's TCG.
        case emulated
    }

    /// Its name in the file of claims.
    public var name: String
    /// `uname -m`.
    public var architecture: String?
    /// CPUs at least.
    public var cpus: Int?
    /// What executed the kernel.
    public var platform: Platform?
    /// Kernel versions, such as 6.12; any one of them.
    public var kernels: [String]?
    /// The kind of memory pressure.
    public var pressure: String?
    /// Settings of the pressure.
    public var pressureSettings: [String: SettingValue]?
    /// The pressure in words, such as the command line of the hogs.
    public var pressureText: String?
    /// The program that made the pressure.
    public var program: String?
    /// The context in which requests completed, by its name in `StorageSpec.Completion`.
    public var completion: String?
    /// Settings of the workload, such as `iodepth`.
    public var settings: [String: SettingValue]?
    /// The benchmark, with its options.
    public var tool: String?

    private enum CodingKeys: String, CodingKey {
        case name, architecture, cpus, platform, kernels, pressure
        case pressureSettings = "pressure_settings"
        case pressureText = "pressure_text"
        case program, completion, settings, tool
    }

    /// A set-up of which nothing else is known.
    public init(name: String) { self.name = name }
}
