package dev.remora.inspect;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import dev.remora.exchange.ClientOrigin;
import dev.remora.exchange.FakeRequest;
import dev.remora.guard.Admission;
import dev.remora.guard.Guard;
import dev.remora.guard.Permit;
import dev.remora.guard.Visitor;
import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class InspectionTest {

    private static final Visitor VISITOR =
            Visitor.from(new ClientOrigin(InetAddress.getLoopbackAddress(), false), false);
    private static final String ATTACK = "x'%20or%201=1%20--";
    private static final String FORM = "application/x-www-form-urlencoded";
    private static final FakeRequest ATTACKED = FakeRequest.get("/items?id=" + ATTACK);

    private final List<InspectionReport> reports = new ArrayList<>();
    private final Inspection inspection =
            Inspection.by(Inspector.rules(RuleSet.builtIn())).listener((visitor, report) -> reports.add(report));

    /** Writes down what it is shown, and suspects nothing. */
    private static Inspection noting(List<Inspected> seen) {
        return Inspection.by(what -> {
            seen.add(what);
            return List.of();
        });
    }

    private static Inspected at(Place place, String name, String text) {
        return new Inspected(place, name, text);
    }

    private static Optional<Admission.Denied> body(Guard guard, String type, String body) {
        return body(guard, FakeRequest.get("/").header("Content-Type", type), body.getBytes(StandardCharsets.UTF_8));
    }

    private static Optional<Admission.Denied> body(Guard guard, FakeRequest request, byte[] bytes) {
        Permit permit =
                ((Admission.Admitted) guard.admit(request, VISITOR)).permit().orElseThrow();
        return permit.requestBody(ByteBuffer.wrap(bytes, 0, Math.min(bytes.length, permit.wantsRequestBody())));
    }

    @Test
    void itOnlyWatchesUnlessToldToBlock() {
        assertThat(inspection.guard().admit(ATTACKED, VISITOR)).isEqualTo(Admission.admitted());
        assertThat(reports).singleElement().satisfies(report -> {
            assertThat(report.refused()).isFalse();
            assertThat(report.score()).isGreaterThanOrEqualTo(5);
            assertThat(report.findings()).extracting(Finding::category).containsOnly("sqli");
            assertThat(report.findings()).extracting(Finding::place).containsOnly(Place.QUERY);
        });
    }

    @Test
    void blockingRefusesAndDoesNotSayWhy() {
        Admission admission = inspection.blocking().guard().admit(ATTACKED, VISITOR);
        assertThat(admission).isInstanceOfSatisfying(Admission.Denied.class, denied -> {
            assertThat(denied.problem().status()).isEqualTo(403);
            assertThat(new String(denied.problem().json(), StandardCharsets.UTF_8))
                    .doesNotContainIgnoringCase("sql");
        });
        assertThat(reports).extracting(InspectionReport::refused).containsExactly(true);
    }

    @Test
    void aHarmlessRequestIsAdmittedAndNobodyHearsOfIt() {
        FakeRequest request = FakeRequest.get("/search?q=O'Brien+or+select&lang=en")
                .header("User-Agent", "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko)")
                .header("Cookie", "theme=dark; name=O'Hara");
        assertThat(inspection.blocking().guard().admit(request, VISITOR)).isEqualTo(Admission.admitted());
        assertThat(reports).isEmpty();
    }

    @Test
    void hintsAddUpToTheThreshold() {
        Inspector hint = what -> List.of(new Finding("hint", "test", what.place(), 2));
        Guard guard = Inspection.by(hint).blocking().guard();
        assertThat(guard.admit(FakeRequest.get("/a?b"), VISITOR)).isInstanceOf(Admission.Admitted.class);
        assertThat(guard.admit(FakeRequest.get("/a?b=c"), VISITOR)).isInstanceOf(Admission.Denied.class);
        Guard strict = Inspection.by(hint).threshold(2).blocking().guard();
        assertThat(strict.admit(FakeRequest.get("/a"), VISITOR)).isInstanceOf(Admission.Denied.class);
    }

    @Test
    void pathQueryHeadersAndCookiesAreInspected() {
        List<Inspected> seen = new ArrayList<>();
        FakeRequest request = FakeRequest.get("/a%20b+c?x%20y=1+2%2B&&flag&q==")
                .header("User-Agent", "agent%20")
                .header("Referer", "r1")
                .header("Authorization", "Bearer secret")
                .header("X-Other", "other")
                .header("Cookie", "a=1; b = two=2 ;;c");
        noting(seen).guard().admit(request, VISITOR);
        assertThat(seen)
                .containsExactly(
                        at(Place.PATH, "", "/a b+c"),
                        at(Place.QUERY, "x y", "x y"),
                        at(Place.QUERY, "x y", "1 2+"),
                        at(Place.QUERY, "flag", "flag"),
                        at(Place.QUERY, "q", "q"),
                        at(Place.QUERY, "q", "="),
                        at(Place.HEADER, "user-agent", "agent%20"),
                        at(Place.HEADER, "referer", "r1"),
                        at(Place.COOKIE, "a", "1"),
                        at(Place.COOKIE, "b", "two=2"),
                        at(Place.COOKIE, "", "c"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "/items/1%20union%20select%201,2",
                "/?id=1+union+select+1,2",
                "/?1%20union%20select%201,2=x",
                "/?q=%3Cscript%3Ealert(1)%3C/script%3E",
                "/%3Cscript%3E"
            })
    void attacksInPathAndQueryAreFound(String target) {
        assertThat(inspection.blocking().guard().admit(FakeRequest.get(target), VISITOR))
                .isInstanceOf(Admission.Denied.class);
    }

    @ParameterizedTest
    @CsvSource({"User-Agent, HEADER", "Referer, HEADER", "Cookie, COOKIE"})
    void attacksInHeadersAreFound(String header, Place place) {
        FakeRequest request = FakeRequest.get("/").header(header, "id=<svg onload=alert(1)>");
        assertThat(inspection.blocking().guard().admit(request, VISITOR)).isInstanceOf(Admission.Denied.class);
        assertThat(reports.get(0).findings()).extracting(Finding::place).containsOnly(place);
    }

    @Test
    void otherHeadersAreInspectedWhenAskedFor() {
        List<Inspected> seen = new ArrayList<>();
        noting(seen)
                .headers("X-Search")
                .guard()
                .admit(FakeRequest.get("").header("x-search", "a").header("Referer", "b"), VISITOR);
        assertThat(seen).containsExactly(at(Place.HEADER, "X-Search", "a"));
    }

    @Test
    void formsAreInspectedUnlessSwitchedOff() {
        inspection.blocking();
        Guard guard = inspection.guard();
        assertThat(body(guard, FORM, "a=b&id=" + ATTACK)).isPresent();
        assertThat(body(guard, "Application/X-WWW-Form-Urlencoded; charset=x", "id=" + ATTACK))
                .isPresent();
        assertThat(body(guard, FORM, "q=O'Brien+or+select&lang=en")).isEmpty();
        FakeRequest form = FakeRequest.get("/").header("Content-Type", FORM);
        assertThat(inspection.forms(0).guard().admit(form, VISITOR)).isEqualTo(Admission.admitted());
        assertThat(inspection.bodies(100).guard().admit(form, VISITOR)).isEqualTo(Admission.admitted());
    }

    @Test
    void ofALongFormTheBeginningIsInspected() {
        String padding = "text=" + "b".repeat(16_379);
        Guard guard = inspection.blocking().guard();
        assertThat(body(guard, FORM, padding)).isEmpty();
        assertThat(reports).isEmpty();
        assertThat(body(guard, FORM, padding + "&id=" + ATTACK)).isEmpty();
        assertThat(reports).containsExactly(new InspectionReport(List.of(), 1, false));
        assertThat(body(inspection.forms(20_000).guard(), FORM, padding + "&id=" + ATTACK))
                .isPresent();
        assertThat(body(inspection.refusingTruncated().forms(16_000).guard(), FORM, padding))
                .isPresent();
    }

    @Test
    void otherBodiesAreLeftAloneUnlessAskedFor() {
        for (String type : List.of("", "text/plain", "application/json", "multipart/form-data; boundary=x")) {
            FakeRequest request = FakeRequest.get("/").header("Content-Type", type);
            assertThat(inspection.guard().admit(request, VISITOR)).isEqualTo(Admission.admitted());
        }
        Guard guard = inspection.bodies(100).blocking().guard();
        assertThat(body(guard, "text/plain", "all is well")).isEmpty();
        assertThat(body(guard, FORM, "a=b&id=" + ATTACK)).isPresent();
        assertThat(body(guard, "application/json; charset=utf-8", "{\"id\": \"x' or 1=1 --\"}"))
                .isPresent();
        assertThat(body(guard, "text/plain", "<script>")).isPresent();
        assertThat(reports)
                .flatExtracting(InspectionReport::findings)
                .extracting(Finding::place)
                .contains(Place.FORM, Place.BODY);
    }

    @Test
    void theStringsOfJsonAreInspectedWithTheirNames() {
        List<Inspected> seen = new ArrayList<>();
        Guard guard = noting(seen).bodies(1_000).guard();
        body(
                guard,
                "application/problem+json",
                "{\"a\" : \"x\\\"\\u0027\\n\\/\", \"b\":[1, \"y\", \"z\"], \"\":\"open");
        assertThat(seen)
                .contains(
                        at(Place.BODY, "a", "x\"'\n/"),
                        at(Place.BODY, "b", "y"),
                        at(Place.BODY, "b", "z"),
                        at(Place.BODY, "", "open"));
    }

    @Test
    void whatIsBeyondTheBoundIsCountedAndNotInspected() {
        List<Inspected> seen = new ArrayList<>();
        Guard guard = noting(seen)
                .characters(256)
                .listener((visitor, report) -> reports.add(report))
                .guard();
        guard.admit(FakeRequest.get("/" + "a".repeat(299)).header("Referer", "b".repeat(5)), VISITOR);
        assertThat(seen).containsExactly(at(Place.PATH, "", "/" + "a".repeat(255)));
        assertThat(reports).containsExactly(new InspectionReport(List.of(), 44 + 5, false));
    }

    @Test
    void aBodyThatGoesOnIsTruncatedWhateverItsCharacters() {
        Guard guard = inspection.bodies(10).guard();
        assertThat(body(guard, "text/plain", "ééééé")).isEmpty();
        assertThat(reports).isEmpty();
        body(guard, "text/plain", "éééééé");
        assertThat(reports).containsExactly(new InspectionReport(List.of(), 1, false));
    }

    @ParameterizedTest
    @CsvSource({
        "Content-Encoding, gzip",
        "Content-Type, text/plain; charset=utf-16",
        "Content-Type, application/json;charset = \"IBM037\"",
        "Content-Type, application/json; charset=x",
        "Content-Type, application/json; charset=utf-8; charset=x",
        "Content-Type, application/json; v=charset"
    })
    void bodiesThatCannotBeReadCountAsTruncated(String header, String value) {
        Admission admission =
                inspection.bodies(10).guard().admit(FakeRequest.get("/").header(header, value), VISITOR);
        Permit permit = ((Admission.Admitted) admission).permit().orElseThrow();
        permit.requestBody(ByteBuffer.allocate(7));
        assertThat(reports).containsExactly(new InspectionReport(List.of(), 7, false));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "application/json; charset=utf-16",
                "application/json; charset=x",
                "application/json; charset=\"IBM037\"",
                "application/json; v=charset",
                "application/x-www-form-urlencoded; charset=utf-32",
                "text/plain; charset=koi8-r"
            })
    void noNameOfAnEncodingTurnsInspectionOff(String type) {
        Guard guard = inspection.bodies(1_000).blocking().guard();
        String form = "a=b&id=" + ATTACK;
        String body = type.contains("form") ? form : "{\"id\":\"x' or 1=1 --\"}";
        assertThat(body(guard, type, body)).isPresent();
    }

    @Test
    void aBodyThatOnlyClaimsToBeCompressedIsInspected() {
        FakeRequest request =
                FakeRequest.get("/").header("Content-Type", "application/json").header("Content-Encoding", "gzip");
        byte[] plain = "{\"id\":\"x' or 1=1 --\"}é".getBytes(StandardCharsets.UTF_8);
        Guard guard = inspection.bodies(plain.length - 1).blocking().guard();
        assertThat(body(guard, request, plain)).isPresent();
        plain[0] = (byte) 0x8B;
        assertThat(body(guard, request, plain)).isEmpty();
        assertThat(reports).extracting(InspectionReport::truncated).containsExactly(plain.length, plain.length);
    }

    @ParameterizedTest
    @CsvSource({
        "UTF-16, application/json; charset=utf-16",
        "UTF-16LE, application/json; charset=utf-16",
        "UTF-16BE, application/json",
        "UTF-32LE, application/json; charset=utf-8",
        "UTF-16LE, text/plain; charset=utf-8; charset=unicodelittleunmarked",
        "IBM037, application/json; charset=ibm-37",
        "IBM1047, text/plain; charset='IBM1047'; charset=utf-8"
    })
    void aBodyIsReadInTheEncodingThatABackEndMayTakeItFor(Charset charset, String type) {
        Guard guard = inspection.bodies(1_000).blocking().guard();
        FakeRequest request = FakeRequest.get("/").header("Content-Type", type);
        assertThat(body(guard, request, "{\"id\":\"x' or 1=1 --\"}".getBytes(charset)))
                .isPresent();
        assertThat(body(guard, request, "{\"text\":\"all is well\"}".getBytes(charset)))
                .isEmpty();
    }

    @Test
    void whatIsFoundInOneReadingIsNotAddedToAnother() {
        Inspector hint = what -> List.of(new Finding("hint", "test", what.place(), 3));
        Guard guard = Inspection.by(hint)
                .bodies(1_000)
                .listener((visitor, report) -> reports.add(report))
                .blocking()
                .guard();
        FakeRequest request = FakeRequest.get("").header("Content-Type", "text/plain; charset=utf-16");
        assertThat(body(guard, request, "ab".getBytes(StandardCharsets.UTF_8))).isEmpty();
        assertThat(reports).extracting(InspectionReport::score).containsExactly(3);
    }

    @Test
    void theUserChoosesWhetherTruncatedRequestsAreRefused() {
        FakeRequest request = FakeRequest.get("/" + "a".repeat(300));
        assertThat(inspection.characters(256).blocking().guard().admit(request, VISITOR))
                .isInstanceOf(Admission.Admitted.class);
        assertThat(inspection.refusingTruncated().guard().admit(request, VISITOR))
                .isInstanceOf(Admission.Denied.class);
    }

    @Test
    void textsAreShownOnlyWhenAskedFor() {
        inspection.guard().admit(ATTACKED, VISITOR);
        inspection.showingTexts().guard().admit(ATTACKED, VISITOR);
        assertThat(reports.get(0).findings())
                .allSatisfy(finding -> assertThat(finding.text()).isEmpty());
        assertThat(reports.get(1).findings())
                .allSatisfy(finding -> assertThat(finding.text()).contains("x' or 1=1 --"));
        assertThat(reports).allSatisfy(report -> assertThat(report.toString()).doesNotContain("1=1"));
    }

    @Test
    void aShownTextIsShortAndForgesNoLineOfALog() {
        Finding shown = new Finding("r", "c", Place.BODY, 1).showing("a\nb\r\u2028\uD800\0" + "x".repeat(1_000));
        assertThat(shown.text().orElseThrow()).startsWith("a?b????x").hasSize(200);
    }

    @Test
    void aListenerThatThrowsChangesNothing() {
        Inspection throwing = inspection.listener((visitor, report) -> {
            throw new IllegalStateException("on purpose");
        });
        assertThat(throwing.guard().admit(ATTACKED, VISITOR)).isEqualTo(Admission.admitted());
        assertThat(throwing.blocking().guard().admit(ATTACKED, VISITOR)).isInstanceOf(Admission.Denied.class);
    }

    @Test
    void laterSettingsDoNotReachAGuard() {
        Guard guard = inspection.guard();
        inspection.blocking();
        assertThat(guard.admit(ATTACKED, VISITOR)).isEqualTo(Admission.admitted());
    }

    @Test
    void badSettingsAreRefused() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> inspection.threshold(0))
                .withMessageContaining("threshold: 0");
        assertThatIllegalArgumentException().isThrownBy(() -> inspection.characters(255));
        assertThatIllegalArgumentException().isThrownBy(() -> inspection.bodies(65_537));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> inspection.forms(-1))
                .withMessage("forms: -1 (expected: 0 to 65536)");
        assertThatIllegalArgumentException().isThrownBy(() -> inspection.headers("Authorization"));
        assertThatIllegalArgumentException().isThrownBy(() -> inspection.headers("a b"));
        assertThatIllegalStateException()
                .isThrownBy(() -> inspection.refusingTruncated().guard());
    }
}
