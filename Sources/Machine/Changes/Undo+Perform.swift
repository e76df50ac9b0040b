// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import Glibc
import Linux
import SystemPackage

extension Undo {
    /// Undoes the change now and waits for the end of slow steps.
    ///
    /// - Parameter pulse: called at least every 50 ms.
    public func perform(pulse: () -> Void = {}) -> UndoOutcome {
        switch self {
        case .killProcess(let process, let start):
            Self.kill(ProcessIdentity(id: process, startTime: start), pulse)
        case .removeCgroup(let path): Cgroup.remove(path, pulse: pulse)
        case .unmount(let path): Self.unmount(path, pulse)
        case .removeDirectory(let path): Self.removeDirectory(path, pulse)
        case .removeFile(let path):
            Self.outcome(pulse) { () throws(Errno) in try SystemFile.unlink(path) }
        case .swapOff(let path): Self.swapOff(path, pulse)
        case .removeZram(let number): Zram.remove(number, pulse: pulse)
        case .detachLoop(let backing): LoopStorage.detach(backing: backing, pulse: pulse)
        case .removeNullBlock(let name): NullBlockStorage.remove(name, pulse: pulse)
        case .removeTraceInstance(let path): TraceInstance.remove(path, pulse: pulse)
        case .unloadModule(let name): KernelModule.unload(name, pulse: pulse)
        case .writeBack(let path, let value): Self.writeBack(path, value: value, pulse)
        }
    }

    /// Runs a call until it is no longer refused as busy, for two seconds at most.
    private static func retryWhileBusy(
        _ pulse: () -> Void, _ body: () throws(Errno) -> Void
    ) throws(Errno) {
        for _ in 0..<80 {
            do {
                return try body()
            } catch .resourceBusy {
                pulse()
                try? Clock.sleep(nanoseconds: 25_000_000)
            }
        }
        try body()
    }

    private static let absent: [Errno] = [
        .noSuchFileOrDirectory, .operationNotSupportedByDevice, .noSuchAddressOrDevice,
        .noSuchProcess,
    ]

    /// Runs a call and returns its result; an object that is not there is gone already.
    static func outcome(_ pulse: () -> Void, _ body: () throws(Errno) -> Void) -> UndoOutcome {
        do {
            try retryWhileBusy(pulse, body)
            return .done
        } catch {
            return Self.absent.contains(error) ? .alreadyGone : .failed("\(error)")
        }
    }

    /// The same for a call that can take long, which a child makes.
    static func slowOutcome(_ pulse: () -> Void, _ body: () throws(Errno) -> Void) -> UndoOutcome {
        outcome(pulse) { () throws(Errno) in try callInChild(pulse: pulse, body) }
    }

    /// Waits for a minute at most: the kernel takes seconds to free a process of gigabytes.
    private static func kill(_ process: ProcessIdentity, _ pulse: () -> Void) -> UndoOutcome {
        let child = ChildProcess(id: process.id)
        guard process.isRunning else {
            _ = try? child.wait(noHang: true)
            return .alreadyGone
        }
        do { try process.kill() } catch { return .failed("\(error)") }
        for _ in 0..<30_000 {
            pulse()
            // A child of ours stays a zombie until it is waited for; any other process disappears.
            if (try? child.wait(noHang: true)) ?? nil != nil { return .done }
            if !process.isRunning { return .done }
            try? Clock.sleep(nanoseconds: 2_000_000)
        }
        return .failed("the process still runs a minute after SIGKILL")
    }

    private static func unmount(_ path: String, _ pulse: () -> Void) -> UndoOutcome {
        guard MountPoint.all().contains(where: { $0.path == path }) else { return .alreadyGone }
        do {
            try retryWhileBusy(pulse) { () throws(Errno) in
                try callInChild(pulse: pulse) { () throws(Errno) in try Mount.unmount(path) }
            }
            return .done
        } catch {
            guard error == .resourceBusy, umount2(path, Int32(MNT_DETACH)) == 0 else {
                return .failed("\(error)")
            }
            return .doneWithNotice("\(path) was in use and was detached lazily")
        }
    }

    private static func removeDirectory(_ path: String, _ pulse: () -> Void) -> UndoOutcome {
        // Empties only directories with our name, whatever a damaged undo log says.
        let name = path.split(separator: "/").last ?? ""
        if name.hasPrefix("plumbline-"), !MountPoint.all().contains(where: { $0.path == path }),
            let directory = try? Descriptor.open(path, [.directory, .noFollow]),
            (try? directory.facts().owner) == UInt32(bitPattern: ChildProcess.userID)
        {
            // By the open directory: its name may be exchanged meanwhile.
            defer { _ = directory.rawValue }
            let place = "/proc/self/fd/\(directory.rawValue)"
            for file in (try? SystemFile.list(place)) ?? [] {
                pulse()
                try? SystemFile.unlink("\(place)/\(file)")
            }
        }
        return outcome(pulse) { () throws(Errno) in try SystemFile.removeDirectory(path) }
    }

    private static func swapOff(_ path: String, _ pulse: () -> Void) -> UndoOutcome {
        guard SwapArea.all().contains(where: { $0.path == path }) else { return .alreadyGone }
        return slowOutcome(pulse) { () throws(Errno) in try Swap.stop(path) }
    }

    private static func writeBack(
        _ path: String, value: String, _ pulse: () -> Void
    ) -> UndoOutcome {
        if SystemTree.live.read(path)?.trimmed == value { return .alreadyGone }
        return outcome(pulse) { () throws(Errno) in try SystemFile.write(value, to: path) }
    }
}
