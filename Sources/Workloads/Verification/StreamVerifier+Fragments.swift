// SPDX-License-Identifier: GPL-3.0-or-later

extension StreamVerifier {
    /// A fragment that was placed anew.
    struct Fragment {
        /// Whose it is.
        var stream: Int
        /// Where in the stream it starts.
        var position: UInt64
        /// Bytes before it that could not be placed.
        var unplaced: Int
    }

    /// Checks that a fragment may follow what came before, and moves its stream there.
    mutating func join(_ fragment: Fragment) {
        let stream = fragment.stream
        let seen = streams[stream]
        let isKnown = isOnlyReader || seen.read == reads
        let neighbour = fragment.unplaced == 0 ? current : nil
        var start = fragment
        if streams.count == 1 {
            // The only writer's stream needs no placing, unless this read is the first to show it.
            if isKnown || fragment.position < seen.end {
                counts.corrupt(at: min(seen.end, fragment.position))
            }
        } else if !isKnown {
            if fragment.position + Self.slack < seen.end { counts.corrupt(at: fragment.position) }
        } else if fragment.position < seen.end {
            goBack(fragment)
        } else if fragment.position > seen.end {
            start.position = closeGap(fragment, neighbour: neighbour)
        }
        if let neighbour, neighbour != stream {
            checkAtomicity(start, neighbour: neighbour)
            soften(neighbour)
        }
        if streams[stream].isSoft {
            streams[stream].isSoft = false
            softStreams -= 1
        }
        streams[stream].end = fragment.position
        streams[stream].read = reads
    }

    /// A stream goes on before its end: its last bytes were another's, or it was doubled.
    private mutating func goBack(_ fragment: Fragment) {
        let excess = streams[fragment.stream].end - fragment.position
        guard excess <= Self.slack else {
            counts.corrupt(at: fragment.position)
            return
        }
        giveBack(excess, of: fragment.stream)
    }

    /// Puts a stream's last bytes, which were another's that looked alike, into the bag.
    private mutating func giveBack(_ excess: UInt64, of stream: Int) {
        let end = streams[stream].end
        for position in end - excess..<end {
            bag.add(pattern.byte(writer: firstWriter + stream, position: position))
        }
        counts.proven &-= excess
        streams[stream].end = end - excess
    }

    /// A stream goes on behind its end: the bytes between are in the bag, or they were lost.
    ///
    /// - Returns: where the fragment really starts.
    private mutating func closeGap(_ fragment: Fragment, neighbour: Int?) -> UInt64 {
        let stream = fragment.stream
        let writer = firstWriter + stream
        let end = streams[stream].end
        let gap = fragment.position - end
        if let neighbour, neighbour != stream, gap <= alike(fragment, neighbour) {
            // The neighbour's fragment seemed longer than it was.
            streams[neighbour].end &-= gap
            return end
        }
        // Nothing can be missing between two neighbouring fragments of one writer, nor can bytes
        // in the place of its own be another's.
        let isDamaged = current == stream && UInt64(fragment.unplaced) == gap
        let claimable = bag.total + fragment.unplaced + Int(Self.slack) * softStreams
        let excess = UInt64(max(0, Int(clamping: gap) - max(0, claimable)))
        let borrowed = neighbour.map { alike(fragment, $0) } ?? 0
        guard neighbour != stream, !isDamaged, excess <= borrowed else {
            counts.corrupt(at: end)
            return fragment.position
        }
        if let neighbour, excess > 0 { giveBack(excess, of: neighbour) }
        for position in end..<fragment.position {
            bag.claim(pattern.byte(writer: writer, position: position))
        }
        counts.proven &+= gap
        return fragment.position
    }

    /// Claims the ends of the writers' last messages, after which no fragment shows a gap.
    mutating func claimLastMessages() {
        let size = UInt64(messageSize)
        for index in streams.indices where streams[index].isSoft {
            // Messages are whole in the end: bytes beyond one are another's that looked alike.
            let excess = streams[index].end % size
            guard excess <= Self.slack else { continue }
            let position = streams[index].end - excess
            goBack(Fragment(stream: index, position: position, unplaced: 0))
        }
        for (index, stream) in streams.enumerated() {
            let missing = (size - stream.end % size) % size
            guard missing > 0, missing <= UInt64(max(0, bag.total)) else { continue }
            let writer = firstWriter + index
            let rest = (stream.end..<stream.end + missing).map {
                pattern.byte(writer: writer, position: $0)
            }
            let debt = bag.debt
            for byte in rest { bag.claim(byte) }
            if bag.debt == debt {
                counts.proven &+= missing
            } else {
                for byte in rest { bag.add(byte) }
            }
        }
    }

    /// A write of up to `PIPE_BUF` bytes must not have another's bytes in it.
    private mutating func checkAtomicity(_ fragment: Fragment, neighbour: Int) {
        guard messageSize <= Self.atomicSize, !isPacket else { return }
        let size = UInt64(messageSize)
        let end = streams[neighbour].end
        for excess in 0...alike(fragment, neighbour) {
            if (end - excess) % size == 0, (fragment.position - excess) % size == 0 { return }
        }
        counts.corrupt(at: fragment.position)
    }

    /// How many of a neighbour's last bytes, up to `slack`, may as well be the fragment's.
    private func alike(_ fragment: Fragment, _ neighbour: Int) -> UInt64 {
        let end = streams[neighbour].end
        var count: UInt64 = 0
        while count < min(Self.slack, end, fragment.position),
            pattern.byte(writer: firstWriter + neighbour, position: end - count - 1)
                == pattern.byte(
                    writer: firstWriter + fragment.stream, position: fragment.position - count - 1)
        {
            count += 1
        }
        return count
    }

    /// A packet is one writer's, starts at a page of the message and ends with it or its message.
    mutating func checkPacket(_ count: Int) {
        let page = Self.atomicSize
        var isWhole = count == min(page, messageSize) || count == messageSize % page
        if let current, fragments > 0 {
            let start = streams[current].end &- UInt64(count)
            let offset = Int(start % UInt64(messageSize))
            isWhole =
                isWhole && fragments == 1 && offset % page == 0
                && count == min(page, messageSize - offset)
        }
        if !isWhole { counts.corrupt(at: streams[current ?? 0].end) }
    }
}

/// Bytes regardless of their order, and claims to bytes that have not come yet.
struct ByteBag: Sendable {
    private var counts = [Int](repeating: 0, count: 256)
    /// Bytes in the bag, less those claimed.
    private(set) var total = 0
    private var isClean = true

    mutating func add(_ byte: UInt8) {
        counts[Int(byte)] += 1
        total += 1
        isClean = false
    }

    mutating func claim(_ byte: UInt8) {
        counts[Int(byte)] -= 1
        total -= 1
        isClean = false
    }

    /// Claims that nothing in the bag meets.
    var debt: Int { isClean ? 0 : counts.reduce(0) { $0 + max(0, -$1) } }

    mutating func clear() {
        guard !isClean else { return }
        for i in counts.indices { counts[i] = 0 }
        total = 0
        isClean = true
    }
}
