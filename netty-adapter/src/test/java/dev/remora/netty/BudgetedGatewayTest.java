package dev.remora.netty;

import static org.assertj.core.api.Assertions.assertThat;

import dev.remora.exchange.FailureKind;
import dev.remora.exchange.Outcome;
import dev.remora.guard.Guard;
import dev.remora.guard.LimitKey;
import dev.remora.guard.TokenBudget;
import dev.remora.ratelimit.Limit;
import dev.remora.ratelimit.RateLimiter;
import dev.remora.wire.Wire;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** What chats cost of a budget of 1,000 tokens a minute, however they end. */
final class BudgetedGatewayTest extends GuardFixture {

    private static final String CHUNK =
            "data: {\"id\":\"chatcmpl-7\",\"object\":\"chat.completion.chunk\",\"created\":1700000000,"
                    + "\"model\":\"model-1\",\"choices\":[{\"index\":0,\"delta\":{\"content\":\" so\"},\"finish_reason\":null}]}\n\n";
    private static final String STOP = CHUNK.replace("\"content\":\" so\"", "").replace("null", "\"stop\"");
    private static final String USAGE =
            "data: {\"id\":\"chatcmpl-7\",\"object\":\"chat.completion.chunk\",\"choices\":[],"
                    + "\"usage\":{\"prompt_tokens\":21,\"completion_tokens\":9,\"total_tokens\":30}}\n\n";
    private static final String DONE = "data: [DONE]\n\n";
    // 40 bytes stand for 10 tokens.
    private static final String PROMPT = "{\"stream\":true,\"messages\":[\"" + "x".repeat(9) + "\"]}";
    private static final String LAST = "0\r\n\r\n";

    private final RateLimiter tokens = limiter(Limit.tokens(1_000, MINUTE));
    private final BlockingQueue<Wire> servers = new LinkedBlockingQueue<>();
    private final CountDownLatch over = new CountDownLatch(1);

    /** A back end that leaves each connection to the test, behind a budget. */
    private void start(TokenBudget budget) {
        closing(over::countDown);
        gateway(
                balancer -> guarded(balancer, Guard.tokens(LimitKey.everybody(), budget)),
                server -> {},
                backend("a", server -> {
                    servers.add(server);
                    over.await();
                }));
    }

    private TokenBudget budget() {
        return TokenBudget.of(tokens).expecting(0, 100);
    }

    private Wire chat() {
        return client().send(post("/v1/chat/completions", PROMPT));
    }

    /** The back end's side of the next connection, which has read the request and begun to answer. */
    private Wire answering() throws InterruptedException {
        Wire server = servers.poll(20, TimeUnit.SECONDS);
        assertThat(server).as("a request should arrive within 20 s").isNotNull();
        receive(server);
        return server.send(EVENTS);
    }

    private static void reads(Wire client, String expected) {
        StringBuilder read = new StringBuilder();
        while (read.length() < expected.length()) {
            read.append(client.chunk());
        }
        assertThat(read.toString()).isEqualTo(expected);
    }

    private void isLeft(long remaining) {
        assertThat(tokens.peek("*").remaining()).isEqualTo(remaining);
    }

    private static String denied(Wire client) {
        String answer = client.response();
        assertThat(answer)
                .startsWith("HTTP/1.1 429 ")
                .containsIgnoringCase("retry-after: ")
                .contains("RateLimit: \"tokens\";r=0;t=")
                .contains("RateLimit-Policy: \"tokens\";q=1000;qu=\"remora-tokens\";w=60\r\n");
        return answer;
    }

    @Test
    void whatTheBackEndNamesIsWhatItCosts() throws Exception {
        start(budget());
        Wire client = chat();
        Wire server = answering();
        assertThat(client.head()).contains("RateLimit: \"tokens\";r=890;t=");
        isLeft(890);
        server.send(chunk(CHUNK.repeat(9) + STOP)).send(chunk(USAGE)).send(chunk(DONE) + LAST);
        assertThat(client.chunked()).isEqualTo(CHUNK.repeat(9) + STOP + USAGE + DONE);
        assertThat(outcome()).isEqualTo(Outcome.success());
        isLeft(970);
    }

