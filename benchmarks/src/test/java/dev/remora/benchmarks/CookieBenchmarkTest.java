package dev.remora.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class CookieBenchmarkTest {

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void everyCookieIsReadAndWritten(boolean sliding) throws Exception {
        CookieBenchmark benchmark = new CookieBenchmark();
        benchmark.sliding = sliding;
        benchmark.sign();
        for (int i = 0; i < 1_000; i++) {
            assertThat(benchmark.verify().orElseThrow().session()).isEqualTo(i);
        }
        assertThat(benchmark.knowAgain()).isPresent();
        assertThat(benchmark.hmac()).hasSize(32);
        assertThat(benchmark.write()).startsWith("remora=").endsWith("; Secure");
    }
}
