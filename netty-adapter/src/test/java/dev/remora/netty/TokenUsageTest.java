package dev.remora.netty;

import static org.assertj.core.api.Assertions.assertThat;

import dev.remora.exchange.Outcome;
import dev.remora.exchange.Usage;
import dev.remora.wire.SeenGuard;
import dev.remora.wire.Wire;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What a guard hears of the tokens of an answer, and how the answer ends when the guard says that they are too many. */
final class TokenUsageTest extends GoodbyeFixture {

    private static final String POST = "POST /v1/chat/completions HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\nhi";
    private static final String HEAD = "data: {\"id\":\"chatcmpl-7\",\"object\":\"chat.completion.chunk\","
            + "\"created\":1700000000,\"model\":\"model-1\",\"choices\":[";
    private static final String CHUNK = HEAD
            + "{\"index\":0,\"delta\":{\"content\":\"\\\"usage\\\":{\"},\"finish_reason\":null}],\"usage\":null}\n\n";
    private static final String STOP = HEAD + "{\"index\":0,\"delta\":{},\"finish_reason\":\"stop\"}]}\n\n";
    private static final String USAGE = HEAD + "],\"usage\":{\"prompt_tokens\":21,\"completion_tokens\":9}}\n\n";
    private static final String DONE = "data: [DONE]\n\n";
    private static final String EARLY_END =
            HEAD + "{\"index\":0,\"delta\":{},\"finish_reason\":\"length\"}]}\n\n" + DONE;

    private final SeenGuard guard = new SeenGuard();
    private Wire client;
    private Wire server;

    private void start(long mostOutputTokens) {
        guard.mostOutputTokens = mostOutputTokens;
        start(balancer -> balancer.guard(guard), server -> {});
    }

    private void open(String type) throws Exception {
        client = client().send(POST);
        server = server();
        answer(type);
    }

    private void answer(String type) {
        server.head();
        server.text(2);
        server.send("HTTP/1.1 200 OK\r\nContent-Type: " + type + "\r\nTransfer-Encoding: chunked\r\n\r\n");
        assertThat(client.head()).contains(" 200 ");
    }

    private void openEvents() throws Exception {
        open("text/event-stream; charset=utf-8");
    }

    private void passes(String bytes) {
        send(bytes);
        StringBuilder passed = new StringBuilder();
        while (passed.length() < bytes.length()) {
            passed.append(client.chunk());
        }
        assertThat(passed.toString()).isEqualTo(bytes);
    }

    private void send(String bytes) {
        server.send(Integer.toHexString(bytes.length()) + "\r\n" + bytes + "\r\n");
    }

    private void end() throws Exception {
        server.send("0\r\n\r\n");
        assertThat(client.chunk()).isEmpty();
        client.line();
        assertThat(outcome()).isEqualTo(Outcome.success());
    }

    private Usage usage() throws InterruptedException {
        Usage usage = guard.usages.poll(20, TimeUnit.SECONDS);
        assertThat(usage).as("a guard should hear of tokens within 20 s").isNotNull();
        return usage;
    }

    private void endsProperly() throws Exception {
        assertThat(client.chunk()).isEqualTo(EARLY_END);
        assertThat(client.chunk()).as("the last chunk").isEmpty();
        client.line();
        assertThat(outcome()).isEqualTo(Outcome.cancelled());
        assertThat(server.read()).as("the back end's connection is closed").isNegative();
    }

    private void isBroken() throws Exception {
        assertThat(client.read()).as("no last chunk").isNegative();
        assertThat(outcome()).isEqualTo(Outcome.cancelled());
    }

    @AfterEach
    void permitsAreGivenBack() {
        eventually("no permits held", () -> guard.held.get() == 0);
    }

    @Test
    void usageIsReadHoweverTheStreamIsCut() throws Exception {
        start(Long.MAX_VALUE);
        String stream = CHUNK + STOP + USAGE.replace("\n", "\r\n") + DONE;
        openEvents();
        for (int cut = 1; cut < stream.length(); cut++) {
            passes(stream.substring(0, cut));
            passes(stream.substring(cut));
            end();
            Usage last = usage();
            for (Usage next = guard.usages.poll(); next != null; next = guard.usages.poll()) {
                last = next;
            }
            assertThat(last).as("cut before %s", stream.substring(cut)).isEqualTo(Usage.request(21, 9));
            client.send(POST);
            answer("text/event-stream");
        }
        end();
    }

    @Test
    void untilThenEachEventIsATokenToldOncePerBurst() throws Exception {
        start(Long.MAX_VALUE);
        openEvents();
        passes(CHUNK);
        assertThat(usage()).isEqualTo(Usage.request(0, 1));
        passes(CHUNK + CHUNK + ": ping\n\n" + CHUNK + "data: ");
        assertThat(usage()).isEqualTo(Usage.request(0, 4));
        passes("x\n");
        passes("\n");
        assertThat(usage()).isEqualTo(Usage.request(0, 5));
        passes(USAGE + DONE);
        assertThat(usage()).isEqualTo(Usage.request(21, 9));
        end();
        assertThat(guard.usages).isEmpty();
    }

