package dev.remora.redis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.remora.wire.Eventually;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.assertj.core.api.InstanceOfAssertFactories;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class RedisServerTest {

    private static final Duration SOON = Duration.ofMillis(200);
    private static final Duration PATIENCE = Duration.ofSeconds(20);

    @ParameterizedTest
    @EnumSource
    void aServerAnswersInTheVersionThatWasAskedFor(RedisVersion version) {
        try (RedisServer redis = RedisServer.start(version)) {
            assertThat(redis.info("redis_version", "INFO", "server"))
                    .startsWith(version.name().substring(1).replace('_', '.'));
            assertThat(redis.uri()).isEqualTo("redis://127.0.0.1:" + redis.port());
            assertThat(redis.command("SET", "key", "v\u00e4lue")).isEqualTo("OK");
            assertThat(redis.command("GET", "key")).isEqualTo("v\u00e4lue");
            assertThat(redis.command("GET", "other")).isNull();
            assertThat(redis.command("INCR", "count")).isEqualTo("1");
            assertThat(redis.command("EVAL", "return {1, {'two'}, false}", "0"))
                    .asInstanceOf(InstanceOfAssertFactories.LIST)
                    .containsExactly("1", List.of("two"), null);
            assertThatThrownBy(() -> redis.command("INCR", "key"))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageStartingWith("ERR value is not an integer");
        }
    }

    @ParameterizedTest
    @EnumSource
    void aPausedServerAnswersNothingUntilItIsResumed(RedisVersion version) {
        try (RedisServer redis = RedisServer.start(version)) {
            redis.pause();
            assertThat(redis.isServing()).isFalse();
            assertThatThrownBy(() -> redis.command(SOON, "SET", "key", "late"))
                    .isInstanceOf(UncheckedIOException.class)
                    .hasMessageContaining("timed out");

            redis.resume();
            assertThat(redis.isServing()).isTrue();
            Eventually.holds(
                    "what was sent to it meanwhile", PATIENCE, () -> "late".equals(redis.command("GET", "key")));
        }
    }

    @ParameterizedTest
    @EnumSource
    void aRestartedServerIsEmptyAndHasThePortOfTheOld(RedisVersion version) {
        try (RedisServer redis = RedisServer.start(version)) {
            int port = redis.port();
            long pid = redis.pid();
            redis.command("SET", "key", "value");
            redis.restart();
            assertThat(redis.port()).isEqualTo(port);
            assertThat(redis.pid()).isNotEqualTo(pid);
            assertThat(redis.command("DBSIZE")).isEqualTo("0");

            redis.kill();
            assertThat(redis.isServing()).isFalse();
            assertThatThrownBy(() -> redis.command("PING")).isInstanceOf(UncheckedIOException.class);
            redis.restart();
            assertThat(redis.command("PING")).isEqualTo("PONG");
        }
    }

    @ParameterizedTest
    @EnumSource
    void moreArgumentsMayBeGiven(RedisVersion version) throws Exception {
        try (RedisServer redis = RedisServer.start(version, "--requirepass", "secret", "--maxmemory", "64mb")) {
            assertThat(redis.command("CONFIG", "GET", "maxmemory")).isEqualTo(List.of("maxmemory", "67108864"));
            try (var stranger = new RespConnection(redis.port(), PATIENCE)) {
                assertThatThrownBy(() -> stranger.send("PING")).hasMessageStartingWith("NOAUTH");
            }
        }
    }

    @ParameterizedTest
    @EnumSource
    void whatAServerSaysBeforeItFailsIsShown(RedisVersion version) {
        assertThatThrownBy(() -> RedisServer.start(version, "--no-such-directive", "x"))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("FATAL CONFIG FILE ERROR")
                .hasMessageContaining("no-such-directive");
    }

    @ParameterizedTest
    @EnumSource
    void aClosedServerIsGone(RedisVersion version) {
        RedisServer redis = RedisServer.start(version);
        redis.pause();
        redis.close();
        redis.close();
        assertThat(isRunning(redis.pid())).isFalse();
    }

    @Test
    void noServerOutlivesItsJvm() throws Exception {
        RedisBinary.of(RedisVersion.V7_0);
        Process jvm = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-cp",
                        System.getProperty("java.class.path"),
                        Halting.class.getName())
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        List<String> said = new String(jvm.getInputStream().readAllBytes(), RespConnection.CHARSET)
                .lines()
                .toList();
        assertThat(jvm.waitFor(1, TimeUnit.MINUTES)).isTrue();
        long pid = Long.parseLong(said.get(0));
        Path directory = Path.of(said.get(1));

        Eventually.holds("the end of the server", PATIENCE, () -> !isRunning(pid));
        Eventually.holds("the end of its directory", PATIENCE, () -> Files.notExists(directory));
    }

    private static boolean isRunning(long pid) {
        return ProcessHandle.of(pid).map(ProcessHandle::isAlive).orElse(false);
    }

    /** Starts a server, and ends without a shutdown hook. */
    static final class Halting {

        private Halting() {}

        public static void main(String[] arguments) {
            RedisServer redis = RedisServer.start(RedisVersion.V7_0);
            System.out.println(redis.pid());
            System.out.println(RedisProcesses.directory());
            System.out.flush();
            Runtime.getRuntime().halt(0);
        }
    }
}
