package dev.remora.examples.spring;

import java.time.Duration;
import java.util.Map;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * What {@code application.yaml} says under {@code remora}.
 *
 * @param backEnds the servers by their names, as {@code http://10.0.0.1:8080}
 * @param cookieKey what the sticky cookies are signed with, at least 16 bytes, the same for every gateway
 * @param goodbye how long open streams may take to end when the application stops
 */
@ConfigurationProperties("remora")
record RemoraProperties(
        Map<String, String> backEnds,
        String cookieKey,
        @DefaultValue("20s") Duration goodbye) {

    RemoraProperties {
        backEnds = Map.copyOf(backEnds);
    }
}
