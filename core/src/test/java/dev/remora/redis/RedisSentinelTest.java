package dev.remora.redis;

import static org.assertj.core.api.Assertions.assertThat;

import dev.remora.wire.Eventually;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class RedisSentinelTest {

    @ParameterizedTest
    @EnumSource
    void theReplicaTakesOverFromAMasterThatIsKilled(RedisVersion version) {
        List<RedisServer> all;
        try (RedisSentinel sentinel = RedisSentinel.start(version)) {
            RedisServer master = sentinel.master();
            RedisServer replica = sentinel.replica();
            all = List.of(master, replica, sentinel.sentinel());
            assertThat(sentinel.uri())
                    .isEqualTo(
                            "redis-sentinel://127.0.0.1:" + sentinel.sentinel().port() + "?sentinelMasterId=remora");
            master.command("SET", "key", "value");
            // WAIT counts a replica that is still taking its first copy, and that copy may be older.
            Eventually.holds(
                    "the replica has the value",
                    Duration.ofSeconds(20),
                    () -> "value".equals(replica.command("GET", "key")));

            assertThat(sentinel.killMaster()).isSameAs(master);
            sentinel.awaitRecovered();

            assertThat(sentinel.master()).isSameAs(replica);
            assertThat(replica.command("GET", "key")).isEqualTo("value");
        }
        assertThat(all).noneMatch(RedisServer::isServing);
    }
}
