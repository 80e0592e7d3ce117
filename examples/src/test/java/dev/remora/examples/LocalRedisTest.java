package dev.remora.examples;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(120)
class LocalRedisTest {

    @Test
    void answersUntilItIsClosed() throws Exception {
        LocalRedis redis = LocalRedis.start();
        assertThat(answers(redis.uri())).isTrue();
        redis.close();
        redis.close();
        assertThat(answers(redis.uri())).isFalse();
    }

    @Test
    void aMachineThatNoneIsForIsToldWhatToDo() {
        assertThatThrownBy(() -> LocalRedis.start("plan9-pdp11"))
                .isInstanceOf(CommandFailed.class)
                .hasMessage("redis: none comes along for plan9-pdp11"
                        + " (expected: one that starts; --redis URI names another)");
    }

    @Test
    void doesNotOutliveItsJvm() throws Exception {
        Process jvm = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-cp",
                        System.getProperty("java.class.path"),
                        Halting.class.getName())
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        List<String> said = new String(jvm.getInputStream().readAllBytes(), StandardCharsets.UTF_8)
                .lines()
                .toList();
        assertThat(jvm.waitFor(1, TimeUnit.MINUTES)).isTrue();
        assertThat(said).hasSize(1);

        long start = System.nanoTime();
        while (answers(said.get(0))) {
            assertThat(System.nanoTime() - start).isLessThan(TimeUnit.SECONDS.toNanos(20));
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(5));
        }
    }

    private static boolean answers(String uri) {
        int port = URI.create(uri).getPort();
        try (var socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
            socket.getOutputStream().write("PING\r\n".getBytes(StandardCharsets.US_ASCII));
            return socket.getInputStream().read() == '+';
        } catch (IOException e) {
            return false;
        }
    }

    /** Starts one, and ends without a shutdown hook. */
    static final class Halting {

        private Halting() {}

        public static void main(String[] arguments) throws CommandFailed {
            System.out.println(LocalRedis.start().uri());
            System.out.flush();
            Runtime.getRuntime().halt(0);
        }
    }
}
