package dev.remora.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ServletProxiesTest {

    @Test
    void everyProxyHasARowForEventsAndOneForRequests(@TempDir Path directory) throws Exception {
        ProgramRun run = run(directory);
        assertThat(run.err()).isEmpty();
        assertThat(run.exitCode()).isZero();
        List<String> titles =
                Stream.of(ProxyContender.values()).map(ProxyContender::title).toList();
        assertThat(rowNames(directory))
                .containsExactlyElementsOf(
                        Stream.concat(titles.stream(), titles.stream()).toList());
        assertThat(ProgramRun.processesThatStay()).isEmpty();
        assertThat(ProgramRun.eventLoopsThatStay()).isEmpty();
    }

    @Test
    void onlyThoseThatAreNamedRun(@TempDir Path directory) throws IOException {
        ProgramRun run = run(directory, "--only", "REMORA_NETTY,UNDERTOW");
        assertThat(run.err()).isEmpty();
        assertThat(rowNames(directory).subList(0, 2))
                .containsExactly(ProxyContender.REMORA_NETTY.title(), ProxyContender.UNDERTOW.title());
        assertThat(Files.readString(directory.resolve("servlet-proxy.md")))
                .contains("2 event streams at once", "3 events of 60 bytes", "4 requests on each");
    }

    private static ProgramRun run(Path directory, String... more) {
        String small = "--streams 2 --events 3 --connections 2 --requests 4 --gap 1 --warm-ups 1 --rounds 2 --out ";
        return ProgramRun.of(
                ServletProxies::new,
                Stream.concat(Stream.of((small + directory).split(" ")), Stream.of(more))
                        .toArray(String[]::new));
    }

    private static List<String> rowNames(Path directory) throws IOException {
        String report = Files.readString(directory.resolve("servlet-proxy.md"));
        return new ProgramRun(0, report, "")
                .rowNames().stream().filter(name -> !name.equals("proxy")).toList();
    }
}
