package dev.remora.http;

import static org.assertj.core.api.Assertions.assertThat;

import dev.remora.exchange.Usage;
import java.nio.charset.StandardCharsets;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What answers say of themselves, in the forms that servers send. */
class CompletionScannerTest {

    private static final String CHUNK = "data: {\"id\":\"chatcmpl-7\",\"object\":\"chat.completion.chunk\","
            + "\"created\":1700000000,\"model\":\"org/model-1\",\"choices\":[{\"index\":0,\"delta\":"
            + "{\"content\":\"Hi\"},\"logprobs\":null,\"finish_reason\":null}],\"usage\":null}\n\n";
    private static final String STOP = "data: {\"id\":\"chatcmpl-7\",\"object\":\"chat.completion.chunk\","
            + "\"choices\":[{\"index\":0,\"delta\":{},\"finish_reason\":\"stop\"}]}\n\n";
    private static final String USAGE =
            "data: {\"id\":\"chatcmpl-7\",\"object\":\"chat.completion.chunk\",\"choices\":[],"
                    + "\"usage\":{\"prompt_tokens\":21,\"total_tokens\":30,\"completion_tokens\":9,"
                    + "\"prompt_tokens_details\":{\"prompt_tokens\":5},\"completion_tokens_details\":{\"output_tokens\":4}}}\n\n";
    private static final String DONE = "data: [DONE]\n\n";

    private static CompletionScanner events(String stream) {
        EventStreamEvents events = new EventStreamEvents();
        CompletionScanner scanner = new CompletionScanner();
        for (byte b : stream.getBytes(StandardCharsets.UTF_8)) {
            boolean ended = events.next(b);
            if (ended) {
                scanner.ended();
            }
            scanner.next(b, events.isInData());
        }
        return scanner;
    }

    private static CompletionScanner document(String json) {
        CompletionScanner scanner = new CompletionScanner();
        for (byte b : json.getBytes(StandardCharsets.UTF_8)) {
            scanner.next(b, true);
        }
        scanner.ended();
        return scanner;
    }

    private static String usage(String members) {
        return "data: {\"usage\":{" + members + "}}\n\n";
    }

    @Test
    void chatCompletionNamesItsTokensAtItsEnd() {
        CompletionScanner scanner = events(CHUNK + CHUNK + STOP + USAGE + DONE);
        assertThat(scanner.usage()).isEqualTo(Usage.request(21, 9));
        assertThat(scanner.isExact()).isTrue();
        assertThat(scanner.isFinished()).isTrue();
    }

    @Test
    void untilThenEachEventWithDataIsAToken() {
        CompletionScanner scanner = events(CHUNK + ": ping\n\n" + CHUNK + "event: x\n\n" + CHUNK + DONE);
        assertThat(scanner.usage()).isEqualTo(Usage.request(0, 3));
        assertThat(scanner.isExact()).isFalse();
    }

    @Test
    void eventsBehindAUsageAreAddedToIt() {
        CompletionScanner scanner = events(usage("\"prompt_tokens\":7,\"completion_tokens\":3") + CHUNK + CHUNK);
        assertThat(scanner.usage()).isEqualTo(Usage.request(7, 5));
        assertThat(scanner.isExact()).isFalse();
    }

    @Test
    void responseNamesItsTokensWhenItIsCompleted() {
        CompletionScanner scanner = events("event: response.output_text.delta\ndata: {\"type\":"
                + "\"response.output_text.delta\",\"sequence_number\":4,\"delta\":\"Hi\"}\n\n"
                + "event: response.completed\ndata: {\"type\":\"response.completed\",\"response\":{\"id\":\"resp_1\","
                + "\"object\":\"response\",\"output\":[{\"usage\":{\"input_tokens\":1}}],\"usage\":{\"input_tokens\":37,"
                + "\"input_tokens_details\":{\"cached_tokens\":2},\"output_tokens\":11,\"total_tokens\":48}}}\n\n");
        assertThat(scanner.usage()).isEqualTo(Usage.request(37, 11));
        assertThat(scanner.isExact()).isTrue();
        assertThat(scanner.isFinished()).isTrue();
        assertThat(scanner.earlyEnd()).isEmpty();
    }

