// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import Linux
import Synchronization

/// A network of its own on this machine, joined to ours by a pair of interfaces, which can lose
/// packets and be slow; it ends with its value, and what runs in it.
package final class NetworkNamespace {
    /// Which packets vanish without an answer.
    package enum Way: CaseIterable {
        case both, toThere, fromThere
    }

    /// Why there can be none; nil where there can.
    package static let missing: String? = {
        guard ChildProcess.userID == 0 else { return "a network namespace needs root" }
        do { _ = try NetworkNamespace() } catch { return "no network namespace: \(error)" }
        return nil
    }()

    private static let numbers = Atomic(Int.random(in: 0..<60))

    private let number: Int
    private let tag: String
    /// The namespace.
    package var name: String { "plumbline-test-\(tag)" }
    /// Its address.
    package var host: String { "192.0.2.\(4 * number + 2)" }
    /// What a program's words are put behind, so that it runs in there.
    package var enter: [String] { ["nsenter", "--net=/run/netns/\(name)"] }
    /// Our address in its network.
    private var own: String { "192.0.2.\(4 * number + 1)" }
    private var inner: String { "plt\(tag)b" }
    private var outer: String { "plt\(tag)a" }
    private var sink: String { "plt\(tag)s" }
    /// A hardware address that nobody has.
    private static let nobody = "02:00:00:00:00:fe"

    /// Makes one.
    package init() throws {
        number = Self.numbers.add(1, ordering: .relaxed).newValue % 60
        tag = String(UInt32.random(in: 0..<1 << 24), radix: 36)
        try sh(
            """
            ip netns add \(name)
            ip link add \(outer) type veth peer name \(inner) netns \(name)
            ip address add \(own)/30 dev \(outer)
            ip link set \(outer) up
            in_there() { nsenter --net=/run/netns/\(name) "$@"; }
            in_there ip link set lo up
            in_there ip address add \(host)/30 dev \(inner)
            in_there ip link set \(inner) up
            """)
    }

    deinit {
        try? sh(
            """
            for id in $(ip netns pids \(name)); do kill -9 "$id" || true; done
            ip link delete \(outer) || true
            ip link delete \(sink) 2>/dev/null || true
            ip netns delete \(name)
            """)
    }

    /// Has packets vanish: their hardware address is nobody's, so that neither end gets an error.
    package func lose(_ way: Way) throws {
        if way != .fromThere {
            try sh("ip neighbour replace \(host) lladdr \(Self.nobody) nud permanent dev \(outer)")
        }
        if way != .toThere {
            let words = "ip neighbour replace \(own) lladdr \(Self.nobody) nud permanent"
            try sh((enter + [words, "dev", inner]).joined(separator: " "))
        }
    }

    /// Has packets arrive again.
    package func heal() throws {
        try? sh("ip neighbour delete \(host) dev \(outer) 2>&1")
        try? sh((enter + ["ip neighbour delete \(own) dev", inner]).joined(separator: " "))
    }

    /// Makes it slow: 200 ms ± 50 ms late both ways, 5 % of the packets lost, 256 kbit/s. A kernel
    /// without netem has queues of that rate, of up to 400 ms, and loses as many packets on the way
    /// to us; somebody has to fill the queues.
    package func slowDown() throws {
        let netem = "netem delay 200ms 50ms loss 5% rate 256kbit"
        let queue = "tbf rate 256kbit burst 4kb latency 400ms"
        // Takes 5 % of the packets, by a random word: linux/filter.h, SKF_AD_RANDOM.
        let chosen = "'4,32 0 0 4294963256,53 0 1 214748364,6 0 0 0,6 0 0 4294967295'"
        try sh(
            """
            in_there() { nsenter --net=/run/netns/\(name) "$@"; }
            if tc qdisc add dev \(outer) root \(netem) 2>/dev/null; then
              in_there tc qdisc add dev \(inner) root \(netem)
              exit
            fi
            tc qdisc add dev \(outer) root \(queue)
            in_there tc qdisc add dev \(inner) root \(queue)
            ip link add \(sink) type ifb
            tc qdisc add dev \(outer) ingress
            tc filter add dev \(outer) parent ffff: protocol all bpf bytecode \(chosen) \
              action mirred egress redirect dev \(sink)
            """)
    }

    /// Gives it a rate, such as `40mbit`, for what is sent there.
    package func limit(rate: String) throws {
        try sh("tc qdisc replace dev \(outer) root tbf rate \(rate) burst 64k latency 200ms")
    }

    private func sh(_ script: String) throws {
        let result = try Command.run(["sh", "-euc", script], timeoutMilliseconds: 30_000)
        guard result.succeeded else { throw PlumblineError.failure(result.output) }
    }
}
