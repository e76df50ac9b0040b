// SPDX-License-Identifier: GPL-3.0-or-later

import CShims
import SystemPackage

/// A guest of three instructions, run under KVM to see whether it runs anything at all.
public enum TinyGuest {
    /// A step on the way to a guest's end.
    public enum Step: Int32, Sendable {
        case open, version, createMachine, memory, createCPU, run

        /// The call that the step makes.
        public var call: String {
            switch self {
            case .open: "opening /dev/kvm"
            case .version: "KVM_GET_API_VERSION"
            case .createMachine: "KVM_CREATE_VM"
            case .memory: "KVM_SET_USER_MEMORY_REGION"
            case .createCPU: "KVM_CREATE_VCPU"
            case .run: "KVM_RUN"
            }
        }
    }

    /// The result.
    public enum Outcome: Sendable, Equatable {
        /// The guest wrote to its port and halted.
        case ran
        /// A step was refused, or the guest did something else (`EPROTO`).
        case failed(Step, Errno)
        /// It did not end.
        case hung
    }

    /// Runs the guest in a child process, which is killed when it takes too long.
    public static func run(timeoutMilliseconds: Int = 3000) -> Outcome {
        do {
            let memory = try MappedMemory(bytes: MappedMemory.pageSize, shared: true)
            let step = SharedWord(in: memory.bytes, at: 0)
            let code = SharedWord(in: memory.bytes, at: 4)
            let child = try ChildProcess.fork {
                var reached: Int32 = 0
                let answer = cshims_kvm_tiny_guest(&reached)
                step.store(UInt32(reached))
                code.store(UInt32(-answer))
                return 0
            }
            guard try end(of: child, within: timeoutMilliseconds) else { return .hung }
            if code.load() == 0 { return .ran }
            return .failed(
                Step(rawValue: Int32(step.load())) ?? .open, Errno(rawValue: Int32(code.load())))
        } catch {
            return .failed(.open, error)
        }
    }

    /// Waits for a child's end, and kills it when the time is over.
    private static func end(
        of child: ChildProcess, within milliseconds: Int
    ) throws(Errno) -> Bool {
        for _ in 0..<(milliseconds / 5) {
            if let exit = try child.wait(noHang: true) { return exit == .exited(0) }
            try Clock.sleep(nanoseconds: 5_000_000)
        }
        try child.kill()
        _ = try child.wait()
        return false
    }
}
