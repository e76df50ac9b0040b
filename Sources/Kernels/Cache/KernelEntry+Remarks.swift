// SPDX-License-Identifier: GPL-3.0-or-later

extension KernelEntry {
    /// How many options a remark names.
    private static let named = 8

    /// Where the kernel's configuration is not what a comparison with the distribution's kernel
    /// takes for granted, a sentence each; empty for our own variants.
    public var remarks: [String] {
        var remarks: [String] = []
        if !unfaithfulOptions.isEmpty {
            remarks.append(
                "the source did not take \(Self.list(unfaithfulOptions)) as the distribution has "
                    + "\(unfaithfulOptions.count == 1 ? "it" : "them")")
        }
        if !absentOptions.isEmpty {
            remarks.append(
                "the source does not know \(Self.list(absentOptions)) of the distribution")
        }
        if let configurationFile, !deviations.isEmpty {
            remarks.append(
                "with \(configurationFile) it differs from the distribution in "
                    + Self.list(deviations.map(\.option)))
        }
        return remarks
    }

    /// Every option in which it is not like the distribution's kernel, and why.
    public var differences: [String] {
        deviations.map { "\($0.option)=\($0.guest), not \($0.distribution): \($0.reason)" }
            + unfaithfulOptions.map { "\($0): not as the distribution: the source did not take it" }
            + absentOptions.map { "\($0): not as the distribution: the source does not know it" }
    }

    private static func list(_ options: [String]) -> String {
        let more = options.count - named
        return options.prefix(named).map { "CONFIG_\($0)" }.joined(separator: ", ")
            + (more > 0 ? " and \(more) more" : "")
    }
}
