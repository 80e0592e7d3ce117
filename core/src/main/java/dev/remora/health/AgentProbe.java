package dev.remora.health;

import java.util.OptionalInt;
import java.util.concurrent.Executor;

/** Connects to an agent beside the back end and reads one line of {@link AgentWords}. */
record AgentProbe(int port, Timing timing) implements HealthProbe {

    AgentProbe {
        Ports.require(port);
    }

    @Override
    public Prober prober(Executor executor) {
        return new SocketProber(OptionalInt.of(port), AgentLine::read);
    }

    @Override
    public HealthProbe with(Timing newTiming) {
        return new AgentProbe(port, newTiming);
    }
}
