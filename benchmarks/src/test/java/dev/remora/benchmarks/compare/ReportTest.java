package dev.remora.benchmarks.compare;

import static org.assertj.core.api.Assertions.assertThat;

import dev.remora.benchmarks.peer.Contender;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import javax.imageio.ImageIO;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ReportTest {

    private static final List<Contender> CONTENDERS = List.of(
            Contender.FLOOR,
            Contender.REMORA_CONSISTENT_HASH,
            Contender.VERTX_HASH,
            Contender.GUAVA_JUMP,
            Contender.REMORA_TWO_CHOICES,
            Contender.VERTX_TWO_CHOICES);

    @TempDir
    private Path directory;

    private Findings findings;

    @BeforeEach
    void findSomething() {
        findings = new Findings(Ledger.begin(directory.resolve("pickers.tsv"), "test"));
        find(Measure.BY_HASH, Contender.FLOOR, 1.0);
        find(Measure.BY_HASH, Contender.REMORA_CONSISTENT_HASH, 2.0);
        find(Measure.BY_HASH, Contender.GUAVA_JUMP, 54.4);
        find(Measure.BY_TEXT, Contender.VERTX_HASH, 1_715);
        find(Measure.WITHOUT_KEY, Contender.REMORA_TWO_CHOICES, 9.9);
        find(Measure.WITHOUT_KEY, Contender.VERTX_TWO_CHOICES, 10.5);
        findings.record(Contender.VERTX_HASH, 1_000, new Spread(50, 3, 1_000_000));
        findings.record(Contender.REMORA_CONSISTENT_HASH, 1_000, new Spread(1.24, 0, 1_000_000));
        findings.record(Contender.GUAVA_JUMP, 1_000, new Moves(0, 0.499, 200_000));
        findings.record(Contender.VERTX_TWO_CHOICES, new StreamTrial(true, false, false, true, true));
        findings.record(Contender.REMORA_TWO_CHOICES, new StreamTrial(true, true, true, true, true));
    }

    @Test
    void everySpeedStandsBesideWhatItIsWorth() {
        assertThat(page())
                .containsSubsequence(
                        "## By key, 1000 members",
                        "| floor: an empty picker | 1.00 |",
                        "| **Remora consistentHash** | 2.00 |  |  |  | 7 |  | 1.24 |  |  |  |",
                        "| Guava consistentHash | 54.4 |  |  |  | 7 |  |  | 49.9 % | 0 | moves up to 50 % of the keys",
                        "| Vert.x CONSISTENT_HASHING |  | 1,715 |",
                        "one member gets 50.0 times its share, 3 get nothing");
        assertThat(page())
                .contains("| Vert.x POWER_OF_TWO_CHOICES | 10.5 |  | 7 |  | forgets open streams when the list");
    }

    @Test
    void whatWasTriedWithOpenStreamsIsToldForEach() {
        assertThat(page())
                .contains("| **Remora powerOfTwoChoices** | yes | yes | yes | yes | yes |")
                .contains("| Vert.x POWER_OF_TWO_CHOICES | yes | **no** | **no** | yes | yes |");
    }

    @Test
    void machineVariantAndMissingNumbersAreNamed() {
        assertThat(page()).contains("Machine: a machine; JMH 1.37.", "full variant", "3 numbers are missing");
    }

    @Test
    void thePlotsAreWrittenAsDrawingsAndAsPictures() throws Exception {
        for (Plot plot : Plot.of(Variant.whole(), CONTENDERS, findings)) {
            plot.write(directory);
        }
        for (String name : List.of("pickers-by-key", "pickers-without-key")) {
            assertThat(ImageIO.read(directory.resolve(name + ".png").toFile()).getWidth())
                    .isEqualTo(2_200);
            Path svg = directory.resolve(name + ".svg");
            assertThat(DocumentBuilderFactory.newDefaultInstance()
                            .newDocumentBuilder()
                            .parse(new java.io.ByteArrayInputStream(Files.readString(svg)
                                    .replaceFirst("<!DOCTYPE[^>]*>", "")
                                    .getBytes(java.nio.charset.StandardCharsets.UTF_8)))
                            .getElementsByTagName("text")
                            .getLength())
                    .isPositive();
        }
        assertThat(Files.readString(directory.resolve("pickers-by-key.svg")))
                .contains("Remora consistentHash", "one member gets 50.0 times its share, 3 get nothing");
    }

    private String page() {
        return new Report(Variant.whole(), CONTENDERS, findings, "a machine", 3).markdown();
    }

    private void find(Measure measure, Contender contender, double nanos) {
        findings.record(new Cell(measure, contender.name(), 1_000, 1), new Reading(nanos, 7));
    }
}
