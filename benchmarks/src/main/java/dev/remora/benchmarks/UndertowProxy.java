package dev.remora.benchmarks;

import io.undertow.Undertow;
import io.undertow.server.HttpHandler;
import io.undertow.server.handlers.proxy.LoadBalancingProxyClient;
import io.undertow.server.handlers.proxy.ProxyHandler;
import io.undertow.servlet.Servlets;
import io.undertow.servlet.api.DeploymentInfo;
import io.undertow.servlet.api.DeploymentManager;
import io.undertow.servlet.api.ServletInfo;
import io.undertow.servlet.util.ImmediateInstanceFactory;
import jakarta.servlet.ServletException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;

/** Undertow with Remora's servlet, or with its own proxy, which is none. */
final class UndertowProxy implements RunningProxy {

    private final Undertow server;
    private final Runnable afterwards;

    private UndertowProxy(HttpHandler handler, Runnable afterwards) {
        this.afterwards = afterwards;
        server = Undertow.builder()
                .addHttpListener(0, InetAddress.getLoopbackAddress().getHostAddress())
                .setHandler(handler)
                .build();
        server.start();
    }

    static RunningProxy remora(InetSocketAddress backend) throws ServletException {
        ServletProxy proxy = ServletProxy.to(backend);
        DeploymentManager deployment = Servlets.newContainer()
                .addDeployment(new DeploymentInfo()
                        .setClassLoader(UndertowProxy.class.getClassLoader())
                        .setDeploymentName("remora")
                        .setContextPath("/")
                        .addServlet(new ServletInfo(
                                        "remora",
                                        proxy.servlet().getClass(),
                                        new ImmediateInstanceFactory<>(proxy.servlet()))
                                .setAsyncSupported(true)
                                .addMapping("/*")));
        deployment.deploy();
        return new UndertowProxy(deployment.start(), () -> {
            deployment.undeploy();
            proxy.balancer().close();
        });
    }

    /** Its own handler, whose client would keep 10 connections for each of its threads. */
    static RunningProxy own(InetSocketAddress backend) {
        LoadBalancingProxyClient client = new LoadBalancingProxyClient()
                .setConnectionsPerThread(Short.MAX_VALUE)
                .addHost(URI.create("http://127.0.0.1:" + backend.getPort()));
        return new UndertowProxy(ProxyHandler.builder().setProxyClient(client).build(), () -> {});
    }

    @Override
    public InetSocketAddress address() {
        return (InetSocketAddress) server.getListenerInfo().get(0).getAddress();
    }

    @Override
    public void close() {
        server.stop();
        afterwards.run();
    }
}
