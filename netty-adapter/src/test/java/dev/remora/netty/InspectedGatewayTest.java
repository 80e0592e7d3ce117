package dev.remora.netty;

import static org.assertj.core.api.Assertions.assertThat;

import dev.remora.inspect.Inspection;
import dev.remora.inspect.InspectionReport;
import dev.remora.inspect.Inspector;
import dev.remora.inspect.Place;
import dev.remora.inspect.RuleSet;
import dev.remora.wire.Wire;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What becomes of requests that look like an attack. */
final class InspectedGatewayTest extends GuardFixture {

    private static final String SQL_QUERY = "/search?q=1'%20OR%20'1'='1";
    private static final String JSON = "Content-Type: application/json";
    private static final String FORM = "Content-Type: application/x-www-form-urlencoded";
    private static final String ATTACK = "{\"user\":\"x' UNION SELECT password FROM users --\"}";
    private static final String REFUSED = "HTTP/1.1 403 ";

    private final BlockingQueue<InspectionReport> reports = new LinkedBlockingQueue<>();

    private Inspection inspection() {
        return Inspection.by(Inspector.rules(RuleSet.builtIn())).listener((visitor, report) -> reports.add(report));
    }

    private InspectionReport report() throws InterruptedException {
        InspectionReport report = reports.poll(20, TimeUnit.SECONDS);
        assertThat(report).as("a finding should be told within 20 s").isNotNull();
        return report;
    }

    private void isRefused(Wire client) throws Exception {
        assertThat(client.response())
                .startsWith(REFUSED)
                .containsIgnoringCase("content-type: application/problem+json\r\n")
                .doesNotContainIgnoringCase("sql");
        assertThat(report().refused()).isTrue();
        assertThat(arrived).isEmpty();
        assertThat(client.send(get("/next")).response())
                .as("the connection goes on")
                .endsWith("ok");
        assertThat(arrival()).startsWith("GET /next ");
    }

    @Test
    void whoOnlyWatchesTellsAndLetsPass() throws Exception {
        start(inspection().guard());
        assertThat(client().send(get(SQL_QUERY)).response()).endsWith("ok");
        InspectionReport report = report();
        assertThat(report.refused()).isFalse();
        assertThat(report.findings()).first().satisfies(finding -> {
            assertThat(finding.category()).isEqualTo("sqli");
            assertThat(finding.place()).isEqualTo(Place.QUERY);
        });
        assertThat(arrival()).startsWith("GET " + SQL_QUERY + ' ');
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                SQL_QUERY,
                "http://chat.test" + SQL_QUERY,
                "/search?q=%3Cscript%3Ealert(1)%3C/script%3E",
                "/search?q=%253Cscript%253Ealert(1)%253C/script%253E"
            })
    void suspiciousTargetIsRefused(String target) throws Exception {
        start(inspection().blocking().guard());
        isRefused(client().send(get(target)));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "User-Agent: x' UNION SELECT password FROM users --",
                "Referer: http://a/?<script>alert(1)</script>",
                "Cookie: id=x' UNION SELECT password FROM users --"
            })
    void suspiciousHeaderIsRefused(String header) throws Exception {
        start(inspection().blocking().guard());
        isRefused(client().send(get("/", header)));
    }

    @Test
    void suspiciousUpgradeIsRefused() throws Exception {
        start(inspection().blocking().guard());
        isRefused(client().send(upgrade("/ws?q=1'%20OR%20'1'='1")));
    }

    @Test
    void suspiciousBodyIsRefusedBeforeABackEndSeesAnyOfIt() throws Exception {
        start(inspection().blocking().bodies(1_000).guard());
        isRefused(client().send(post("/", ATTACK, JSON)));
        Wire client = client().send(request("POST", "/", JSON, "Content-Length: " + ATTACK.length()));
        for (int i = 0; i < ATTACK.length(); i++) {
            client.send(ATTACK.substring(i, i + 1));
            time.settle();
        }
        isRefused(client);
        isRefused(client().send(request("POST", "/", JSON, "Transfer-Encoding: chunked")
                + chunk(ATTACK.substring(0, 15))
                + chunk(ATTACK.substring(15))
                + lines("0")));
    }

    @Test
    void suspiciousFormIsRefusedBeforeABackEndSeesAnyOfIt() throws Exception {
        String attack = "name=a&user=x'+UNION+SELECT+password+FROM+users+--";
        start(inspection().blocking().guard());
        isRefused(client().send(post("/", attack, FORM)));
        Wire client = client().send(request("POST", "/", FORM, "Content-Length: " + attack.length()));
        client.send(attack.substring(0, 20));
        time.settle();
        assertThat(arrived).isEmpty();
        isRefused(client.send(attack.substring(20)));
    }

    @Test
    void formPassesAsItCame() throws Exception {
        String form = "text=" + "so+".repeat(10_000);
        start(inspection().blocking().guard());
        Wire client = client();
        assertThat(client.send(post("/", "name=O'Brien", FORM)).response()).endsWith("ok");
        assertThat(arrival()).endsWith("name=O'Brien");
        assertThat(reports).isEmpty();
        assertThat(client.send(post("/", form, FORM)).response()).endsWith("ok");
        assertThat(arrival()).endsWith(form);
        assertThat(report().truncated()).isPositive();
    }

    @Test
    void suspiciousBodyOfOneWhoWaitsIsRefused() throws Exception {
        start(inspection().blocking().bodies(1_000).guard());
        Wire client =
                client().send(request("POST", "/", JSON, "Expect: 100-continue", "Content-Length: " + ATTACK.length()));
        assertThat(client.head()).startsWith("HTTP/1.1 100 ");
        isRefused(client.send(ATTACK));
    }

    @Test
    void chatsAboutSqlPassUnlessBodiesAreInspected() throws Exception {
        start(inspection().blocking().guard());
        assertThat(client().send(post("/v1/chat/completions", ATTACK, JSON)).response())
                .endsWith("ok");
        assertThat(arrival()).endsWith(ATTACK);
        assertThat(reports).isEmpty();
    }

    @Test
    void bodyThatIsLongerThanWhatIsInspectedPassesUnlessItIsRefused() throws Exception {
        String body = "{\"text\":\"" + "so ".repeat(1_000) + "\"}";
        start(inspection().blocking().bodies(1_000).guard());
        assertThat(client().send(post("/", body, JSON)).response()).endsWith("ok");
        assertThat(report().truncated()).isPositive();
        assertThat(arrival()).endsWith(body);
    }

    @Test
    void bodyThatIsLongerThanWhatIsInspectedCanBeRefused() throws Exception {
        start(inspection().blocking().refusingTruncated().bodies(1_000).guard());
        isRefused(client().send(post("/", "{\"text\":\"" + "so ".repeat(1_000) + "\"}", JSON)));
    }
}
