package dev.remora.servlet;

import dev.remora.LoadBalancer;
import dev.remora.exchange.NanoClock;
import dev.remora.exchange.RequestView;
import dev.remora.http.Timeouts;
import java.util.concurrent.ScheduledExecutorService;
import java.util.function.Predicate;
import java.util.random.RandomGenerator;

/**
 * What the exchanges of a proxy share.
 *
 * @param resumable whether the user says that the client of a request asks again when its event stream ends
 * @param replayableBytes how much of a request's body is kept so that it can be sent again; 0 when nothing is
 * @param maxRequestBodyBytes how long a request's body may be
 */
record ProxySettings(
        LoadBalancer balancer,
        BackendClient client,
        Timeouts timeouts,
        Predicate<RequestView> resumable,
        int replayableBytes,
        long maxRequestBodyBytes,
        ScheduledExecutorService scheduler,
        NanoClock clock,
        RandomGenerator random) {}
