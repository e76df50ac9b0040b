// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import Linux

/// Writers and readers on pipes, through `write(2)` and `read(2)`.
package struct PipeWorkload: WorkloadDescription {
    package static let name = "pipe"
    package static let summary = "writers and readers on pipes"
    /// Writes are counted by a writer's first recorder, reads by a reader's second.
    package static let tracks = ["write", "read"]
    package static let rateUnit = RateUnit.bytes
    package static let keys = PipeSettings()
    package static let settings = keys.settings
    package static let nameHead = "{writers}w{readers}r/{msgsize}/{pipe_size}"
    package static let shortHead = "{writers}w{readers}r [{msgsize}]"

    /// What a pipe holds that nobody resized (`PIPE_DEF_BUFFERS` pages).
    package static let defaultSize = 16 * MappedMemory.pageSize
    /// More workers than this take all memory.
    static let mostWorkers = 4096

    package let values: SettingValues
    package let writers: Int
    package let readers: Int
    package let messageSize: Int
    package let pipeSize: Int?
    package let pipes: Int
    package let workers: WorkerLayout.Kind
    package let isBlocking: Bool
    package let isPacket: Bool
    /// Writes a second and writer; 0 for a closed loop.
    package let rate: Int
    /// Percent by which operations take longer.
    package let handicap: Double
    package let timed: Bool
    package let verifies: Bool
    package let writerPlacement: WorkerPlacement
    package let readerPlacement: WorkerPlacement

    package init(_ values: SettingValues) throws(PlumblineError) {
        let keys = Self.keys
        self.values = values
        writers = values[keys.writers]
        readers = values[keys.readers]
        messageSize = values[keys.msgsize]
        pipeSize = values[keys.pipeSize]
        pipes = values[keys.pipes]
        workers = values[keys.workers]
        isBlocking = values[keys.blocking]
        isPacket = values[keys.packet]
        rate = values[keys.rate]
        handicap = try values.handicap(besides: keys.rate)
        timed = values[keys.timing] == .op
        verifies = values[keys.verify]
        writerPlacement = WorkerPlacement(
            cpus: values[keys.writerCPUs], node: values[keys.writerNode])
        readerPlacement = WorkerPlacement(
            cpus: values[keys.readerCPUs], node: values[keys.readerNode])
        guard workerCount <= Self.mostWorkers else {
            throw values.invalid(
                keys.pipes, "times \(writers + readers) workers is \(workerCount) workers",
                remedy: "ask for at most \(Self.mostWorkers) workers altogether")
        }
    }

    package var placements: [WorkerPlacement] { [writerPlacement, readerPlacement] }

    /// Workers of all pipes.
    package var workerCount: Int { pipes * (writers + readers) }

    /// Writes make the rate.
    package var rateTracks: [String] { ["write"] }

    /// A message for each worker, and what fits into the pipes.
    package var bufferBytes: Int {
        workerCount * messageSize + pipes * (pipeSize ?? Self.defaultSize)
    }

    /// A pipe's ring of buffers (`fs/pipe.c`), made anew when its size is set.
    package var slabCaches: [String] { ["kmalloc-cg-*"] }

    /// Each pipe's writers, then its readers, pipe after pipe.
    package var layout: WorkerLayout {
        WorkerLayout(kind: workers, count: workerCount, timed: timed, openLoop: rate > 0)
    }

    package var readsAllItWrites: Bool { true }
}

/// The settings of a pipe workload.
package struct PipeSettings: SettingGroup {
    let writers = SettingKey<Int>(
        "writers", .count(1...1024), default: 1, help: "writers of each pipe")
    let readers = SettingKey<Int>(
        "readers", .count(1...1024), default: 1, help: "readers of each pipe")
    let msgsize = SettingKey<Int>(
        "msgsize", .size(1...Int(Int32.max)), default: 64 << 10,
        help: "bytes of a write, and the most that a read takes")
    let pipeSize = CommonSettings.pipeSize
    let pipes = SettingKey<Int>(
        "pipes", .count(1...1024), default: 1, help: "pipes, each with its own workers")
    let workers = CommonSettings.workers
    let blocking = SettingKey<Bool>(
        "blocking", .flag, default: true, help: "0: O_NONBLOCK, with poll when it would block")
    let packet = SettingKey<Bool>(
        "packet", .flag, default: false, help: "packet mode (O_DIRECT)")
    let rate = SettingKey<Int>(
        "rate", .count(0...100_000_000), default: 0,
        help: "writes a second and writer, due at fixed times; 0 is a closed loop")
    let timing = CommonSettings.timing
    let writerCPUs = CommonSettings.cpus("writer_cpus", of: "writers")
    let readerCPUs = CommonSettings.cpus("reader_cpus", of: "readers")
    let writerNode = CommonSettings.node("writer_numa_node", of: "writers")
    let readerNode = CommonSettings.node("reader_numa_node", of: "readers")
    let verify = CommonSettings.verify("prove that readers get what writers wrote")
    let handicap = CommonSettings.handicap
}
