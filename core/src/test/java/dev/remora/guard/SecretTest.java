package dev.remora.guard;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Map;
import java.util.Queue;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SecretTest {

    @TempDir
    private Path directory;

    private Path file(String content) throws IOException {
        return Files.writeString(directory.resolve("secret"), content);
    }

    @Test
    void aVariableOfTheEnvironmentIsASecret() {
        Secret secret = Secret.environment("KEY", Map.of("KEY", "hunter2")::get);
        assertThat(secret.reveal()).isEqualTo("hunter2");
        assertThat(secret).hasToString("secret of environment variable KEY");
    }

    @Test
    void aVariableThatIsNotSetIsNamed() {
        assertThatThrownBy(() -> Secret.environment("REMORA_NO_SUCH_VARIABLE"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("environment variable REMORA_NO_SUCH_VARIABLE: not set (expected: a secret)");
    }

    @ParameterizedTest
    @ValueSource(strings = {"hunter2", "hunter2\n", "hunter2\r\n"})
    void theEndOfTheLastLineIsNoPartOfASecret(String content) throws IOException {
        assertThat(Secret.file(file(content)).reveal()).isEqualTo("hunter2");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "\n",
                "hunter2\n\n",
                "hunter2\r",
                "hunter2\r\nX-Admin: 1",
                "hunter2\u0000",
                " hunter2",
                "hunter2 ",
                "hunter2\u007f",
                "hunter2\u00e9",
                "hunter2\t"
            })
    void whatCannotBeSentIsRefusedAndNotRepeated(String content) throws IOException {
        Path file = file(content);
        assertThatThrownBy(() -> Secret.file(file))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining(" characters (expected: 1 to 8192 visible ASCII characters")
                .satisfies(SecretTest::tellsNothing);
        assertThatThrownBy(() -> Secret.of(() -> content).reveal())
                .isInstanceOf(IllegalStateException.class)
                .satisfies(SecretTest::tellsNothing);
    }

    @Test
    void aTooLongValueIsRefused() {
        assertThat(Secret.of(() -> "x".repeat(8_192)).reveal()).hasSize(8_192);
        assertThatThrownBy(() -> Secret.of(() -> "x".repeat(8_193)).reveal()).hasMessageContaining("(expected: ");
    }

    @Test
    void whatASupplierSaysInItsExceptionIsNotRepeated() {
        Secret secret = Secret.of(() -> {
            throw new IllegalStateException("no vault for hunter2");
        });
        assertThatThrownBy(secret::reveal)
                .hasMessageContaining("the supplier failed by java.lang.IllegalStateException")
                .satisfies(SecretTest::tellsNothing);
    }

    @Test
    void theTextOfASecretIsItsOrigin() throws IOException {
        Path file = file("hunter2");
        assertThat(Secret.file(file)).hasToString("secret of file " + file);
        assertThat(Secret.of(() -> "hunter2")).hasToString("secret of supplier");
        assertThat(Credentials.bearer(Secret.of(() -> "hunter2")).toString()).doesNotContain("hunter2");
    }

    @Test
    void aFileThatHasBecomeBadKeepsTheSecretAndIsNotLogged() throws IOException {
        Queue<Runnable> later = new ArrayDeque<>();
        FollowedFile<String> followed = FollowedFile.of(file("s3cret"), Secret::line, later::add);
        file("hunter2\nhunter2");
        try (CapturedLog log = new CapturedLog()) {
            later.remove().run();
            later.remove().run();
            assertThat(log.text()).contains("a value of 15 characters").doesNotContain("hunter2", "s3cret");
        }
        assertThat(followed.value()).isEqualTo("s3cret");
    }

    private static void tellsNothing(Throwable failure) {
        StringWriter trace = new StringWriter();
        failure.printStackTrace(new PrintWriter(trace));
        assertThat(trace.toString()).doesNotContain("hunter2");
    }
}
