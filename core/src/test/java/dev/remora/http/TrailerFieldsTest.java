package dev.remora.http;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TrailerFieldsTest {

    @ParameterizedTest
    @ValueSource(
            strings = {
                "X-Api-Key",
                "x_api_key",
                "X_Goog-Api_Key",
                "Content_Length",
                "transfer_encoding",
                "X_Forwarded_For",
                "X-Forwarded_Anything",
                "x_real_ip",
                "HTTP2-Settings"
            })
    void whatMattersInAHeadDoesNotPassHoweverItIsWritten(String name) {
        assertThat(TrailerFields.mayPass(name, List.of())).isFalse();
    }

    @ParameterizedTest
    @ValueSource(strings = {"X-Sum", "x_sum", "Grpc-Status", "_", ""})
    void othersPass(String name) {
        assertThat(TrailerFields.mayPass(name, List.of())).isTrue();
    }

    @ParameterizedTest
    @ValueSource(strings = {"X-Sum", "x-sum"})
    void whatTheConnectionNamesEndsHere(String name) {
        assertThat(TrailerFields.mayPass(name, List.of("close, x-Sum"))).isFalse();
    }
}