    @Test
    void messageNamesItsInputAtItsStartAndItsOutputAtItsEnd() {
        String start = "event: message_start\ndata: {\"type\":\"message_start\",\"message\":{\"id\":\"msg_1\","
                + "\"type\":\"message\",\"usage\":{\"input_tokens\":25,\"output_tokens\":1}}}\n\n";
        String delta = "event: content_block_delta\ndata: {\"type\":\"content_block_delta\",\"index\":0,"
                + "\"delta\":{\"type\":\"text_delta\",\"text\":\"Hi\"}}\n\n";
        assertThat(events(start + delta + delta).usage()).isEqualTo(Usage.request(25, 3));
        CompletionScanner scanner = events(start + delta + delta
                + "event: message_delta\ndata: {\"type\":\"message_delta\",\"delta\":{\"stop_reason\":\"end_turn\","
                + "\"stop_sequence\":null},\"usage\":{\"output_tokens\":15}}\n\n"
                + "event: message_stop\ndata: {\"type\":\"message_stop\"}\n\n");
        assertThat(scanner.usage()).isEqualTo(Usage.request(25, 15));
        assertThat(scanner.isExact()).isTrue();
        assertThat(scanner.isFinished()).isTrue();
    }

    @Test
    void wholeAnswerNamesItsTokens() {
        CompletionScanner scanner = document("{\"object\":\"chat.completion\",\"choices\":[{\"message\":{\"content\":"
                + "\"\\\"usage\\\":{\\\"prompt_tokens\\\":99}\"}}],\n \"usage\" : { \"prompt_tokens\" : 5 ,\r\n"
                + "\t\"completion_tokens\" : 6 } }\n");
        assertThat(scanner.usage()).isEqualTo(Usage.request(5, 6));
        assertThat(scanner.isExact()).isTrue();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{\"choices\":[{\"delta\":{\"content\":\"{\\\"usage\\\":{\\\"prompt_tokens\\\":9}}\"}}]}",
                "{\"choices\":[{\"usage\":{\"prompt_tokens\":9}}]}",
                "{\"choices\":{\"usage\":{\"prompt_tokens\":9}}}",
                "{\"x\":{\"usage\":{\"prompt_tokens\":9}}}",
                "{\"x\":[{\"usage\":{\"prompt_tokens\":9}}]}",
                "{\"usage\":[{\"prompt_tokens\":9}]}",
                "{\"usage\":{\"x\":{\"prompt_tokens\":9}}}",
                "{\"response\":{\"response\":{\"usage\":{\"prompt_tokens\":9}}}}",
                "[{\"usage\":{\"prompt_tokens\":9}}]",
                "\"usage\"",
                "{\"prompt_tokens\":9}",
                "{\"usage\":null}",
                "{\"usage\":{\"prompt_tokens\":null}}",
                "{\"usage\":{\"prompt_tokens\":\"9\"}}",
                "{\"usage\":{\"prompt_tokens\":-9}}",
                "{\"usage\":{\"prompt_tokens\":9.5}}",
                "{\"usage\":{\"prompt_tokens\":9e3}}",
                "{\"usage\":{\"prompt_tokens\":9},\"usage\":null}",
                "{\"usage\":{\"prompt_tokens\":9,\"prompt_tokens\":null}}",
                "{\"usage\":{\"\\u0070rompt_tokens\":9}}",
                "{\"usage\":{\"prompt_tokens\":9}",
                "{\"usage\":{\"prompt_tokens\":9}}}",
                "{\"usage\":{\"prompt_tokens\":9}} {}",
                "{\"usage\":{\"prompt_tokens\":9},}",
                "{\"usage\" {\"prompt_tokens\":9}}",
                "{\"usage\":{\"prompt_tokens\":9]}",
                "{\"usage\":{\"prompt_tokens\"}}"
            })
    void whatIsNoUsageOrInNoWholeDocumentDoesNotCount(String json) {
        CompletionScanner scanner = events("data: " + json + "\n\n");
        assertThat(scanner.usage()).isEqualTo(Usage.request(0, 1));
        assertThat(scanner.isExact()).isFalse();
    }

