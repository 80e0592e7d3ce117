package dev.remora.relay;

import static org.assertj.core.api.Assertions.assertThat;

import dev.remora.EndRequest;
import dev.remora.Lease;
import dev.remora.LoadBalancer;
import dev.remora.exchange.FakeRequest;
import dev.remora.exchange.Outcome;
import dev.remora.http.CloseFrame;
import dev.remora.pool.Backend;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Where close frames stand between the frames of others. */
class WebSocketRelayTest {

    private static final EndRequest WISH =
            new EndRequest(EndRequest.Reason.DRAIN, EndRequest.Urgency.POLITE, 1012, Duration.ofSeconds(1));
    private static final String HELLO = "\u0081\u0005hello";
    private static final String MASKED_HI = "\u0081\u0082\0\0\0\0hi";
    private static final String ANSWER = text(new CloseFrame(1012, "").masked(0));

    private final LoadBalancer balancer = LoadBalancer.builder()
            .backends(Backend.of("a", "http://127.0.0.1:1"))
            .build();
    private final Lease lease = (Lease) balancer.tryAcquire(FakeRequest.get("/ws"));
    private final List<String> said = new ArrayList<>();
    private Optional<EndRequest> wish = Optional.of(WISH);
    private final WebSocketRelay relay = new WebSocketRelay(lease, () -> 0L, false, new WebSocketRelay.Ends() {
        @Override
        public Optional<EndRequest> endWish() {
            return wish;
        }

        @Override
        public void closeClient(byte[] frame) {
            said.add("client " + text(frame).substring(4));
        }

        @Override
        public void closeBackend(byte[] frame) {
            said.add("backend " + text(frame).substring(8));
        }

        @Override
        public void clientAnswered() {
            said.add("answered");
        }
    });

    @AfterEach
    void close() {
        lease.complete(Outcome.cancelled());
        balancer.close();
    }

    private int fromBackend(String bytes) {
        return fromBackend(bytes, 0);
    }

    private int fromBackend(String bytes, int before) {
        ByteBuffer buffer = ByteBuffer.wrap(bytes(" ".repeat(before) + bytes)).position(before);
        int count = relay.fromBackend(buffer);
        assertThat(buffer.position()).as("left as it was").isEqualTo(before);
        relay.passed();
        return count;
    }

    private int fromClient(String bytes) {
        int count = relay.fromClient(ByteBuffer.wrap(bytes(bytes)));
        relay.passed();
        return count;
    }

    @Test
    void withoutAWishEverythingPasses() {
        assertThat(fromBackend(HELLO + HELLO.substring(0, 3))).isEqualTo(HELLO.length() + 3);
        assertThat(fromClient(MASKED_HI)).isEqualTo(MASKED_HI.length());
        assertThat(said).isEmpty();
    }

    @Test
    void betweenTwoMessagesBothAreToldAtOnce() {
        fromBackend(HELLO);
        relay.sayGoodbye(WISH);
        assertThat(said).containsExactly("client drain", "backend drain");
        assertThat(relay.isClientTold()).isTrue();
    }

    @Test
    void withinAMessageTheRestOfItGoesFirst() {
        fromBackend(HELLO.substring(0, 3));
        relay.sayGoodbye(WISH);
        assertThat(said).isEmpty();
        assertThat(fromBackend(HELLO.substring(3) + HELLO))
                .as("without the next one")
                .isEqualTo(HELLO.length() - 3);
        assertThat(said).containsExactly("client drain", "backend drain");
        assertThat(fromBackend(HELLO)).as("nothing behind a goodbye").isZero();
    }

    @Test
    void bytesBeforeThePositionAreNotLookedAt() {
        fromBackend(HELLO.substring(0, 3), 5);
        relay.sayGoodbye(WISH);
        assertThat(fromBackend(HELLO.substring(3) + HELLO, 7)).isEqualTo(HELLO.length() - 3);
    }

    @Test
    void wishThatWasTakenBackIsForgotten() {
        fromBackend(HELLO.substring(0, 3));
        relay.sayGoodbye(WISH);
        wish = Optional.empty();
        assertThat(fromBackend(HELLO.substring(3) + HELLO)).isEqualTo(HELLO.length() - 3 + HELLO.length());
        assertThat(said).isEmpty();
    }

    @Test
    void nowMeansBetweenTwoFrames() {
        fromBackend("\u0001\u0002he");
        relay.sayGoodbyeNow(WISH);
        assertThat(said).containsExactly("client drain", "backend drain");
    }

    @Test
    void nowMeansNothingWithinAFrame() {
        fromBackend(HELLO.substring(0, 3));
        relay.sayGoodbyeNow(WISH);
        assertThat(said).isEmpty();
    }

    @Test
    void clientsFrameIsFinishedBeforeTheBackEndIsTold() {
        fromClient(MASKED_HI.substring(0, 4));
        relay.sayGoodbye(WISH);
        assertThat(said).containsExactly("client drain");
        assertThat(fromClient(MASKED_HI.substring(4) + MASKED_HI)).isEqualTo(MASKED_HI.length() - 4);
        assertThat(said).containsExactly("client drain", "backend drain");
    }

    @Test
    void answerIsToldOnceAndNotPassedOn() {
        relay.sayGoodbye(WISH);
        assertThat(fromClient(MASKED_HI + ANSWER)).isZero();
        assertThat(fromClient("more")).isZero();
        assertThat(fromBackend(HELLO)).isZero();
        assertThat(said).containsExactly("client drain", "backend drain", "answered");
    }

    @Test
    void answerInThePieceThatEndsAFrameComesAfterTheBackEndIsTold() {
        fromClient(MASKED_HI.substring(0, 4));
        relay.sayGoodbye(WISH);
        fromClient(MASKED_HI.substring(4) + ANSWER);
        assertThat(said).containsExactly("client drain", "backend drain", "answered");
    }

    @Test
    void clientThatHasClosedIsNotToldAgain() {
        fromClient(ANSWER);
        relay.sayGoodbye(WISH);
        assertThat(said).isEmpty();
        assertThat(fromBackend(HELLO)).isEqualTo(HELLO.length());
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.ISO_8859_1);
    }

    private static String text(byte[] bytes) {
        return new String(bytes, StandardCharsets.ISO_8859_1);
    }
}
