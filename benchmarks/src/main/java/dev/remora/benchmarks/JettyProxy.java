package dev.remora.benchmarks;

import jakarta.servlet.Servlet;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import org.eclipse.jetty.ee10.proxy.AsyncMiddleManServlet;
import org.eclipse.jetty.ee10.proxy.AsyncProxyServlet;
import org.eclipse.jetty.ee10.servlet.ServletContextHandler;
import org.eclipse.jetty.ee10.servlet.ServletHolder;
import org.eclipse.jetty.server.HttpConfiguration;
import org.eclipse.jetty.server.HttpConnectionFactory;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;

/** Jetty with one proxying servlet: Remora's, or one of its own. */
final class JettyProxy implements RunningProxy {

    private static final int BACKLOG = 1_000;

    private final Server server = new Server();
    private final ServerConnector connector;
    private final Runnable afterwards;

    private JettyProxy(HttpConfiguration http, ServletHolder servlet, Runnable afterwards) throws Exception {
        this.afterwards = afterwards;
        connector = new ServerConnector(server, new HttpConnectionFactory(http));
        connector.setHost(InetAddress.getLoopbackAddress().getHostAddress());
        connector.setAcceptQueueSize(BACKLOG);
        server.addConnector(connector);
        ServletContextHandler context = new ServletContextHandler("/");
        servlet.setAsyncSupported(true);
        context.addServlet(servlet, "/*");
        server.setHandler(context);
        server.start();
    }

    static RunningProxy remora(InetSocketAddress backend) throws Exception {
        ServletProxy proxy = ServletProxy.to(backend);
        return new JettyProxy(new HttpConfiguration(), new ServletHolder(proxy.servlet()), proxy.balancer()::close);
    }

    /** Its own servlet, as it comes: what is smaller than the response's buffer waits there for more. */
    static RunningProxy asyncAsItComes(InetSocketAddress backend) throws Exception {
        return own(new HttpConfiguration(), new AsyncProxyServlet.Transparent(), backend);
    }

    /** The same in a Jetty that writes at once. */
    static RunningProxy async(InetSocketAddress backend) throws Exception {
        return own(writingAtOnce(), new AsyncProxyServlet.Transparent(), backend);
    }

    /** The one that can also transform what passes, and here does not, in a Jetty that writes at once. */
    static RunningProxy middleMan(InetSocketAddress backend) throws Exception {
        return own(writingAtOnce(), new AsyncMiddleManServlet.Transparent(), backend);
    }

    private static RunningProxy own(HttpConfiguration http, Servlet servlet, InetSocketAddress backend)
            throws Exception {
        ServletHolder holder = new ServletHolder(servlet);
        holder.setInitParameter("proxyTo", "http://127.0.0.1:" + backend.getPort());
        holder.setInitParameter("preserveHost", "true");
        // For a whole answer: a stream has no such limit.
        holder.setInitParameter("timeout", "0");
        holder.setInitParameter("maxConnections", Integer.toString(Short.MAX_VALUE));
        return new JettyProxy(http, holder, () -> {});
    }

    // Its servlets never flush, so an event would stay in the response's buffer until 32 KB have come together.
    private static HttpConfiguration writingAtOnce() {
        HttpConfiguration http = new HttpConfiguration();
        http.setOutputAggregationSize(1);
        return http;
    }

    @Override
    public InetSocketAddress address() {
        return new InetSocketAddress(InetAddress.getLoopbackAddress(), connector.getLocalPort());
    }

    @Override
    public void close() {
        try {
            server.stop();
        } catch (Exception e) {
            throw new IllegalStateException("Jetty does not stop", e);
        } finally {
            afterwards.run();
        }
    }
}