    @Test
    void fiveAtOnceNeverPassALimitForThree() throws Exception {
        start(TokenBudget.of(tokens).expecting(0, 300));
        List<Wire> clients = new ArrayList<>();
        for (int i = 0; i < 5; i++) {
            clients.add(chat());
        }
        List<Wire> granted = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            granted.add(answering());
        }
        time.settle();
        assertThat(servers).isEmpty();
        for (Wire server : granted) {
            server.send(chunk(USAGE + DONE) + LAST);
        }
        assertThat(clients.stream().map(Wire::response).filter(answer -> answer.startsWith("HTTP/1.1 429 ")))
                .hasSize(2);
        for (int i = 0; i < 3; i++) {
            outcome();
        }
        isLeft(910);
    }

    @Test
    void answerThatTakesMoreThanThereIsGoesIntoDebt() throws Exception {
        start(budget());
        Wire client = chat();
        Wire server = answering();
        client.head();
        for (int i = 0; i < 12; i++) {
            server.send(chunk(CHUNK.repeat(100)));
            reads(client, CHUNK.repeat(100));
        }
        server.send(chunk(STOP + DONE) + LAST);
        assertThat(client.chunked()).isEqualTo(STOP + DONE);
        assertThat(outcome()).isEqualTo(Outcome.success());
        denied(client.send(post("/", PROMPT)));
        passes(MINUTE.dividedBy(5));
        denied(client.send(post("/", PROMPT)));
        passes(MINUTE.dividedBy(5));
        client.send(post("/", PROMPT));
        receive(server);
        server.send(OK);
        assertThat(client.response()).as("211 were owed, 110 are reserved").endsWith("ok");
    }

    @Test
    void answerThatTakesMoreThanThereIsCanBeEndedAsAChatEnds() throws Exception {
        start(budget().stoppingWhenExhausted());
        Wire client = chat();
        Wire server = answering();
        client.head();
        for (int i = 0; i < 9; i++) {
            server.send(chunk(CHUNK.repeat(100)));
            reads(client, CHUNK.repeat(100));
        }
        server.send(chunk(CHUNK.repeat(100)));
        String end = client.chunked();
        assertThat(end).startsWith(CHUNK.repeat(100)).endsWith("\"finish_reason\":\"length\"}]}\n\n" + DONE);
        assertThat(outcome()).isEqualTo(Outcome.cancelled());
        assertThat(server.read()).as("the back end is told").isNegative();
        denied(client.send(post("/", PROMPT)));
    }

    @Test
    void clientThatLeavesPaysForWhatWasSeen() throws Exception {
        start(budget());
        Wire client = chat();
        Wire server = answering();
        client.head();
        server.send(chunk(CHUNK.repeat(7)));
        reads(client, CHUNK.repeat(7));
        client.reset();
        assertThat(outcome()).isEqualTo(Outcome.cancelled());
        isLeft(983);
    }

    @Test
    void clientThatLeavesBeforeTheLastByteOfAJsonAnswerPaysWhatWasReserved() throws Exception {
        start(budget());
        Wire client = chat();
        Wire server = servers.take();
        receive(server);
        String json = "{\"choices\":[{\"message\":{\"content\":\"" + "x".repeat(3_600)
                + "\"}}],\"usage\":{\"prompt_tokens\":10,\"completion_tokens\":900}}";
        String allButTheLast = json.substring(0, json.length() - 1);
        server.send(lines("HTTP/1.1 200 OK", "Content-Type: application/json", "Content-Length: " + json.length()))
                .send(allButTheLast);
        client.head();
        assertThat(client.text(allButTheLast.length())).isEqualTo(allButTheLast);
        client.close();
        assertThat(outcome()).isEqualTo(Outcome.cancelled());
        isLeft(890);
    }

    @Test
    void backEndThatDiesCostsWhatWasSeenAndTheBreakShows() throws Exception {
        start(budget());
        Wire client = chat();
        Wire server = answering();
        client.head();
        server.send(chunk(CHUNK.repeat(7)));
        reads(client, CHUNK.repeat(7));
        server.reset();
        assertThat(client.read()).as("no last chunk").isNegative();
        assertThat(outcome()).isEqualTo(Outcome.failure(FailureKind.TRUNCATED));
        isLeft(983);
    }

    @Test
    void backEndThatNeverAnswersCostsNothing() throws Exception {
        start(budget());
        Wire client = chat();
        Wire server = servers.take();
        receive(server);
        isLeft(890);
        server.reset();
        assertThat(client.response()).startsWith("HTTP/1.1 502 ");
        isLeft(1_000);
    }

    @Test
    void clientThatLeavesBeforeTheAnswerPaysForItsPrompt() throws Exception {
        start(budget());
        Wire client = chat();
        receive(servers.take());
        client.reset();
        assertThat(outcome()).isEqualTo(Outcome.cancelled());
        isLeft(990);
    }

    @Test
    void shortAnswerThatIsAskedForReservesNoMore() throws Exception {
        start(budget().readingBodies(1_000));
        Wire client = client().send(post("/", "{\"max_tokens\":50,\"messages\":[1,2,3,4,5]}"));
        Wire server = answering();
        client.head();
        isLeft(940);
        server.send(chunk(USAGE) + LAST);
        client.chunked();
        outcome();
        isLeft(970);
    }

    @Test
    void promptThatWasNotAnnouncedIsDeniedAsOneThatWas() throws Exception {
        start(budget().readingBodies(10_000));
        String chunked = request("POST", "/", "Transfer-Encoding: chunked");
        Wire client = client().send(chunked + chunk("x".repeat(4_000)) + LAST);
        denied(client);
        outcome();
        isLeft(1_000);
        client.send(chunked + chunk("x".repeat(400)) + LAST);
        assertThat(answering()).isNotNull();
        assertThat(client.head()).startsWith("HTTP/1.1 200 ");
        isLeft(800);
    }
}
