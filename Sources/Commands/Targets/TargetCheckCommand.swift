// SPDX-License-Identifier: GPL-3.0-or-later

import AgentClient
import ArgumentParser
import Basics
import Linux
import Remotes
import Suites

/// `plumbline target check`: tries each step of booting each kernel once.
struct TargetCheckCommand: ConsoleCommand {
    static let configuration = CommandConfiguration(
        commandName: "check",
        abstract: "Try each step of a target file once: connect, agent, and a boot of each kernel.",
        usage: "plumbline target check [<options>] <file>",
        discussion: """
            The machine REBOOTS, once for each kernel. Each step is a line: ok, or what failed and \
            what to do about it. A kernel that fails does not keep the others from their try, \
            unless the machine does not come back. Afterwards the machine still runs the last \
            kernel; each boot was for once, so that its next reboot starts its default kernel.

            Exit codes: 0 every step works, 1 one does not, 64 the file is wrong or a usage error, \
            130 interrupted.

            EXAMPLES
              plumbline target check testbox.yaml
              plumbline target check testbox.yaml --kernel patched
            """)

    @Argument(help: "The target file.", completion: .file(extensions: ["yaml", "yml"]))
    var file: String

    @Option(
        help: ArgumentHelp("Try this kernel of the file only; repeatable.", valueName: "name"),
        completion: .targetKernels)
    var kernel: [String] = []

    @Option(
        help: ArgumentHelp(
            "The agent to copy to the machine, instead of the one beside plumbline.",
            valueName: "path"), completion: .file())
    var agent: String?

    @OptionGroup(title: "Options of machines over ssh") var ssh: SSHOptions

    func run(on console: Console) async throws -> Int32 {
        let target = try TargetFile(SuiteSource.target(at: file))
        var kernels = target.kernels
        if !kernel.isEmpty {
            kernels = try kernel.map { (name) throws(PlumblineError) in
                try target.kernel(named: name)
            }
        }
        try Interrupts.catch()
        let path: String
        if let agent {
            path = agent
        } else {
            path = try AgentExecutable.find(in: console.environment["PATH"] ?? "")
        }
        let machine = ssh.machine(
            target, agent: path, note: { console.diagnostics("plumbline: \($0)\n") })
        var check = TargetCheck(
            machine, isInterrupted: Measurement.isInterrupted, show: { console.document($0 + "\n") }
        )
        return try await check.run(kernels) ? 0 : 1
    }
}
