package dev.remora.examples;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class MainTest {

    @Test
    void helpIsEverywhereAndExitsZero() {
        assertThat(CommandRun.of("--help").out())
                .contains("Usage: java -jar remora-examples.jar")
                .contains("trace-replay");
        assertThat(CommandRun.of("trace-replay", "--help").out()).contains("--speedup");
        assertThat(CommandRun.of("trace-replay", "--help").exitCode()).isZero();
        assertThat(CommandRun.of("--version").out()).startsWith("remora-examples");
    }

    @ParameterizedTest
    @CsvSource({
        "'', Missing command",
        "dance, Unmatched argument at index 0: 'dance'",
        "--colour, Unknown option: '--colour'",
        "trace-replay, Missing required parameter: 'FILE'",
        "trace-replay f --sped 3, 'Unknown options: ''--sped'', ''3'''",
        "trace-replay f --speedup fast, Invalid value for option '--speedup'",
        "trace-replay f --speedup 0, 'speedup: 0.0 (expected: above 0, <= 1e6)'",
        "trace-replay f --requests 0, requests: 0 (expected: >= 1)",
        "trace-replay f --max-open 0, max-open: 0 (expected: >= 1)",
        "trace-replay f --sticky maybe, sticky: maybe (expected: none or conversation)",
        "trace-replay f --timeout 10, '10 (expected: a number and its unit, as in 500ms, 10s, 5m, 1h)'",
        "trace-replay f --timeout 0s, timeout: PT0S (expected: above 0)",
        "trace-replay f --url ftp://localhost, url: ftp://localhost (expected: http://host:port)",
        "trace-replay f --url http://192.0.2.1, 'url: http://192.0.2.1 (expected: an address of this machine, or --allow-remote)'",
        "trace-replay f --demo --url http://localhost, 'url: http://localhost (expected: none, with --demo)'",
        "trace-replay f --seed 4, 'Missing required argument(s): --demo'",
        "trace-replay f --demo --strategy best, 'strategy: best (expected: one of round-robin, random, least-connections, power-of-two-choices, '",
        "trace-replay f --demo --jitter 3, jitter: 3.0 (expected: 0 .. 1)",
        "trace-replay f --header Upgrade=x, restricted header name",
    })
    void aWrongCommandLinePrintsTheUsageAndExitsTwo(String line, String message) {
        CommandRun run = CommandRun.of(line.isEmpty() ? new String[0] : line.split(" "));

        assertThat(run.exitCode()).isEqualTo(2);
        assertThat(run.err()).contains(message).contains("Usage: ");
        assertThat(run.out()).isEmpty();
    }

    @Test
    void aTraceThatIsNotThereIsToldInOneLine() {
        CommandRun run = CommandRun.of("trace-replay", "no-such.csv");

        assertThat(run.exitCode()).isEqualTo(1);
        assertThat(run.err().lines()).containsExactly("no-such.csv: no such file");
    }
}
