package dev.remora.servlet;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class SerialTest {

    private final List<Object> done = new ArrayList<>();

    @Test
    void stepThatAStepBringsComesBehindIt() {
        Serial serial = new Serial(done::add);
        serial.execute(() -> {
            serial.execute(() -> done.add("second"));
            done.add("first");
        });
        assertThat(done).containsExactly("first", "second");
    }

    @Test
    void stepBehindOneThatThrowsIsDone() {
        Serial serial = new Serial(done::add);
        Error failure = new AssertionError("expected");
        serial.execute(() -> {
            serial.execute(() -> done.add("next"));
            throw failure;
        });
        assertThat(done).containsExactly(failure, "next");
    }

    @Test
    void stepBehindAFailureThatCannotBeDealtWithIsDone() {
        Serial serial = new Serial(failure -> {
            throw new IllegalStateException("expected", failure);
        });
        serial.execute(() -> {
            serial.execute(() -> done.add("next"));
            throw new IllegalStateException("expected");
        });
        assertThat(done).containsExactly("next");
    }
}
