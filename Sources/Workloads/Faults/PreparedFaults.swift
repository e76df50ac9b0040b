// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import Cells
import Linux
import SystemPackage

extension FaultWorkload: Workload {
    /// Looks whether allocations can be made to fail, and lays out the file.
    ///
    /// - Throws: what the kernel lacks, with the remedy.
    package func prepare(
        in environment: WorkloadEnvironment
    ) throws(PlumblineError) -> any PreparedWorkload {
        try FailNth.require()
        if scans { try LeakScan.require() }
        if flips, switches.isEmpty {
            throw .failure(
                "fault: this kernel has no run-time switch to flip for path=\(path.rawValue)",
                remedy: "leave flip out, or boot a kernel with a patch for \(path.rawValue)")
        }
        return try PreparedFaults(self, environment)
    }

    /// The kernel's run-time switches on this path: parameters that read `Y` or `N`.
    ///
    /// A kernel without patches has none here.
    var switches: [String] {
        let directory =
            path == .pipe ? "/sys/module/pipe/parameters" : "/sys/module/iomap/parameters"
        let parameters = (try? SystemFile.list(directory)) ?? []
        return parameters.map { "\(directory)/\($0)" }.filter { file in
            let value = (try? SystemFile.read(file)) ?? ""
            return ["Y", "N", "Y\n", "N\n"].contains(value)
        }
    }
}

/// The file of a fault workload, or nothing for pipes, ready for its worker.
final class PreparedFaults: PreparedWorkload {
    private let plan: FaultWorkload
    private let pattern: StreamPattern
    private var file: DirectFile?

    init(_ plan: FaultWorkload, _ environment: WorkloadEnvironment) throws(PlumblineError) {
        self.plan = plan
        pattern = StreamPattern(seed: environment.seed)
        file = nil
        guard plan.path == .dio else { return }
        guard let directory = environment.directory else {
            throw .failure(
                "fault: storage=\(plan.storage?.text ?? "") has no directory for a file",
                remedy: "choose one with a file system: brd:ext4")
        }
        do throws(Errno) {
            file = try Self.layOut(
                "\(directory)/plumbline-fault-\(ChildProcess.currentID)", for: plan,
                with: pattern)
        } catch {
            throw .failure("fault: cannot make a file for direct I/O in \(directory): \(error)")
        }
    }

    private static func layOut(
        _ path: String, for plan: FaultWorkload, with pattern: StreamPattern
    ) throws(Errno) -> DirectFile {
        let made = try Descriptor.open(path, [.readWrite, .create, .exclusive], mode: 0o600)
        let memory = try MappedMemory(bytes: plan.fileSize)
        pattern.fill(memory.bytes, writer: 0, position: 0)
        do throws(Errno) {
            try made.writeAll(UnsafeRawBufferPointer(memory.bytes))
            try made.sync()
            let file = try DirectFile(path)
            try SystemFile.unlink(path)
            return file
        } catch {
            try? SystemFile.unlink(path)
            throw error
        }
    }

    /// The worker's life.
    func run(_ worker: inout Worker) throws(PlumblineError) {
        let audit = plan.path == .pipe ? PipeAudit() : nil
        var job: FaultJob
        do { job = try FaultJob(plan, pattern) } catch { throw .failure("fault: \(error)") }
        while worker.awaitSlice() {
            try measure(&worker, &job)
            try audit?.check()
            if plan.scans { try LeakScan.check() }
        }
    }

    private func measure(
        _ worker: inout Worker, _ job: inout FaultJob
    ) throws(PlumblineError) {
        do throws(Errno) {
            guard try job.run(&worker, file: file) > 0 else { throw .noData }
        } catch .noData {
            throw .failure(
                "fault: operations of \(ByteSize(plan.size)) allocate nothing, so that nothing "
                    + "could fail", remedy: "choose a larger size")
        } catch .badMessage {
            throw .failure("fault: other bytes came than were written")
        } catch {
            throw .failure("fault: \(error)")
        }
    }

    /// Closes the file in this process.
    func close() { file = nil }
}
