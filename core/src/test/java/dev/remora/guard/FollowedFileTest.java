package dev.remora.guard;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.remora.http.AddressLiteral;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileTime;
import java.util.ArrayDeque;
import java.util.Queue;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FollowedFileTest {

    @TempDir
    private Path directory;

    private final Queue<Runnable> later = new ArrayDeque<>();
    private Path path;
    private int written;

    @BeforeEach
    void locate() {
        path = directory.resolve("value");
    }

    private void write(String text) throws IOException {
        Files.writeString(path, text);
        // Two writings may fall into one tick of the file system's clock.
        Files.setLastModifiedTime(path, FileTime.fromMillis(1_000_000L + written++));
    }

    private FollowedFile<String> follow() {
        return FollowedFile.of(path, FollowedFileTest::meaning, later::add);
    }

    private static String meaning(String text) {
        if (text.startsWith("bad")) {
            throw new IllegalArgumentException("line 1 is " + text);
        }
        return text;
    }

    private void look() {
        later.remove().run();
    }

    private void lookTwice() {
        look();
        look();
    }

    @Test
    void theFileIsReadAtOnce() throws IOException {
        write("one");
        assertThat(follow().value()).isEqualTo("one");
    }

    @Test
    void aChangeIsTakenWhenItHasLasted() throws IOException {
        write("one");
        FollowedFile<String> file = follow();
        write("half of tw");
        look();
        write("two");
        look();
        assertThat(file.value()).isEqualTo("one");
        look();
        assertThat(file.value()).isEqualTo("two");
    }

    @Test
    void aReplacedFileIsNoticedThoughTimeAndLengthAreTheSame() throws IOException {
        write("one");
        FollowedFile<String> file = follow();
        Path other = directory.resolve("other");
        Files.writeString(other, "two");
        Files.setLastModifiedTime(other, Files.getLastModifiedTime(path));
        Files.move(other, path, StandardCopyOption.REPLACE_EXISTING);
        lookTwice();
        assertThat(file.value()).isEqualTo("two");
    }

    @Test
    void aBadFileKeepsTheLastGoodMeaningAndIsToldOnce() throws IOException {
        write("one");
        FollowedFile<String> file = follow();
        try (CapturedLog log = new CapturedLog()) {
            write("bad");
            lookTwice();
            lookTwice();
            assertThat(file.value()).isEqualTo("one");
            assertThat(log.text()).containsOnlyOnce("line 1 is bad");
            write("two");
            lookTwice();
            assertThat(file.value()).isEqualTo("two");
        }
    }

    @Test
    void aFileThatComesBackIsTakenAgain() throws IOException {
        write("one");
        FollowedFile<String> file = follow();
        try (CapturedLog log = new CapturedLog()) {
            Files.delete(path);
            lookTwice();
            assertThat(file.value()).isEqualTo("one");
            assertThat(log.text()).containsOnlyOnce("there is no such file");
            write("two");
            lookTwice();
            assertThat(file.value()).isEqualTo("two");
        }
    }

    @Test
    void whatIsNotUtf8IsBad() throws IOException {
        write("one");
        FollowedFile<String> file = follow();
        Files.write(path, new byte[] {'a', (byte) 0xff});
        lookTwice();
        assertThat(file.value()).isEqualTo("one");
    }

    @Test
    void aBadFileIsRefusedAtTheBeginning() throws IOException {
        write("bad");
        assertThatThrownBy(this::follow)
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("file: " + path + ": line 1 is bad");
    }

    @Test
    void aMissingFileIsRefusedAtTheBeginning() {
        assertThatThrownBy(this::follow)
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("file: " + path + ": there is no such file");
    }

    @Test
    void aDirectoryIsNoFile() throws IOException {
        Files.createDirectory(path);
        assertThatThrownBy(this::follow).hasMessageContaining("it is not a file");
    }

    @Test
    void aHugeFileIsRefused() throws IOException {
        write("x".repeat(16 * 1024 * 1024 + 1));
        assertThatThrownBy(this::follow).hasMessageContaining("it is larger than 16777216 bytes");
    }

    @Test
    void nobodyLooksAnyMoreWhenNobodyHoldsTheFile() throws IOException {
        write("one");
        followAndForget();
        for (int i = 0; i < 1_000 && !later.isEmpty(); i++) {
            System.gc();
            look();
        }
        assertThat(later).isEmpty();
    }

    private void followAndForget() {
        assertThat(follow().value()).isEqualTo("one");
    }

    @Test
    void aFileOfAddressesIsASetOfThem() throws IOException {
        write("# mine\n10.0.0.0/8  # the office\r\n\n  fd00::/8\n");
        AddressSet set = AddressSet.file(path);
        assertThat(set.contains(AddressLiteral.parse("10.1.1.1").orElseThrow())).isTrue();
        assertThat(set.contains(AddressLiteral.parse("fd00::1").orElseThrow())).isTrue();
        assertThat(set.contains(AddressLiteral.parse("11.0.0.0").orElseThrow())).isFalse();
    }

    @Test
    void aBadLineIsNamed() throws IOException {
        write("10.0.0.0/8\n# fine\n10.0.0.300\n");
        assertThatThrownBy(() -> AddressSet.file(path))
                .hasMessageStartingWith("file: " + path + ": line 3: address: 10.0.0.300 (expected: ");
    }
}
