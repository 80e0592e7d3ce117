package dev.remora.examples.spring;

import dev.remora.Drain;
import dev.remora.LoadBalancer;
import dev.remora.affinity.StickyCookie;
import dev.remora.pool.Backend;
import dev.remora.servlet.LoadBalancingFilter;
import dev.remora.servlet.ReverseProxyServlet;
import jakarta.servlet.DispatcherType;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.EnumSet;
import org.springframework.boot.web.servlet.FilterRegistrationBean;
import org.springframework.context.ApplicationListener;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.event.ContextClosedEvent;
import org.springframework.core.Ordered;

/** One balancer, and the two ways to stand behind it. */
@Configuration(proxyBeanMethods = false)
class RemoraConfiguration {

    @Bean(destroyMethod = "close")
    LoadBalancer balancer(RemoraProperties remora) {
        return LoadBalancer.builder()
                .backends(remora.backEnds().entrySet().stream()
                        .map(server -> Backend.of(server.getKey(), server.getValue()))
                        .toArray(Backend[]::new))
                .stickyCookie(StickyCookie.signedWith(remora.cookieKey().getBytes(StandardCharsets.UTF_8)))
                .build();
    }

    /** The gateway. As a filter it comes before those of Spring, which might read the request's body. */
    @Bean
    FilterRegistrationBean<ReverseProxyServlet> gateway(LoadBalancer balancer) {
        var gateway = new FilterRegistrationBean<>(
                ReverseProxyServlet.builder(balancer).build());
        gateway.setAsyncSupported(true);
        gateway.setDispatcherTypes(DispatcherType.REQUEST, DispatcherType.ASYNC);
        gateway.setOrder(Ordered.HIGHEST_PRECEDENCE);
        gateway.addUrlPatterns("/v1/*");
        return gateway;
    }

    /** A lease for each request of {@link ChatController}. */
    @Bean
    FilterRegistrationBean<LoadBalancingFilter> leases(LoadBalancer balancer) {
        var leases = new FilterRegistrationBean<>(new LoadBalancingFilter(balancer));
        leases.setAsyncSupported(true);
        leases.setDispatcherTypes(EnumSet.allOf(DispatcherType.class));
        leases.setOrder(Ordered.HIGHEST_PRECEDENCE);
        leases.addUrlPatterns("/chat");
        return leases;
    }

    /** Open streams are asked to end while Spring Boot waits for them. */
    @Bean
    ApplicationListener<ContextClosedEvent> goodbye(LoadBalancer balancer, RemoraProperties remora) {
        return closed -> balancer.shutdown(Drain.softly(Duration.ZERO).until(remora.goodbye()));
    }
}
