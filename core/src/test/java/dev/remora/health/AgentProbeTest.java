package dev.remora.health;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.remora.health.HealthProbe.Prober;
import dev.remora.pool.Backend;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class AgentProbeTest {

    private static ProbeAnswer ask(Misbehaving.Conduct conduct) throws Exception {
        try (Misbehaving agent = new Misbehaving(conduct);
                Prober prober = HealthProbe.agent(agent.port()).prober(Runnable::run)) {
            return prober.probe(Backend.of("a", "http://127.0.0.1:1"))
                    .handle((answer, failure) -> failure == null ? answer : ProbeAnswer.failedBy(failure))
                    .get(30, TimeUnit.SECONDS);
        }
    }

    private static ProbeAnswer said(String text) throws Exception {
        return ask(socket -> {
            Misbehaving.say(socket, text);
            Misbehaving.hang(socket);
        });
    }

    @ParameterizedTest
    @CsvSource({
        "up,true,true",
        "ready,true,true",
        "UP # all well,true,true",
        "drain,true,false",
        "75%,true,false",
        "down,false,true",
        "fail,false,true",
        "failed,false,true",
        "stopped,false,true",
        "maint,false,true",
        "up maint,false,true"
    })
    void wordsAboutBeingFitAreCertain(String words, boolean passed, boolean certain) throws Exception {
        ProbeAnswer answer = said(words + "\n");
        assertThat(answer.passed()).isEqualTo(passed);
        assertThat(answer.certain()).isEqualTo(certain);
    }

    @Test
    void wishesAreTaken() throws Exception {
        assertThat(said("drain, 50%\r\n"))
                .isEqualTo(
                        new ProbeAnswer(true, false, OptionalDouble.of(0.5), Optional.of(true), "it says drain 50%"));
        assertThat(said("up\t256%\n").share()).hasValue(2.56);
        assertThat(said("ready\n").draining()).contains(false);
        assertThat(said("ready drain\n").draining()).contains(true);
        assertThat(said("0%\n").draining()).as("not said").isEmpty();
    }

    @Test
    void aLineMayEndWithTheConnection() throws Exception {
        assertThat(ask(socket -> Misbehaving.say(socket, "up")).passed()).isTrue();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "\n",
                "HTTP/1.1 200 OK\r\n",
                "257%\n",
                "-1%\n",
                "%\n",
                "99999999999999999999%\n",
                "\u00fcp\n",
                "# up\n",
                "maxconn:10\n"
            })
    void whatIsNotUnderstoodFails(String line) throws Exception {
        assertThat(said(line)).isEqualTo(ProbeAnswer.fail("the agent says nothing that is known"));
    }

    @Test
    void aLineWithoutEndFails() throws Exception {
        ProbeAnswer answer = ask(socket -> Misbehaving.repeat(socket, "up "));
        assertThat(answer).isEqualTo(ProbeAnswer.fail("the agent's line is longer than 512 bytes"));
    }

    @Test
    void anAgentThatHangsUpFails() throws Exception {
        assertThat(ask(socket -> {}).passed()).isFalse();
    }

    @Test
    void anAgentThatSaysNothingIsLeftWhenTheAnswerIsCancelled() throws Exception {
        try (Misbehaving agent = new Misbehaving(Misbehaving::hang);
                Prober prober = HealthProbe.agent(agent.port()).prober(Runnable::run)) {
            CompletableFuture<ProbeAnswer> answer = prober.probe(Backend.of("a", "http://127.0.0.1:1"));
            assertThat(answer.isDone()).isFalse();
            answer.cancel(true);
            assertThat(agent.isLeft()).isTrue();
        }
    }

    @Test
    void wrongPortsAreRefused() {
        assertThatThrownBy(() -> HealthProbe.agent(0)).hasMessage("probe port: 0 (expected: 1 to 65535)");
        assertThatThrownBy(() -> HealthProbe.tcp(70_000)).hasMessage("probe port: 70000 (expected: 1 to 65535)");
    }
}
