package dev.remora.file;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.remora.LoadBalancer;
import dev.remora.pool.Backend;
import dev.remora.pool.BackendSource;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class FileSourceTest {

    private static final Duration NEVER = Duration.ofDays(1);

    @TempDir
    private Path directory;

    private final List<BackendSource.Subscription> subscriptions = new ArrayList<>();
    private final BlockingQueue<String> pushed = new LinkedBlockingQueue<>();

    private Path file() {
        return directory.resolve("backends.yaml");
    }

    private static String listing(String... ids) {
        StringBuilder text = new StringBuilder("backends:\n");
        for (String id : ids) {
            text.append("  - id: ")
                    .append(id)
                    .append("\n    uri: http://")
                    .append(id)
                    .append('\n');
        }
        return text.toString();
    }

    private void receive(List<Backend> backends) {
        pushed.add(String.join(
                " ", backends.stream().map(backend -> backend.id().value()).toList()));
    }

    private void subscribe(Path path, Duration poll) {
        subscriptions.add(FileSource.of(path)
                .pollEvery(poll)
                .settle(Duration.ofMillis(10))
                .subscribe(this::receive));
    }

    @AfterEach
    void end() {
        subscriptions.forEach(BackendSource.Subscription::close);
    }

    private void expect(String ids) throws InterruptedException {
        assertThat(pushed.poll(60, TimeUnit.SECONDS)).isEqualTo(ids);
    }

    private void replace(Path path, String text) throws IOException {
        Path next = Files.writeString(directory.resolve("next.tmp"), text);
        Files.move(next, path, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    }

    @Test
    void aFileThatIsReplacedIsReadAgain() throws Exception {
        Files.writeString(file(), listing("a", "b"));
        subscribe(file(), NEVER);
        expect("a b");
        replace(file(), listing("a", "c"));
        expect("a c");
        replace(file(), listing("c"));
        expect("c");
    }

    @Test
    void aFileThatIsWrittenInPlaceIsReadAgain() throws Exception {
        Files.writeString(file(), listing("a"));
        subscribe(file(), NEVER);
        expect("a");
        Files.writeString(file(), listing("a", "b"));
        expect("a b");
    }

    @Test
    void aConfigMapThatIsSwappedIsReadAgain() throws Exception {
        Path first = Files.createDirectory(directory.resolve("..2026_1"));
        Path second = Files.createDirectory(directory.resolve("..2026_2"));
        Files.writeString(first.resolve("backends.yaml"), listing("a"));
        Files.writeString(second.resolve("backends.yaml"), listing("b"));
        Path data = Files.createSymbolicLink(directory.resolve("..data"), first.getFileName());
        Files.createSymbolicLink(file(), Path.of("..data", "backends.yaml"));
        subscribe(file(), NEVER);
        expect("a");
        Path next = Files.createSymbolicLink(directory.resolve("..data_tmp"), second.getFileName());
        Files.move(next, data, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        expect("b");
    }

    @Test
    void whatNoEventTellsIsFoundByReadingAgain() throws Exception {
        Path elsewhere = Files.createDirectory(directory.resolve("elsewhere"));
        Path target = Files.writeString(elsewhere.resolve("list"), listing("a"));
        Path links = Files.createDirectory(directory.resolve("links"));
        Path link = Files.createSymbolicLink(links.resolve("backends.yaml"), target);
        subscribe(link, Duration.ofMillis(20));
        expect("a");
        Files.writeString(target, listing("b"));
        expect("b");
    }

    @Test
    void aFileThatIsDeletedKeepsTheListAndMayComeBack() throws Exception {
        Files.writeString(file(), listing("a"));
        subscribe(file(), Duration.ofMillis(20));
        expect("a");
        Files.delete(file());
        Files.writeString(file(), "backends: [");
        replace(file(), listing("b"));
        expect("b");
        assertThat(pushed).isEmpty();
    }

    @Test
    void aDirectoryThatIsDeletedMayComeBack() throws Exception {
        Path mount = Files.createDirectory(directory.resolve("mount"));
        Path file = Files.writeString(mount.resolve("backends.yaml"), listing("a"));
        subscribe(file, Duration.ofMillis(20));
        expect("a");
        Files.delete(file);
        Files.delete(mount);
        Files.createDirectory(mount);
        Files.writeString(file, listing("b"));
        expect("b");
    }

    @Test
    void oneReadingIsNotBelieved() throws Exception {
        Files.writeString(file(), listing("a", "b"));
        FileFollower follower = FileFollower.begin(BackendFile.of(file()), this::receive);
        expect("a b");
        assertThat(follower.check()).isFalse();
        Files.writeString(file(), listing("a"));
        assertThat(follower.check()).as("half written, perhaps").isTrue();
        Files.writeString(file(), listing("a", "b", "c"));
        assertThat(follower.check()).as("it was").isTrue();
        assertThat(pushed).isEmpty();
        assertThat(follower.check()).as("the same twice").isFalse();
        expect("a b c");
        Files.writeString(file(), "");
        assertThat(follower.check()).as("truncated").isTrue();
        Files.writeString(file(), listing("a", "b", "c"));
        assertThat(follower.check()).isFalse();
        assertThat(pushed).as("back to what it was").isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "backends: [", "backends:\n  - {id: a, uri: nowhere}"})
    void aBadFileKeepsTheListAndAGoodOneFollows(String bad) throws Exception {
        Files.writeString(file(), listing("a"));
        FileFollower follower = FileFollower.begin(BackendFile.of(file()), this::receive);
        expect("a");
        Files.writeString(file(), bad);
        assertThat(List.of(follower.check(), follower.check(), follower.check()))
                .as("it is judged once")
                .containsExactly(true, false, false);
        Files.writeString(file(), listing("b"));
        assertThat(List.of(follower.check(), follower.check())).containsExactly(true, false);
        expect("b");
        assertThat(pushed).isEmpty();
    }

    @Test
    void aReceiverThatRefusesAListIsAskedAgainWithTheNext() throws Exception {
        Files.writeString(file(), listing("a"));
        List<Integer> taken = new ArrayList<>();
        FileFollower follower = FileFollower.begin(BackendFile.of(file()), list -> {
            if (list.size() == 2) {
                throw new IllegalArgumentException("backends: 2 (expected: any other number)");
            }
            taken.add(list.size());
        });
        for (String[] ids : List.of(new String[] {"a", "b"}, new String[] {"a", "b", "c"})) {
            Files.writeString(file(), listing(ids));
            assertThat(List.of(follower.check(), follower.check())).containsExactly(true, false);
        }
        assertThat(taken).containsExactly(1, 3);
    }

    @Test
    void aBadFirstFileIsAnErrorThatSaysWhy() throws Exception {
        FileSource source = FileSource.of(file());
        assertThatThrownBy(() -> LoadBalancer.builder().backends(source).build())
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("file: " + file() + ": there is no such file");
        Files.writeString(file(), listing("a") + "    weight: 0\n  - id: b\n");
        assertThatThrownBy(() -> LoadBalancer.builder().backends(source).build())
                .hasMessage("file: " + file() + ": line 4: weight: 0 (expected: 1 to 1000000); line 5: uri: none"
                        + " (expected: every back end has one)");
        Files.write(file(), new byte[Content.MAX_BYTES + 1]);
        assertThatThrownBy(() -> LoadBalancer.builder().backends(source).build())
                .hasMessage("file: " + file() + ": it is larger than 2097152 bytes");
        Files.delete(file());
        Files.createDirectory(file());
        assertThatThrownBy(() -> LoadBalancer.builder().backends(source).build())
                .hasMessage("file: " + file() + ": it is not a file");
    }

    @Test
    void closingEndsTheThread() throws Exception {
        Files.writeString(file(), listing("a"));
        Thread[] followers;
        try (LoadBalancer balancer =
                LoadBalancer.builder().backends(FileSource.of(file())).build()) {
            assertThat(balancer.stats().backends()).hasSize(1);
            followers = Thread.getAllStackTraces().keySet().stream()
                    .filter(thread -> thread.getName().equals("remora-file"))
                    .toArray(Thread[]::new);
            assertThat(followers).isNotEmpty().allMatch(Thread::isDaemon);
        }
        for (Thread thread : followers) {
            thread.join(60_000);
            assertThat(thread.isAlive()).isFalse();
        }
    }

    @Test
    void wrongTimesAreRefused() {
        FileSource source = FileSource.of(file());
        assertThatThrownBy(() -> source.pollEvery(Duration.ZERO)).hasMessage("poll: PT0S (expected: PT0.01S to PT24H)");
        assertThatThrownBy(() -> source.settle(Duration.ofDays(2)))
                .hasMessage("settle: PT48H (expected: PT0.01S to PT24H)");
    }
}
