package dev.remora.servlet;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import dev.remora.wire.Wire;
import jakarta.servlet.DispatcherType;
import java.util.EnumSet;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;

/** The proxy as a filter, in front of a servlet that must not be asked. */
class ProxyAsFilterTest extends ProxyFixture {

    private Wire open(EnumSet<DispatcherType> dispatches, CountDownLatch broken) throws Exception {
        start(backend("a", server -> {
            server.head();
            server.send(EVENTS + "9\r\ndata: 1\n\n\r\n");
            broken.await();
        }));
        ReverseProxyServlet filter = ReverseProxyServlet.builder(balancer()).build();
        Site site = new Site(directory);
        site.filters.add(new Site.MappedFilter(filter, true, dispatches));
        site.servlets.add(new Site.MappedServlet(
                "/*",
                new TestServlet((request, response) -> {
                    if (request.getMethod().equals("GET")) {
                        response.getOutputStream().print("servlet");
                    }
                }),
                true));
        RunningContainer running = Container.start(site);
        closing(running::stop);
        return closing(Wire.to(running.port())).send(GET);
    }

    private void answerThatBreaksOffIsNotEnded(EnumSet<DispatcherType> dispatches) throws Exception {
        CountDownLatch broken = new CountDownLatch(1);
        Wire client = open(dispatches, broken);
        client.head();
        assertThat(client.chunk()).isEqualTo("data: 1\n\n");
        broken.countDown();
        assertThat(client.read()).as("no last chunk, nor one of the servlet").isNegative();
    }

    @Test
    void answerThatBreaksOffIsNotEnded() throws Exception {
        answerThatBreaksOffIsNotEnded(EnumSet.of(DispatcherType.REQUEST, DispatcherType.ASYNC));
    }

    @Test
    void answerThatBreaksOffIsNotEndedByWhoeverIsDispatchedTo() throws Exception {
        assumeThat(Container.present()).isNotEqualTo(Container.UNDERTOW);
        answerThatBreaksOffIsNotEnded(EnumSet.of(DispatcherType.REQUEST));
    }
}
