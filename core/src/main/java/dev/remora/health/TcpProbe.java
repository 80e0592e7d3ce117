package dev.remora.health;

import java.util.OptionalInt;
import java.util.concurrent.Executor;

/**
 * Connects and hangs up.
 *
 * @param port asked instead of the traffic's
 */
record TcpProbe(OptionalInt port, Timing timing) implements HealthProbe {

    TcpProbe {
        port.ifPresent(Ports::require);
    }

    @Override
    public Prober prober(Executor executor) {
        return new SocketProber(port, (channel, answer) -> answer.complete(ProbeAnswer.pass("connected")));
    }

    @Override
    public HealthProbe with(Timing newTiming) {
        return new TcpProbe(port, newTiming);
    }
}
