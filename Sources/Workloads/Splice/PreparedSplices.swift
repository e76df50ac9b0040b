// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import Cells
import Linux
import SystemPackage

extension SpliceWorkload: Workload {
    package func prepare(
        in environment: WorkloadEnvironment
    ) throws(PlumblineError) -> any PreparedWorkload {
        try PreparedSplices(self, environment)
    }

    /// Where in a job's seeded stream an operation's chunk lies.
    ///
    /// What comes from a file, or from gifted memory, is the same each time round.
    func streamPosition(_ operation: Int) -> UInt64 {
        if mode.readsFile { return UInt64(fileOffset(operation)) }
        return UInt64((isGift ? operation % chunksInMemory : operation) * chunk)
    }

    /// Where in the files an operation's chunk lies.
    func fileOffset(_ operation: Int) -> Int { operation % chunksInFile * chunk }
}

/// Jobs' pipes and files, ready for their workers.
final class PreparedSplices: PreparedWorkload, @unchecked Sendable {
    private let plan: SpliceWorkload
    private let pattern: StreamPattern
    private let directory: String?
    private let jobs: [SpliceFiles]

    init(_ plan: SpliceWorkload, _ environment: WorkloadEnvironment) throws(PlumblineError) {
        self.plan = plan
        let pattern = StreamPattern(seed: environment.seed)
        self.pattern = pattern
        directory = environment.directory
        if let storage = plan.storage {
            guard let directory else {
                throw .failure(
                    "splice: storage=\(storage.text) has no directory for files",
                    remedy: SpliceWorkload.placesForFiles)
            }
            let free = SpaceWait.freeBytes(
                in: directory, needed: storage.size, environment.pulse)
            if let free, free < storage.size {
                throw SpliceFiles.refused(directory, for: plan, .noSpace)
            }
        }
        try OpenFileLimit.makeRoom(
            for: plan.descriptors, "splice: jobs=\(plan.jobs)", or: "set fewer jobs")
        var jobs: [SpliceFiles] = []
        for job in 0..<plan.jobs {
            jobs.append(
                try SpliceFiles(
                    plan, job: job, directory: directory, pattern: pattern,
                    pulse: environment.pulse))
        }
        self.jobs = jobs
    }

    /// One job's life.
    func run(_ worker: inout Worker) throws(PlumblineError) {
        try plan.placement.apply()
        let output = try memory(plan.mode.receives || plan.verifies ? plan.chunk : 1)
        let input = try memory(plan.mode.sends ? plan.chunksInMemory * plan.chunk : 1)
        let mover = SpliceMover(plan, jobs[worker.index], input: input.bytes, output: output.bytes)
        let job = SpliceJob(plan, mover, pattern: pattern, number: worker.index)
        job.fillMemory()
        let answer = mover.move(0)
        guard answer >= 0 else { throw refusal(Errno(rawValue: Int32(-answer))) }
        var operations = 1
        while worker.awaitSlice() {
            job.run(&worker, operation: &operations)
            if plan.verifies, plan.mode.writesFile {
                job.checkFile(after: operations, &worker)
            }
        }
    }

    /// Closes all pipes and files of this process.
    func close() {
        for job in jobs { job.close() }
    }

    private func refusal(_ error: Errno) -> PlumblineError {
        let place = directory ?? "memory"
        if error == .invalidArgument, plan.mode.files > 0 {
            let kind = SpliceFiles.fileSystem(place)?.name ?? "unknown"
            return .failure(
                "splice: the file system of \(place) (\(kind)) cannot splice",
                remedy: "choose a directory on ext4, XFS, btrfs or tmpfs")
        }
        return .failure("splice: mode=\(plan.mode.rawValue) failed in \(place): \(error)")
    }

    private func memory(_ bytes: Int) throws(PlumblineError) -> MappedMemory {
        try WorkerMemory.map(bytes: bytes, remedy: "set a smaller size or fewer jobs")
    }
}
