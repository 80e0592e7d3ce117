package dev.remora.examples;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@Timeout(120)
class GatewayFlagsTest {

    @TempDir
    Path folder;

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "--backnd a=http://h                       | Unknown option",
                "--port x                                  | Invalid value for option '--port'",
                "--port 70000                              | port: 70000 (expected: 0 to 65535)",
                "--backend a                               | backend: a (expected: NAME=http://HOST:PORT[,weight=N][,max-streams=N][,zone=NAME])",
                "--backend a=ftp://h                       | uri: ftp://h (expected: http://host:port",
                "--backend a=http://h,weight=0             | weight: 0 (expected: 1 to 1000000)",
                "--backend a=http://h,weight=x             | backend: a=http://h,weight=x (expected: NAME=",
                "--backend a=http://h,colour=red           | backend: a=http://h,colour=red (expected: NAME=",
                "--backend a=http://h --backend a=http://i | a",
                "--backend a=http://h --seed 3             | backend: given (expected: none, when the demo is described)",
                "--backend a=http://h --dns h:80           | back ends: 2 sources (expected: one of --backend, --backends-file, --dns)",
                "--dns h:http                              | dns: h:http (expected: HOST:PORT, or the name of a service)",
                "--backends-file no-such.conf              | (expected: a name that ends in .yaml, .yml or .json)",
                "--backends-file no-such.yaml              | no-such.yaml: there is no such file",
                "--strategy best                           | strategy: best (expected: one of round-robin, random, ",
                "--sticky always                           | sticky: always (expected: none, or some of cookie, header=NAME, mcp and ip with commas between them)",
                "--sticky header=                          | header: \"\" (expected: an HTTP token)",
                "--sticky ip --cookie-name x               | sticky: ip (expected: cookie, when the cookie is described)",
                "--sticky cookie --session-idle 5m         | sticky: cookie (expected: ip, header=NAME or mcp without a hash, when sessions are described)",
                "--sticky none,ip                          | sticky: none,ip (expected: none, or some of cookie, header=NAME, mcp and ip",
                "--sticky cookie,                          | sticky: cookie, (expected: none, or some of cookie, header=NAME, mcp and ip",
                "--sticky header=X,header=X                | sticky: header=X,header=X (expected: each once)",
                "--sticky header=X,cookie                  | sticky: header=X,cookie (expected: cookie first, because it counts before every key)",
                "--sticky ip,header=X                      | sticky: ip,header=X (expected: ip last, because every request has one)",
                "--sticky cookie,header=                   | header: \"\" (expected: an HTTP token)",
                "--sticky mcp --strategy maglev            | sticky: mcp (expected: no mcp, when the strategy is a hash)",
                "--gateways 0                              | gateways: 0 (expected: 1 to 16)",
                "--gateways 17                             | gateways: 17 (expected: 1 to 16)",
                "--gateways 3 --port 65534                 | port: 65534 (expected: 0 to 65533, with 3 gateways)",
                "--gateways 2 --sticky cookie --max-sessions 5 | sticky: cookie (expected: ip, header=NAME or mcp without a hash, when sessions are described)",
                "--redis http://h:1                        | redis: http://h:1 (expected: redis://host:port",
                "--redis redis://h:1,                      | (expected: redis://host:port",
                "--redis redis://h:1 --sticky cookie       | sticky: cookie (expected: ip, header=NAME or mcp without a hash, when there is a Redis)",
                "--redis redis://h:1 --sticky none         | sticky: none (expected: ip, header=NAME or mcp without a hash, when there is a Redis)",
                "--redis redis://h:1 --strategy maglev     | sticky: cookie,header=X-Session-Id (expected: ip, header=NAME or mcp without a hash, when there is a Redis)",
                "--redis redis://h:1 --session-idle 0s     | idle: PT0S (expected: > 0)",
                "--cookie-name a;b                         | cookie name: \"a;b\" (expected: an HTTP token)",
                "--sticky-fallback cry                     | sticky-fallback: cry (expected: rebind, spill or refuse)",
                "--backend a=http://h --health-interval 1s | health-path: none (expected: a path, when it is said how to ask)",
                "--health-path healthz                     | healthz",
                "--health-rise 0                           | rise: 0 (expected: >= 1)",
                "--max-fails -1                            | maxFails: -1 (expected: >= 1)",
                "--fail-status 200                         | fail-status: 200 (expected: 400 to 599)",
                "--max-fails 0 --fail-status 471           | max-fails: 0 (expected: >= 1, when statuses are failures)",
                "--outliers --max-fails 3                  | outliers: given (expected: no --max-fails, no --fail-timeout)",
                "--slow-start 0s                           | slow start duration: PT0S (expected: > 0",
                "--probe-agent-port 70000                  | probe port: 70000 (expected: 1 to 65535)",
                "--probe-agent-port 9 --health-path /h     | health-path: /h (expected: none, with an agent)",
                "--wait 2d                                 | 2d (expected: a number and its unit, as in 500ms, 10s, 5m, 1h)",
                "--wait 25h                                | patience: PT25H (expected: > 0, at most a day)",
                "--max-waiting 3                           | wait: none (expected: a time, when it is said how many wait)",
                "--wait 5s --max-waiting 0                 | max-waiting: 0 (expected: >= 1)",
                "--max-stream-age 0s                       | maxStreamAge: PT0S (expected: > 0, at most 365 days)",
                "--max-streams 0                           | maxStreams: 0 (expected: >= 1)",
                "--trusted-proxy everybody                 | everybody",
                "--connect-timeout 0s                      | connect: PT0S (expected: > 0, at most a year)",
                "--connect-timeout soon                    | soon (expected: a number and its unit, as in 500ms, 10s, 5m, 1h)",
                "--threads 0                               | eventLoopThreads: 0 (expected: >= 1)",
                "--max-header-bytes 1                      | maxHeaderBytes: 1 (expected: >= 128)",
                "--tokens-per-second 0                     | tokens-per-second: 0.0 (expected: above 0, <= 1e6)",
                "--jitter 2                                | jitter: 2.0 (expected: 0 .. 1)",
                "--rate-limit 60                           | 60 (expected: a number, a slash and a time, as in 60/1m or 100/1s,burst=40)",
                "--rate-limit 0/1m                         | limit requests: amount 0 (expected: at least 1",
                "--rate-limit 5/1m,burst=0                 | limit requests: burst 0 (expected: 1 to",
                "--token-limit 5/m,burst                   | 5/m,burst (expected: a number, a slash and a time",
                "--stop-exhausted                          | stop-exhausted: given (expected: with --token-limit)",
                "--streams-per-client 0                    | openStreams: 0 (expected: >= 1)",
                "--allow-addresses no-such                 | no-such",
                "--api-keys no-such                        | no-such",
                "--backend-key a=sk-123                    | backend-key: (expected: env:VARIABLE or file:PATH)",
                "--backend-key a=env:REMORA_NO_SUCH        | environment variable REMORA_NO_SUCH: not set (expected: a secret)",
                "--inspect maybe                           | inspect: maybe (expected: log or block)",
                "--tls-cert x                              | Missing required argument(s): --tls-key=FILE",
                "--tls-cert no-such --tls-key no-such      | tls: no-such, no-such (expected: a PEM certificate and its PKCS #8 key)",
                "--backend-ca no-such                      | backendTls: no-such (expected: a readable file with PEM certificates)",
                "stray                                     | Unmatched argument",
            })
    void aWrongFlagPrintsTheUsageAndExitsTwo(String line, String message) {
        CommandRun run = CommandRun.of(("chat-gateway " + line.strip()).split(" "));

        assertThat(run.err()).contains(message.strip()).contains("Usage: java -jar remora-examples.jar chat-gateway");
        assertThat(run.exitCode()).isEqualTo(2);
        assertThat(run.out()).isEmpty();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "--container glassfish                     | container: glassfish (expected: tomcat, jetty or undertow)",
                "--threads 0                               | threads: 0 (expected: >= 1)",
                "--max-header-bytes 1                      | maxHeaderBytes: 1 (expected: >= 128)",
                "--port 70000                              | port: 70000 (expected: 0 to 65535)",
                "--max-body-bytes -1                       | maxRequestBodyBytes: -1 (expected: >= 0)",
                "--connect-timeout 0s                      | connect: PT0S (expected: > 0, at most a year)",
                "--tls-cert no-such --tls-key no-such      | tls: no-such, no-such (expected: a PEM certificate and its PKCS #8 key)",
                "--tls-cert pom.xml --tls-key pom.xml      | tls: pom.xml, pom.xml (expected: a PEM certificate and its PKCS #8 key)",
                "--backend-ca no-such                      | backendTls: no-such (expected: a readable file with PEM certificates)",
                "--max-line-bytes 9                        | --max-line-bytes: a container counts a request's line with its headers",
                "--sticky always                           | sticky: always (expected: none, or some of",
            })
    void aWrongFlagOfTheServletGatewayToo(String line, String message) {
        CommandRun run = CommandRun.of(("servlet-gateway " + line.strip()).split(" "));

        assertThat(run.err())
                .contains(message.strip())
                .contains("Usage: java -jar remora-examples.jar servlet-gateway");
        assertThat(run.exitCode()).isEqualTo(2);
        assertThat(run.out()).isEmpty();
    }

    @Test
    void backEndsMayBeListedInAFile() throws Exception {
        Path file = Files.writeString(folder.resolve("backends.yaml"), """
                backends:
                  - {id: a, uri: http://127.0.0.1:9, maxStreams: 3}
                  - {id: b, uri: http://127.0.0.1:9}
                """);
        try (var gateway = OpenGateway.with("--backends-file", file.toString(), "--max-streams", "7")) {
            assertThat(gateway.stats().backends().stream()
                            .map(stats -> stats.backend().maxStreams()))
                    .containsExactly(3, 7);
        }
    }

    @Test
    void flagsMayComeInAnyOrder() throws Exception {
        try (var gateway = OpenGateway.with(
                "--sticky",
                "none",
                "--seed",
                "4",
                "--threads",
                "1",
                "--strategy",
                "round-robin",
                "--max-open-streams",
                "5",
                "--stream-idle-timeout",
                "1m",
                "--tokens-per-second",
                "100",
                "--max-streams",
                "7")) {
            assertThat(gateway.stats().backends())
                    .extracting(member -> member.backend().maxStreams())
                    .containsExactly(7, 7, 7);
        }
    }

    @Test
    void aShortKeyFileIsRefused() throws IOException {
        Path key = Files.writeString(folder.resolve("key"), "short");

        CommandRun run = CommandRun.of("chat-gateway", "--port", "0", "--cookie-key-file", key.toString());

        assertThat(run.err()).contains("cookie key: 5 bytes (expected: >= 16)");
        assertThat(run.exitCode()).isEqualTo(2);
    }

    @Test
    void aMissingKeyFileIsToldInOneLine() {
        CommandRun run = CommandRun.of("chat-gateway", "--port", "0", "--cookie-key-file", "no-such");

        assertThat(run.err().lines()).containsExactly("cookie-key-file: no-such (expected: a readable file)");
        assertThat(run.exitCode()).isEqualTo(1);
    }

    @Test
    void greetingSaysWhereItIsAndWhatToTryNext() throws Exception {
        try (var gateway = OpenGateway.with()) {
            String greeting = Greeting.of(gateway.running());

            assertThat(greeting)
                    .startsWith("Remora serves " + gateway.uri() + " in front of a http://127.0.0.1:")
                    .contains("random key")
                    .contains("open " + gateway.uri() + "/ in a browser");
            assertThat(greeting.lines().filter(line -> line.contains("curl -N")))
                    .hasSize(2);
        }
        try (var gateway = OpenGateway.with("--backend", "x=http://127.0.0.1:9", "--sticky", "none")) {
            assertThat(Greeting.of(gateway.running()))
                    .contains("MODEL")
                    .doesNotContain("browser")
                    .doesNotContain("random key")
                    .doesNotContain("jar");
        }
    }
}
