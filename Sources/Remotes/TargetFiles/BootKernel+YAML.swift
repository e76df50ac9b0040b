// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import Suites
import Yams

extension TargetFile.Way {
    /// What a kernel needs, and what it may have beside that.
    fileprivate var keys: (needed: String?, optional: [String]) {
        switch self {
        case .grubReboot, .systemdBoot: ("entry", [])
        case .kexec: ("image", ["initrd", "append"])
        case .commands: (nil, [])
        }
    }
}

extension SuiteDocument {
    /// The kernels of a target file: a mapping by name or, where names suffice, a list of names.
    func kernels(_ node: Node, _ way: TargetFile.Way) throws(PlumblineError) -> [BootKernel] {
        var kernels: [BootKernel] = []
        if way.keys.needed == nil, let names = node.sequence {
            for name in names { kernels.append(try kernel(name, nil, of: way)) }
        } else if let mapping = node.mapping {
            for (name, value) in mapping { kernels.append(try kernel(name, value, of: way)) }
        } else {
            throw .usage(
                "\(position(node)): kernels must be a mapping",
                remedy: "write each kernel as NAME: and its keys below it, indented")
        }
        guard !kernels.isEmpty else {
            throw .usage("\(position(node)): there is no kernel", remedy: "name one or two")
        }
        let names = kernels.map(\.name)
        if let twice = names.first(where: { name in names.count { $0 == name } > 1 }) {
            throw .usage("\(position(node)): the kernel '\(twice)' is given twice")
        }
        return kernels
    }

    private func kernel(
        _ key: Node, _ node: Node?, of way: TargetFile.Way
    ) throws(PlumblineError) -> BootKernel {
        var kernel = BootKernel(name: try kernelName(key))
        let owner = "a kernel of \(way.rawValue)"
        if let node, node.null == nil {
            guard let mapping = node.mapping else {
                throw .usage(
                    "\(position(node)): the kernel '\(kernel.name)' must be a mapping",
                    remedy: "write its keys below its name, indented")
            }
            let known = [way.keys.needed].compactMap { $0 } + way.keys.optional + ["expect"]
            for (_, name, value) in try entries(
                of: mapping, known: known, what: "key", owner: owner)
            {
                switch name {
                case "entry": kernel.entry = try argument(value, name)
                case "image": kernel.image = try path(value, name)
                case "initrd": kernel.initrd = try path(value, name)
                case "append": kernel.append = try word(value, name)
                default: kernel.expected = try expected(value)
                }
            }
        }
        guard way.keys.needed == nil || kernel.entry != nil || kernel.image != nil else {
            let key = way.keys.needed ?? ""
            throw .usage(
                "\(position(node)): the kernel '\(kernel.name)' has no \(key)",
                remedy: "add \(key):; see `plumbline target example \(way.rawValue)`")
        }
        return kernel
    }

    private func kernelName(_ node: Node) throws(PlumblineError) -> String {
        try parsed(node, as: "a kernel's name") { (text) throws(PlumblineError) in
            let isPlain = text.utf8.allSatisfy {
                (0x30...0x39).contains($0) || (0x41...0x5a).contains($0 & 0xdf)
                    || "._+-".utf8.contains($0)
            }
            guard isPlain, text.utf8.count <= 64, !"._+-".contains(text.first ?? "-") else {
                throw .usage(
                    "invalid name '\(text)' of a kernel (allowed: up to 64 letters, digits and "
                        + "._+-, the first a letter or digit)")
            }
            return text
        }
    }

    /// A text that no program can take for an option.
    private func argument(_ node: Node, _ name: String) throws(PlumblineError) -> String {
        let text = try word(node, name)
        guard !text.isLikeOption else {
            throw .usage("\(position(node)): \(name) begins with '-'")
        }
        return text
    }

    private func path(_ node: Node, _ name: String) throws(PlumblineError) -> String {
        let text = try word(node, name)
        guard text.hasPrefix("/") else {
            throw .usage(
                "\(position(node)): \(name) must be an absolute path on the machine",
                remedy: "write it as \(name): /boot/FILE")
        }
        return text
    }

    private func expected(_ node: Node) throws(PlumblineError) -> ExpectedKernel {
        guard let mapping = node.mapping else {
            throw .usage(
                "\(position(node)): expect must be a mapping",
                remedy: "write it as expect: {release: 6.12.1}")
        }
        var expected = ExpectedKernel()
        let known = ["release", "build_id", "version", "command_line"]
        for (_, name, value) in try entries(of: mapping, known: known, what: "key", owner: "expect")
        {
            switch name {
            case "release": expected.release = try word(value, name)
            case "build_id": expected.buildID = try word(value, name).lowercased()
            case "version": expected.version = try word(value, name)
            default:
                for item in try alternatives(value, name) {
                    expected.commandLine += try word(item, name).words
                }
            }
        }
        return expected
    }
}