    @Test
    void wholeAnswerNamesItsTokensAtItsEnd() throws Exception {
        start(1);
        open("Application/JSON; charset=utf-8");
        passes("{\"object\":\"chat.completion\",\"usage\":{\"prompt_tok");
        passes("ens\":3,\"completion_tokens\":4}");
        passes("}");
        end();
        assertThat(usage()).isEqualTo(Usage.request(3, 4));
        assertThat(guard.usages).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({
        "application/json, '{\"models\":[]}'",
        "text/plain, '{\"usage\":{\"completion_tokens\":4}}'",
        "'application/json\r\nContent-Encoding: gzip', '{\"usage\":{\"completion_tokens\":4}}'",
        "'text/event-stream\r\nContent-Encoding: gzip', '{\"usage\":{\"completion_tokens\":4}}'"
    })
    void otherAnswersNameNone(String type, String body) throws Exception {
        start(1);
        open(type);
        passes(body);
        end();
        assertThat(guard.usages).isEmpty();
    }

    @Test
    void exhaustedChatEndsAtOnceBetweenTwoEvents() throws Exception {
        start(2);
        openEvents();
        passes(CHUNK);
        passes(CHUNK);
        passes(CHUNK);
        endsProperly();
        client.send(POST);
        server = server();
        server.head();
        server.text(2);
        server.send(OK);
        assertThat(client.response()).as("the connection is kept").endsWith("ok");
        assertThat(outcome()).isEqualTo(Outcome.success());
    }

    @Test
    void eventThatHasBegunIsFinishedAndNoneIsBegun() throws Exception {
        start(2);
        openEvents();
        passes(CHUNK + CHUNK + CHUNK + "data: {\"par");
        assertThat(usage()).isEqualTo(Usage.request(0, 3));
        time.settle();
        passes("ti");
        send("al\":1}\n\n" + CHUNK + CHUNK);
        assertThat(client.chunk()).isEqualTo("al\":1}\n\n");
        endsProperly();
        assertThat(events.take()).isEqualTo(4);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "data: hello\n\n",
                "data: {\"object\":\"text_completion\",\"choices\":[{\"index\":0,\"text\":\"x\"}]}\n\n",
                "data: {\"object\":\"chat.completion.chunk\",\"choices\":[{\"index\":1,\"delta\":{}}]}\n\n",
                "id: 1\ndata: {\"type\":\"response.output_text.delta\",\"delta\":\"x\"}\n\n"
            })
    void otherStreamsAreBroken(String event) throws Exception {
        start(2);
        openEvents();
        passes(event);
        passes(event);
        passes(event);
        isBroken();
    }

    @Test
    void chatWithoutChunksIsReset() throws Exception {
        start(2);
        client = client().send("GET / HTTP/1.0\r\n\r\n");
        server = server();
        server.head();
        server.send("HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\n" + CHUNK.repeat(3));
        client.head();
        assertThat(client.text(CHUNK.length() * 3)).isEqualTo(CHUNK.repeat(3));
        assertThat(client.read()).as("a clean end would look complete").isEqualTo(-2);
        assertThat(outcome()).isEqualTo(Outcome.cancelled());
    }

    @Test
    void answerThatIsOverIsNotCut() throws Exception {
        start(5);
        openEvents();
        passes(CHUNK);
        passes(STOP);
        passes(USAGE);
        time.settle();
        passes(DONE);
        end();
    }

    @Test
    void answerThatIsOverDoesNotGoOnForEver() throws Exception {
        start(1);
        openEvents();
        passes(CHUNK + STOP);
        time.settle();
        send(": more\n".repeat(10_000));
        assertThat(client.rest()).doesNotContain("\r\n0\r\n");
        assertThat(outcome()).isEqualTo(Outcome.cancelled());
    }

    @Test
    void backEndThatDripsWinsNoTime() throws Exception {
        start(2);
        openEvents();
        passes(CHUNK.repeat(3) + "data: ");
        time.settle();
        time.pass(Duration.ofMinutes(40));
        passes("x");
        time.pass(Duration.ofMinutes(40));
        isBroken();
    }

    @Test
    void eventThatNeverEndsIsBroken() throws Exception {
        start(2);
        openEvents();
        passes(CHUNK.repeat(3) + "data: ");
        time.settle();
        for (int i = 0; i < 5; i++) {
            send("x".repeat(16 * 1024));
        }
        assertThat(client.rest()).doesNotContain("\r\n0\r\n");
        assertThat(outcome()).isEqualTo(Outcome.cancelled());
    }
}
