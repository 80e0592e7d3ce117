package dev.remora.benchmarks;

import dev.remora.guard.AddressSet;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/**
 * What it costs to look an address up in a list of blocks.
 *
 * <p>The workload: random blocks, of IPv4 with 16 to 32 bits and of IPv6 with 24 to 64 below 2000::/3, and 4,096 addresses in turn,
 * half of them in a block. The floor, {@link #bytes}, takes the bytes out of the next address, which the JDK copies.
 *
 * <pre>{@code
 * java -jar benchmarks/target/benchmarks.jar AddressBenchmark -prof gc
 * }</pre>
 */
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(2)
@Warmup(iterations = 5, time = 500, timeUnit = TimeUnit.MILLISECONDS)
@Measurement(iterations = 10, time = 500, timeUnit = TimeUnit.MILLISECONDS)
@State(Scope.Benchmark)
public class AddressBenchmark {

    private static final int ADDRESSES = 4_096;

    /** How many blocks. */
    @Param({"10000", "100000"})
    public int blocks;

    /** 4 or 6. */
    @Param({"4", "6"})
    public int version;

    private AddressSet set = address -> false;
    private InetAddress[] addresses = new InetAddress[0];
    private int next;

    /** Draws blocks and addresses. */
    @Setup
    public void draw() throws UnknownHostException {
        SplittableRandom random = new SplittableRandom(3);
        List<String> texts = new ArrayList<>();
        List<byte[]> firsts = new ArrayList<>();
        for (int i = 0; i < blocks; i++) {
            int bits = version == 4 ? random.nextInt(16, 33) : random.nextInt(24, 65);
            byte[] first = masked(address(random), bits);
            firsts.add(first);
            texts.add(InetAddress.getByAddress(first).getHostAddress() + "/" + bits);
        }
        set = AddressSet.of(texts);
        addresses = new InetAddress[ADDRESSES];
        for (int i = 0; i < ADDRESSES; i++) {
            byte[] inside = firsts.get(random.nextInt(firsts.size()));
            addresses[i] = InetAddress.getByAddress(i % 2 == 0 ? inside : address(random));
        }
    }

    private byte[] address(SplittableRandom random) {
        byte[] address = new byte[version == 4 ? 4 : 16];
        random.nextBytes(address);
        if (version == 6) {
            address[0] = (byte) (0x20 | (address[0] & 0x1f));
        }
        return address;
    }

    private static byte[] masked(byte[] address, int bits) {
        for (int i = bits; i < address.length * 8; i++) {
            address[i / 8] &= (byte) ~(0x80 >>> (i % 8));
        }
        return address;
    }

    /** The floor. */
    @Benchmark
    public byte[] bytes() {
        return addresses[next++ & (ADDRESSES - 1)].getAddress();
    }

    /** A look. */
    @Benchmark
    public boolean contains() {
        return set.contains(addresses[next++ & (ADDRESSES - 1)]);
    }
}
