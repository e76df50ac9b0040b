// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import Linux

/// A pipe workload's settings, read and checked.
struct PipePlan: Sendable {
    /// What a pipe holds that nobody resized (`PIPE_DEF_BUFFERS` pages).
    static let defaultSize = 16 * MappedMemory.pageSize
    /// More workers than this tell nothing and take all memory.
    static let mostWorkers = 4096

    let writers: Int
    let readers: Int
    let messageSize: Int
    let pipeSize: Int?
    let pipes: Int
    let workers: Staffing.Kind
    let isBlocking: Bool
    let isPacket: Bool
    /// Writes a second and writer; 0 for a closed loop.
    let rate: Int
    /// Percent by which operations take longer.
    let handicap: Double
    let timed: Bool
    let verifies: Bool
    let writerPlacement: WorkerPlacement
    let readerPlacement: WorkerPlacement

    init(_ values: SettingValues) throws(PlumblineError) {
        writers = values.integer("writers")
        readers = values.integer("readers")
        messageSize = values.integer("msgsize")
        pipeSize = values.optionalInteger("pipe_size")
        pipes = values.integer("pipes")
        workers = values.text("workers") == "process" ? .process : .thread
        isBlocking = values.flag("blocking")
        isPacket = values.flag("packet")
        rate = values.integer("rate")
        handicap = try values.handicap(rate: Double(values.integer("rate")), named: "rate")
        timed = values.text("timing") == "op"
        verifies = values.flag("verify")
        writerPlacement = WorkerPlacement(values, cpus: "writer_cpus", node: "writer_numa_node")
        readerPlacement = WorkerPlacement(values, cpus: "reader_cpus", node: "reader_numa_node")
        guard workerCount <= Self.mostWorkers else {
            throw values.invalid(
                "pipes", "times \(writers + readers) workers is \(workerCount) workers",
                remedy: "ask for at most \(Self.mostWorkers) workers altogether")
        }
    }

    /// Workers of all pipes.
    var workerCount: Int { pipes * (writers + readers) }

    /// Whether a worker can run the plainest loop: blocking, at once, unverified.
    var isPlain: Bool { isBlocking && rate == 0 && !verifies }

    /// The part that a worker has.
    func role(of worker: Int) -> (pipe: Int, isWriter: Bool, number: Int) {
        let crew = writers + readers
        let place = worker % crew
        return (worker / crew, place < writers, place < writers ? place : place - writers)
    }

    /// The numbers of a pipe's writers among all writers.
    func writerNumbers(pipe: Int) -> Range<Int> { pipe * writers..<(pipe + 1) * writers }
}
