package dev.remora.servlet;

import static org.assertj.core.api.Assertions.assertThat;

import dev.remora.affinity.StickyCookie;
import dev.remora.exchange.FailureKind;
import dev.remora.exchange.Outcome;
import dev.remora.http.Timeouts;
import dev.remora.wire.Wire;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** After a 101, bytes flow both ways and nothing of them is lost. */
class TunnelTest extends TunnelFixture {

    private static final Duration SHORT = Duration.ofMillis(300);

    private Wire client;
    private Wire server;

    private void open() throws Exception {
        client = client().send(UPGRADE);
        server = server();
        assertThat(server.head())
                .startsWith("GET /ws HTTP/1.1\r\n")
                .containsIgnoringCase("connection: upgrade\r\n")
                .containsIgnoringCase("upgrade: chat\r\n");
        server.send(SWITCHING);
        assertThat(client.head())
                .startsWith("HTTP/1.1 101 ")
                .containsIgnoringCase("connection: upgrade")
                .containsIgnoringCase("upgrade: chat\r\n");
    }

    @Test
    void bytesFlowBothWays() throws Exception {
        gateway(patient("a"));
        open();
        for (int i = 0; i < 100; i++) {
            String frame = "frame " + i + "\u0000\u00ff";
            client.send(frame);
            assertThat(server.text(frame.length())).isEqualTo(frame);
            server.send(frame);
            assertThat(client.text(frame.length())).isEqualTo(frame);
        }
        client.close();
        assertThat(server.read()).as("the client's end is the back end's").isEqualTo(-1);
        server.close();
        assertThat(outcome()).isEqualTo(Outcome.success());
    }

    @Test
    void bytesBehindBothHeadsAreNotLost() throws Exception {
        gateway(patient("a"));
        client = client().send(UPGRADE + "early word of the client");
        server = server();
        server.head();
        server.send(SWITCHING + "early word of the server");
        client.head();
        assertThat(client.text(24)).isEqualTo("early word of the server");
        assertThat(server.text(24)).isEqualTo("early word of the client");
        client.close();
        server.close();
        assertThat(outcome()).isEqualTo(Outcome.success());
    }

    @Test
    void endOfTheBackEndReachesTheClient() throws Exception {
        gateway(patient("a"));
        open();
        server.send("last word").close();
        assertThat(client.rest()).isEqualTo("last word");
        client.close();
        assertThat(outcome()).isEqualTo(Outcome.success());
    }

    @Test
    void backEndThatBreaksHasFailedAndTheClientSeesAnEnd() throws Exception {
        gateway(patient("a"));
        open();
        server.reset();
        assertThat(client.read()).isNegative();
        assertThat(outcome()).isEqualTo(Outcome.failure(FailureKind.TRUNCATED));
    }

    @Test
    void clientThatBreaksIsNoFaultOfTheBackEnd() throws Exception {
        gateway(patient("a"));
        open();
        client.send("x");
        server.text(1);
        client.reset();
        assertThat(server.read()).isEqualTo(-1);
        assertThat(outcome()).isEqualTo(Container.present().resetByClient());
    }

    @Test
    void silentTunnelIsCut() throws Exception {
        gateway(balancer -> {}, servlet -> servlet.timeouts(Timeouts.defaults().withStreamIdle(SHORT)), patient("a"));
        open();
        assertThat(client.read()).isNegative();
        assertThat(server.read()).isNegative();
        assertThat(outcome()).isEqualTo(Outcome.cancelled());
    }

    @Test
    void agreementCarriesTheStickyCookie() throws Exception {
        gateway(balancer -> balancer.stickyCookie(StickyCookie.signedWith(new byte[32])), servlet -> {}, patient("a"));
        client = client().send(UPGRADE);
        server = server();
        server.head();
        server.send(SWITCHING);
        assertThat(client.head()).startsWith("HTTP/1.1 101 ").containsIgnoringCase("set-cookie: remora=");
        client.close();
        server.close();
        assertThat(outcome()).isEqualTo(Outcome.success());
    }

    @Test
    void destroyedProxyEndsItsTunnels() throws Exception {
        gateway(patient("a"));
        open();
        proxy.destroy();
        assertThat(server.read()).isNegative();
        assertThat(client.read()).isNegative();
        assertThat(outcome()).isEqualTo(Outcome.cancelled());
    }
}