    @ParameterizedTest
    @CsvSource({
        "9223372036854775806, 9223372036854775806",
        "9223372036854775807, 9223372036854775807",
        "9223372036854775808, 9223372036854775807",
        "99999999999999999999999999999, 9223372036854775807"
    })
    void hugeNumbersEndAtTheLargest(String number, long understood) {
        assertThat(events(usage("\"completion_tokens\":" + number)).usage()).isEqualTo(Usage.request(0, understood));
        assertThat(events(usage("\"completion_tokens\":" + number) + CHUNK + CHUNK)
                        .usage()
                        .outputTokens())
                .isEqualTo(Long.MAX_VALUE);
    }

    @Test
    void lastOfTwoMembersWithOneNameCounts() {
        CompletionScanner scanner = events("data: {\"usage\":{\"prompt_tokens\":1,\"completion_tokens\":2},"
                + "\"usage\":{\"prompt_tokens\":3,\"prompt_tokens\":4}}\n\n");
        assertThat(scanner.usage()).isEqualTo(Usage.request(4, 0));
    }

    @ParameterizedTest
    @ValueSource(strings = {"\n", "\r\n", "\r"})
    void dataMayHaveSeveralLines(String end) {
        String stream =
                "data:{\"usage\":\ndata: {\"prompt_tokens\":4\ndata:,\ndata\ndata:\"completion_tokens\":5}}\n\n";
        // What a lone CR ends is known with the next byte.
        assertThat(events(stream.replace("\n", end) + ":").usage()).isEqualTo(Usage.request(4, 5));
    }

    @Test
    void linesAreNotJoined() {
        assertThat(events("data:{\"usage\":{\"prompt_tokens\":1\ndata:2}}\n\n").isExact())
                .isFalse();
    }

    @Test
    void unfinishedChatCompletionCanBeEnded() {
        CompletionScanner scanner = events(CHUNK + CHUNK);
        assertThat(scanner.earlyEnd().map(end -> new String(end, StandardCharsets.US_ASCII)))
                .contains("data: {\"id\":\"chatcmpl-7\",\"object\":\"chat.completion.chunk\",\"created\":1700000000,"
                        + "\"model\":\"org/model-1\",\"choices\":[{\"index\":0,\"delta\":{},\"finish_reason\":\"length\"}]}"
                        + "\n\ndata: [DONE]\n\n");
    }

    @Test
    void finishedOneCannot() {
        assertThat(events(CHUNK + STOP).isFinished()).isTrue();
        assertThat(events(CHUNK + STOP).earlyEnd()).isEmpty();
        assertThat(events(CHUNK + DONE).earlyEnd()).isEmpty();
    }

    @Test
    void oneWithSeveralChoicesCannot() {
        assertThat(events(CHUNK + CHUNK.replace("\"index\":0", "\"index\":1") + CHUNK)
                        .earlyEnd())
                .isEmpty();
    }

    @Test
    void anythingElseCannot() {
        assertThat(events(CHUNK.replace("chat.completion.chunk", "text_completion"))
                        .earlyEnd())
                .isEmpty();
        assertThat(events(CHUNK.replace("chat.completion.chunk", "chat.completion.chunk2"))
                        .earlyEnd())
                .isEmpty();
    }

    @Test
    void whatIsRepeatedOfTheAnswerIsShortAndHarmless() {
        String id = "a\\\"\\u000a\u00fc" + "x".repeat(500);
        CompletionScanner scanner = events(CHUNK.replace("chatcmpl-7", id));
        String end = new String(scanner.earlyEnd().orElseThrow(), StandardCharsets.US_ASCII);
        assertThat(end).startsWith("data: {\"id\":\"a?u000a??xxx").contains("x\",\"object\"");
        assertThat(end.lines()).hasSize(4);
        assertThat(end.length()).isLessThan(450);
    }

    @Test
    void garbageIsSurvived() {
        Random random = new Random(20_261_128);
        String alphabet = "{}[]\":,\\ \n019-.eusagenull";
        for (int i = 0; i < 20_000; i++) {
            StringBuilder garbage = new StringBuilder();
            for (int length = random.nextInt(60); length > 0; length--) {
                garbage.append(alphabet.charAt(random.nextInt(alphabet.length())));
            }
            CompletionScanner scanner = document(garbage.toString());
            for (byte b : "{\"usage\":{\"prompt_tokens\":5}}".getBytes(StandardCharsets.US_ASCII)) {
                scanner.next(b, true);
            }
            scanner.ended();
            assertThat(scanner.usage().inputTokens()).as("behind %s", garbage).isEqualTo(5);
        }
    }
}
