package dev.remora.redis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

@Tag("long")
class RedisClusterTest {

    @ParameterizedTest
    @EnumSource
    void aReplicaTakesOverFromAMasterThatIsKilled(RedisVersion version) {
        List<RedisServer> nodes;
        try (RedisCluster cluster = RedisCluster.start(version)) {
            nodes = cluster.nodes();
            assertThat(cluster.uris()).hasSize(6).doesNotHaveDuplicates();
            RedisServer master = cluster.masterFor("key");
            assertThat(nodes.subList(0, 3)).contains(master);
            master.command("SET", "key", "value");
            master.command("WAIT", "1", "5000");

            assertThat(cluster.killMasterOf("key")).isSameAs(master);
            cluster.awaitRecovered();

            RedisServer successor = cluster.masterFor("key");
            assertThat(nodes.subList(3, 6)).contains(successor);
            assertThat(successor.command("GET", "key")).isEqualTo("value");
        }
        assertThat(nodes).noneMatch(RedisServer::isServing);
    }

    @ParameterizedTest
    @EnumSource
    void everyNodeHasAThirdOfTheKeys(RedisVersion version) {
        try (RedisCluster cluster = RedisCluster.start(version)) {
            RedisServer one = cluster.masterFor("{1}");
            RedisServer other = List.of("{2}", "{3}", "{4}", "{5}", "{6}").stream()
                    .map(cluster::masterFor)
                    .filter(node -> node != one)
                    .findFirst()
                    .orElseThrow();
            assertThat(one.command("GET", "{1}")).isNull();
            assertThatThrownBy(() -> other.command("GET", "{1}"))
                    .hasMessageStartingWith("MOVED ")
                    .hasMessageEndingWith(":" + one.port());
        }
    }
}
