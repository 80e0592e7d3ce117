package dev.remora.pool;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class BackendTest {

    @Test
    void theAddressIsReadFromTheUri() {
        Backend plain = Backend.of("a", "http://10.0.0.1");
        assertThat(List.of(plain.host(), plain.port(), plain.secure())).containsExactly("10.0.0.1", 80, false);
        Backend tls = Backend.of("b", "https://[2001:db8::1]/");
        assertThat(List.of(tls.host(), tls.port(), tls.secure())).containsExactly("2001:db8::1", 443, true);
        assertThat(Backend.of("c", "http://chat:8080").port()).isEqualTo(8080);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "chat:8080",
                "ftp://chat",
                "http://",
                "http://chat:99999",
                "http://chat:0",
                "http://chat/path",
                "http://chat?q",
                "http://user@chat",
                "http://chat#x",
                "http://ch at"
            })
    void aUriThatIsNoBaseIsRefused(String uri) {
        assertThatThrownBy(() -> Backend.of("a", uri))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("uri: " + uri + " (expected: http://host:port or https://host:port, without path)");
    }

    @Test
    void wrongNumbersAndNamesAreRefused() {
        Backend backend = Backend.of("a", "http://chat");
        assertThatThrownBy(() -> backend.withWeight(0)).hasMessage("weight: 0 (expected: 1 to 1000000)");
        assertThatThrownBy(() -> backend.withMaxStreams(0)).hasMessage("maxStreams: 0 (expected: >= 1)");
        assertThatThrownBy(() -> Backend.of("a b\n", "http://chat"))
                .hasMessage("backend id: \"a b?\" (expected: 1 to 128 visible ASCII characters)");
        assertThatThrownBy(() -> new BackendId("")).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void everyChangeOfAMutableListIsPushedWhole() {
        MutableBackends list = BackendSource.mutable(Backend.of("a", "http://chat"));
        List<List<Backend>> pushed = new ArrayList<>();
        BackendSource.Subscription subscription = list.subscribe(pushed::add);
        list.add(Backend.of("b", "http://chat2"));
        list.reweigh("a", 3);
        list.reweigh("a", 3);
        assertThat(list.remove("nobody")).isFalse();
        assertThat(pushed).as("the first, one added, one changed").hasSize(3);
        assertThat(pushed.get(2).get(0).weight()).isEqualTo(3);
        subscription.close();
        subscription.close();
        list.remove("b");
        assertThat(pushed).hasSize(3);
        assertThat(list.list()).hasSize(1);
        assertThatThrownBy(() -> list.drain("x")).hasMessage("backend id: x (expected: one of [a])");
    }
}
