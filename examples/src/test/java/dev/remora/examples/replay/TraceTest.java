package dev.remora.examples.replay;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TraceTest {

    @TempDir
    Path folder;

    @Test
    void readsAzureFiles() throws IOException {
        Trace trace = read("""
                TIMESTAMP,ContextTokens,GeneratedTokens
                2030-01-01 23:59:59.9000000,10,3
                2030-01-02 00:00:00.4000001,200,1
                2030-01-02 00:00:01+00:00,0,7
                """);

        assertThat(trace.requests())
                .containsExactly(
                        new TraceRequest(0, 10, 3, Optional.empty()),
                        new TraceRequest(500_000_100, 200, 1, Optional.empty()),
                        new TraceRequest(1_100_000_000, 0, 7, Optional.empty()));
        assertThat(trace.hasConversations()).isFalse();
    }

    @Test
    void readsMooncakeFilesAndSpreadsEachTickEvenly() throws IOException {
        Trace trace = read("""
                {"timestamp": 6000, "input_length": 900, "output_length": 5, "hash_ids": [0, 11]}
                {"timestamp": 6000, "input_length": 800, "output_length": 6, "hash_ids": [0, 12, 13]}
                {"timestamp": 9000, "input_length": 1700, "output_length": 7, "hash_ids": [0, 11, 14]}
                {"timestamp": 9000, "input_length": 10, "output_length": 8, "hash_ids": [0]}
                {"timestamp": 9000, "input_length": 10, "output_length": 9, "hash_ids": [0, 12]}
                """);

        assertThat(trace.requests())
                .extracting(TraceRequest::atNanos)
                .as("two in the first three seconds, three in the next")
                .isEqualTo(millis(0, 1_500, 3_000, 4_000, 5_000));
        assertThat(trace.requests())
                .extracting(TraceRequest::conversation)
                .containsExactly(
                        Optional.of("11"), Optional.of("12"), Optional.of("11"), Optional.empty(), Optional.of("12"));
        assertThat(trace.requests()).extracting(TraceRequest::generatedTokens).containsExactly(5, 6, 7, 8, 9);
        assertThat(trace.hasConversations()).isTrue();
    }

    @Test
    void takesTheFirstRequestsOnly() throws IOException {
        Trace trace =
                read("TIMESTAMP,ContextTokens,GeneratedTokens\n2030-01-01 00:00:00,1,1\n2030-01-01 00:00:01,2,2\n");

        assertThat(trace.first(1).requests()).hasSize(1);
        assertThat(trace.first(9).requests()).hasSize(2);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "''                                   | : empty (expected: a trace)",
                "time,tokens                          | :1: time,tokens (expected: TIMESTAMP,ContextTokens,GeneratedTokens",
                "{\"timestamp\": 1                    | :1: Unexpected end-of-input",
                "{\"timestamp\": 1.5}                 | :1: timestamp: 1.5 (expected: a whole number)",
                "{\"timestamp\": 1, \"input_length\": 1, \"output_length\": 0} | :1: generated tokens: 0 (expected: >= 1)",
            })
    void saysWhatIsWrongAndWhere(String text, String message) throws IOException {
        Path file = Files.writeString(folder.resolve("trace"), text);

        assertThatThrownBy(() -> Trace.read(file))
                .isInstanceOf(IOException.class)
                .hasMessageStartingWith(file + message);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "2030-01-01 00:00:00,1       | 2030-01-01 00:00:00,1 (expected: TIMESTAMP,ContextTokens,GeneratedTokens)",
                "2030-01-01 00:00:00,x,1     | tokens: x (expected: a whole number)",
                "2030-01-01 00:00:00,-1,1    | context tokens: -1 (expected: >= 0)",
                "yesterday,1,1               | Text 'yesterday' could not be parsed at index 0",
            })
    void saysWhichLineOfAnAzureFileIsWrong(String line, String message) throws IOException {
        Path file = Files.writeString(folder.resolve("trace"), AzureTrace.HEADER + "\n\n" + line + "\n");

        assertThatThrownBy(() -> Trace.read(file))
                .isInstanceOf(IOException.class)
                .hasMessage(file + ":3: " + message);
    }

    private Trace read(String text) throws IOException {
        return Trace.read(Files.writeString(folder.resolve("trace"), text));
    }

    private static List<Long> millis(long... millis) {
        return java.util.Arrays.stream(millis)
                .mapToObj(TimeUnit.MILLISECONDS::toNanos)
                .toList();
    }
}
