package dev.remora.benchmarks;

import dev.remora.LoadBalancer;
import dev.remora.pool.Backend;
import dev.remora.servlet.ReverseProxyServlet;
import java.net.InetSocketAddress;

/**
 * The servlet that is measured, with its defaults, in front of one back end.
 *
 * @param balancer closed when the container has stopped
 */
record ServletProxy(LoadBalancer balancer, ReverseProxyServlet servlet) {

    static ServletProxy to(InetSocketAddress backend) {
        LoadBalancer balancer = LoadBalancer.builder()
                .backends(Backend.of("scripted", "http://127.0.0.1:" + backend.getPort()))
                .build();
        return new ServletProxy(balancer, ReverseProxyServlet.builder(balancer).build());
    }
}
