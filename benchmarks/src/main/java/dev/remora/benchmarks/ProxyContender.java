package dev.remora.benchmarks;

import com.google.errorprone.annotations.Immutable;
import java.net.InetSocketAddress;

/** The reverse proxies that are measured beside each other. The first is what the others are compared with. */
enum ProxyContender {
    JETTY_ASYNC("Jetty: AsyncProxyServlet", JettyProxy::async),
    JETTY_ASYNC_AS_IT_COMES("Jetty: AsyncProxyServlet, as it comes", JettyProxy::asyncAsItComes),
    JETTY_MIDDLE_MAN("Jetty: AsyncMiddleManServlet", JettyProxy::middleMan),
    REMORA_JETTY("Remora: ReverseProxyServlet in Jetty", JettyProxy::remora),
    REMORA_TOMCAT("Remora: ReverseProxyServlet in Tomcat", TomcatProxy::new),
    REMORA_UNDERTOW("Remora: ReverseProxyServlet in Undertow", UndertowProxy::remora),
    REMORA_NETTY("Remora: GatewayServer on Netty", Gateway::new),
    UNDERTOW("Undertow: ProxyHandler", UndertowProxy::own);

    private final String title;
    private final Starter starter;

    ProxyContender(String title, Starter starter) {
        this.title = title;
        this.starter = starter;
    }

    String title() {
        return title;
    }

    /** Starts it in this JVM. */
    RunningProxy start(InetSocketAddress backend) throws Exception {
        return starter.start(backend);
    }

    @Immutable
    @FunctionalInterface
    private interface Starter {
        RunningProxy start(InetSocketAddress backend) throws Exception;
    }
}
