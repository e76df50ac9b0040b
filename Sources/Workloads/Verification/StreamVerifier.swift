// SPDX-License-Identifier: GPL-3.0-or-later

/// Proves that what one reader takes out of a pipe is what the pipe's writers put in.
///
/// A pipe keeps each writer's bytes in order and may cut between writers anywhere above
/// `PIPE_BUF`. The only reader of a pipe sees every byte: each writer's stream must go on exactly
/// where it stopped. One of several readers sees that within a read only, and between its reads
/// streams move forward.
///
/// A fragment with a whole unit in it is placed by that unit, and proven forward and backward
/// from there. Bytes of shorter fragments are kept in a bag until the gap that they left in
/// their writer's stream claims them; what nothing claims is `unproven`.
/// - Source: `pipe(7)`, section "PIPE_BUF"; `fs/pipe.c`.
package struct StreamVerifier: Sendable {
    /// Writable bytes that must lie before what is given to `accept`.
    package static let headroom = 64
    /// Writes up to this many bytes must not be torn (`PIPE_BUF`), and packets are not longer.
    static let atomicSize = 4096
    /// A fragment may seem longer by this many bytes, which the next one's happen to equal.
    static let slack: UInt64 = 3
    /// The most bytes of a fragment that may hold no whole unit.
    static let shortest = 2 * (StreamPattern.unitSize - 1)

    /// One writer's stream as this reader saw it.
    struct Stream: Sendable {
        /// Where it goes on.
        var end: UInt64 = 0
        /// The read that saw it last, from 1.
        var read: UInt64 = 0
        /// Whether `end` may be too far by up to `slack`.
        var isSoft = false
    }

    let pattern: StreamPattern
    let firstWriter: Int
    let messageSize: Int
    let isOnlyReader: Bool
    let isPacket: Bool
    var streams: [Stream]
    var softStreams = 0
    var bag = ByteBag()
    /// The stream that the byte before the next one belongs to.
    var current: Int?
    var reads: UInt64 = 0
    /// Fragments seen in the read under way.
    var fragments = 0
    private var carried = 0
    private var carry = InlineArray<32, UInt8>(repeating: 0)
    /// What it found; complete after `finish`.
    package internal(set) var counts = VerificationCounts()

    /// A verifier for one reader of one pipe.
    ///
    /// - Parameters:
    ///   - writers: the numbers of the pipe's writers.
    ///   - messageSize: bytes of each write.
    ///   - isOnlyReader: whether nobody else reads from the pipe.
    ///   - isPacket: whether the pipe is in packet mode.
    package init(
        pattern: StreamPattern, writers: Range<Int>, messageSize: Int, isOnlyReader: Bool,
        isPacket: Bool
    ) {
        self.pattern = pattern
        firstWriter = writers.lowerBound
        self.messageSize = messageSize
        self.isOnlyReader = isOnlyReader
        self.isPacket = isPacket
        streams = Array(repeating: Stream(), count: writers.count)
        current = writers.count == 1 && isOnlyReader ? 0 : nil
    }

    /// Looks at what one `read(2)` brought.
    ///
    /// - Parameters:
    ///   - start: the bytes; `headroom` bytes before them are overwritten.
    ///   - count: how many the read brought.
    package mutating func accept(_ start: UnsafeMutableRawPointer, count: Int) {
        let fresh = UnsafeRawBufferPointer(start: start, count: count)
        counts.read &+= UInt64(count)
        counts.readSum &+= StreamPattern.sum(fresh)
        reads &+= 1
        fragments = 0
        if !isOnlyReader || isPacket && streams.count > 1 { current = nil }
        let held = carried
        for i in 0..<held { (start - held + i).storeBytes(of: carry[i], as: UInt8.self) }
        carried = 0
        scan(UnsafeRawBufferPointer(start: start - held, count: held + count), isEnd: false)
        if isPacket { checkPacket(count) }
        if !isOnlyReader { settle() }
    }

    /// Ends the stream: what is left over is judged, and `counts` is complete.
    package mutating func finish() {
        withUnsafeTemporaryAllocation(byteCount: 32, alignment: 8) { rest in
            for i in 0..<carried { rest[i] = carry[i] }
            let count = carried
            carried = 0
            scan(UnsafeRawBufferPointer(rebasing: rest[..<count]), isEnd: true)
        }
        if isOnlyReader { claimLastMessages() }
        settle()
    }

    /// Places all bytes that can be placed.
    private mutating func scan(_ bytes: UnsafeRawBufferPointer, isEnd: Bool) {
        var at = 0
        while true {
            at += goOn(UnsafeRawBufferPointer(rebasing: bytes[at...]))
            if at == bytes.count { return }
            guard let unit = search(bytes, from: at) else {
                let mayCarry = isOnlyReader && !isPacket && !isEnd
                let kept = mayCarry ? min(Self.shortest, bytes.count - at) : 0
                leave(UnsafeRawBufferPointer(rebasing: bytes[at..<(bytes.count - kept)]))
                for i in 0..<kept { carry[i] = bytes[bytes.count - kept + i] }
                carried = kept
                return
            }
            let writer = firstWriter + unit.stream
            let before = pattern.matchBackward(
                UnsafeRawBufferPointer(rebasing: bytes[at..<unit.at]), writer: writer,
                position: unit.position)
            let start = unit.at - before
            join(
                Fragment(
                    stream: unit.stream, position: unit.position - UInt64(before),
                    unplaced: start - at))
            leave(UnsafeRawBufferPointer(rebasing: bytes[at..<start]))
            current = unit.stream
            at = start
        }
    }

    /// Follows the current stream as far as the bytes are its; how many were.
    private mutating func goOn(_ bytes: UnsafeRawBufferPointer) -> Int {
        guard let current, !bytes.isEmpty else { return 0 }
        let matched = pattern.matchForward(
            bytes, writer: firstWriter + current, position: streams[current].end)
        streams[current].end &+= UInt64(matched)
        streams[current].read = reads
        counts.proven &+= UInt64(matched)
        if matched > 0 { fragments += 1 }
        return matched
    }

    /// The first whole unit of one of the pipe's writers.
    private mutating func search(
        _ bytes: UnsafeRawBufferPointer, from first: Int
    ) -> (at: Int, stream: Int, position: UInt64)? {
        guard let base = bytes.baseAddress else { return nil }
        var at = first
        while bytes.count - at >= StreamPattern.unitSize {
            if let (writer, position) = pattern.place(base + at) {
                let stream = writer - firstWriter
                if streams.indices.contains(stream) { return (at, stream, position) }
                // Another pipe's bytes.
                counts.corrupt(at: position)
            }
            at += 1
        }
        return nil
    }

    /// Keeps bytes that cannot be placed yet.
    private mutating func leave(_ bytes: UnsafeRawBufferPointer) {
        guard !bytes.isEmpty else { return }
        for byte in bytes { bag.add(byte) }
        if let current { soften(current) }
        current = nil
    }

    /// Says that a stream's end may be too far, as another's bytes may have looked like its own.
    mutating func soften(_ stream: Int) {
        guard streams.count > 1, !streams[stream].isSoft else { return }
        streams[stream].isSoft = true
        softStreams += 1
    }

    /// Judges what is in the bag: claims that nothing met are losses, the rest is unproven.
    private mutating func settle() {
        // With one writer and one reader every byte has its place.
        let isStray = streams.count == 1 && isOnlyReader && bag.total > 0 && counts.corruptions == 0
        if bag.debt > Int(Self.slack) * softStreams || isStray {
            counts.corrupt(at: streams[current ?? 0].end)
        }
        counts.unproven &+= UInt64(max(0, bag.total))
        // Another's bytes at the end of a soft stream were counted with both.
        counts.proven &-= UInt64(max(0, -bag.total))
        bag.clear()
        if !isOnlyReader {
            for i in streams.indices { streams[i].isSoft = false }
            softStreams = 0
        }
    }
}
