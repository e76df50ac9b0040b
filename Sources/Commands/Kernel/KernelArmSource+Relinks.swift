// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import Kernels

extension KernelArmSource {
    /// The layouts that these kernels can have: none unless all are built here and differ.
    func relinkPlan(of origins: [Origin]) throws(PlumblineError) -> RelinkPlan {
        var plan = relinks
        guard plan.count > 0 else { return plan }
        var requests: [KernelRequest] = []
        for origin in origins {
            if case .built(let request) = origin { requests.append(request) }
            guard plan.isGiven, case .image(let path) = origin else { continue }
            throw .usage(
                "--relinks \(plan.count) is not supported with the image \(path), which cannot be "
                    + "linked again",
                remedy: "leave it out, or name a variant or a commit instead of the image")
        }
        if plan.isGiven { return plan }
        let areAlike = requests.allSatisfy { $0 == requests.first }
        if requests.count < origins.count || areAlike && !plan.evenAlike { plan.count = 0 }
        let missing = try KernelReporter(console, quiet: quiet).builder().missingPackages
        if plan.count > 0, !missing.isEmpty {
            console.diagnostics(
                "plumbline: the kernels are not relinked, because \(missing.joined(separator: ", ")) "
                    + "is missing\n")
            plan.count = 0
        }
        return plan
    }
}
