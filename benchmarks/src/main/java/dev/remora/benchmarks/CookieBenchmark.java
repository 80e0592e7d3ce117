package dev.remora.benchmarks;

import dev.remora.affinity.StickyCookie;
import dev.remora.affinity.StickyCookie.Tie;
import dev.remora.pool.BackendId;
import java.net.InetSocketAddress;
import java.security.GeneralSecurityException;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
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
 * What the sticky cookie costs: to verify one that was not seen lately, to know one again, and to write one.
 *
 * <p>The workload: cookies of one back end each with a session of its own, between two others in their header, are read in
 * turn; 262,144 of them, so many that nearly every signature is checked, or 16,384, which are all remembered.
 *
 * <p>Two floors: {@link #hmac}, one HMAC-SHA-256 over as many bytes as a cookie signs, by a cloned {@link Mac}; and
 * {@link #search}, which finds the cookie in the header of the next request and no more, for the 262,144 requests come from
 * the machine's memory here, while a gateway has just read the one at hand.
 *
 * <pre>{@code java -jar benchmarks/target/benchmarks.jar CookieBenchmark -prof gc}</pre>
 */
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(2)
@Warmup(iterations = 5, time = 1)
@Measurement(iterations = 5, time = 1)
@State(Scope.Benchmark)
public class CookieBenchmark {

    private static final int UNSEEN = 262_144;
    private static final int REMEMBERED = 16_384;
    private static final byte[] KEY = new byte[32];
    private static final BackendId BACKEND = new BackendId("backend-17");

    // Name, equals sign, version, three numbers, id.
    private static final int SIGNED_BYTES =
            "remora=".length() + 1 + 3 * Long.BYTES + BACKEND.value().length();

    /** Whether the cookie has an idle time, which is checked each time. */
    @Param({"false", "true"})
    public boolean sliding;

    private StickyCookie cookie = StickyCookie.signedWith(KEY);
    private SampleRequest[] unseen = new SampleRequest[0];
    private SampleRequest[] remembered = new SampleRequest[0];
    private int next;
    private Mac prototype;
    private byte[] payload = new byte[SIGNED_BYTES];

    /** Signs the cookies. */
    @Setup
    public void sign() throws GeneralSecurityException {
        cookie = sliding ? StickyCookie.signedWith(KEY).idle(Duration.ofDays(30)) : StickyCookie.signedWith(KEY);
        unseen = requests(UNSEEN);
        remembered = Arrays.copyOf(unseen, REMEMBERED);
        prototype = Mac.getInstance("HmacSHA256");
        prototype.init(new SecretKeySpec(KEY, "HmacSHA256"));
        Arrays.fill(payload, (byte) 'x');
    }

    private SampleRequest[] requests(int count) {
        SampleRequest[] requests = new SampleRequest[count];
        for (int i = 0; i < count; i++) {
            String set = cookie.setCookie(new Tie(BACKEND, i), false);
            String header = "theme=dark; " + set.substring(0, set.indexOf(';')) + "; lang=en";
            requests[i] = new SampleRequest(List.of(header), List.of(), new InetSocketAddress(0));
        }
        return requests;
    }

    /** The floor of the signature. */
    @Benchmark
    public byte[] hmac() throws CloneNotSupportedException {
        Mac mac = (Mac) prototype.clone();
        return mac.doFinal(payload);
    }

    /** The floor of the request. */
    @Benchmark
    public int search() {
        String header = unseen[next++ & (UNSEEN - 1)].headers("cookie").get(0);
        return header.indexOf(';', header.indexOf("remora="));
    }

    /** A cookie whose signature is checked. */
    @Benchmark
    public Optional<Tie> verify() {
        return cookie.read(unseen[next++ & (UNSEEN - 1)]);
    }

    /** A cookie that was seen lately. */
    @Benchmark
    public Optional<Tie> knowAgain() {
        return cookie.read(remembered[next++ & (REMEMBERED - 1)]);
    }

    /** A cookie that is written. */
    @Benchmark
    public String write() {
        return cookie.setCookie(new Tie(BACKEND, next++), true);
    }
}
