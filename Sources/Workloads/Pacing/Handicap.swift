// SPDX-License-Identifier: GPL-3.0-or-later

import Linux

/// A known answer: makes the operations of a closed loop take x % longer, so that the rate is
/// 1/(1 + x/100) of what it would be.
///
/// All workers of a slice keep their CPUs busy without an operation at the end of each window of
/// 10 ms, for x/(100 + x) of it; what is due to one operation is so paid once a window. Windows are
/// those of the machine's clock, the same to all workers: a delay of each operation on its own would
/// vanish wherever a worker waits for another one anyway, and count twice wherever two share a CPU.
///
/// The operation that is under way when a pause begins is finished first. A worker begins its pause
/// earlier by half an operation's mean time, which it measures during the guard; one of more than a
/// millisecond was held up by something else and is left out. The stated ratio holds for operations
/// (batches, for io_uring) well below 10 ms, on CPUs that nobody else wants, and on devices that do
/// their work when it is submitted (zram, brd); requests in flight on others end during a pause.
struct Handicap {
    /// A window, nanoseconds.
    static let window: UInt64 = 10_000_000

    /// Whether there is any.
    let isOn: Bool
    /// When the next pause begins, in ticks; never while there is none.
    private(set) var next = UInt64.max
    private let share: Double
    private let period: UInt64
    private var length: UInt64 = 0
    private var last: UInt64 = 0
    private var sum = 0.0
    private var count = 0.0
    private let longest: UInt64

    /// A handicap of so many percent.
    init(percent: Double, clock: FastClock) {
        isOn = percent > 0
        share = percent / (100 + percent)
        period = isOn ? clock.ticks(nanoseconds: Self.window) : 1
        longest = period / 10
    }

    /// Notes how long an operation took; for the guard.
    mutating func sample(_ clock: FastClock) {
        let now = clock.ticks()
        if last > 0, now &- last <= longest {
            sum += Double(now &- last)
            count += 1
        }
        last = now
    }

    /// Begins to count windows.
    mutating func start(_ now: UInt64) {
        guard isOn else { return }
        let rest = count > 0 ? sum / count / 2 : 0
        length = UInt64(min(share * Double(period) + rest, 0.95 * Double(period)))
        next = (now / period + 1) * period - length
    }

    /// Keeps the CPU busy until the pause is over or the gate closes; the recorder counts it.
    @inline(never)
    mutating func pause(_ gate: Gate, _ recorder: inout TrackRecorder) {
        let clock = recorder.clock
        let end = next &+ length
        var now = clock.ticks()
        while now < end, gate.isOpen {
            Clock.spinHint()
            now = clock.ticks()
        }
        recorder.pause(from: next, to: now)
        // A long operation may have taken whole windows.
        while next &+ length <= now { next &+= period }
    }

    /// For loops that read no clock themselves: samples in the guard, pauses in the measured part.
    ///
    /// - Returns: whether there was a pause.
    @inline(never)
    @discardableResult
    mutating func lap(measuring: Bool, _ gate: Gate, _ recorder: inout TrackRecorder) -> Bool {
        guard measuring else {
            sample(recorder.clock)
            return false
        }
        let now = recorder.clock.ticks()
        if next == .max { start(now) }
        guard now >= next else { return false }
        pause(gate, &recorder)
        return true
    }
}
