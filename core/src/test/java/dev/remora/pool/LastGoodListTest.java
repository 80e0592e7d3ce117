package dev.remora.pool;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class LastGoodListTest {

    private final Backend a = Backend.of("a", "http://a");
    private final Backend b = Backend.of("b", "http://b");
    private final List<List<Backend>> pushed = new ArrayList<>();
    private final LastGoodList list = new LastGoodList("test", this::receive);
    private boolean refuses;

    private void receive(List<Backend> backends) {
        if (refuses) {
            throw new IllegalStateException("not now");
        }
        pushed.add(backends);
    }

    @Test
    void anEqualListIsNotPushedAgain() {
        list.push(List.of(a));
        list.push(new ArrayList<>(List.of(a)));
        list.fail("away");
        list.push(List.of(a));
        list.push(List.of(b));
        assertThat(pushed).containsExactly(List.of(a), List.of(b));
    }

    @Test
    void onlyTheFirstListMayBegin() {
        list.push(List.of(a));
        list.begin(List.of());
        assertThat(pushed).containsExactly(List.of(a));
    }

    @Test
    void aBadFirstListIsThrownBack() {
        assertThatThrownBy(() -> list.begin(List.of(a, a))).hasMessage("backend id: a (expected: each id once)");
        refuses = true;
        assertThatThrownBy(() -> list.begin(List.of(a))).hasMessage("not now");
    }

    @Test
    void aBadLaterListChangesNothing() {
        list.begin(List.of(a));
        list.push(List.of(b, b));
        refuses = true;
        list.push(List.of(b));
        refuses = false;
        assertThat(pushed).containsExactly(List.of(a));
        list.push(List.of(b));
        assertThat(pushed).as("asked again").containsExactly(List.of(a), List.of(b));
    }

    @Test
    void nothingFollowsTheEnd() {
        list.close();
        list.begin(List.of(a));
        list.push(List.of(b));
        list.fail("away");
        assertThat(pushed).isEmpty();
    }
}
