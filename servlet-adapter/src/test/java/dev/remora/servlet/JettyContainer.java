package dev.remora.servlet;

import dev.remora.wire.Certificates;
import java.io.IOException;
import java.util.EnumSet;
import org.eclipse.jetty.alpn.server.ALPNServerConnectionFactory;
import org.eclipse.jetty.ee10.servlet.ErrorPageErrorHandler;
import org.eclipse.jetty.ee10.servlet.FilterHolder;
import org.eclipse.jetty.ee10.servlet.ServletContextHandler;
import org.eclipse.jetty.ee10.servlet.ServletHolder;
import org.eclipse.jetty.http2.server.HTTP2CServerConnectionFactory;
import org.eclipse.jetty.http2.server.HTTP2ServerConnectionFactory;
import org.eclipse.jetty.server.ConnectionFactory;
import org.eclipse.jetty.server.HttpConfiguration;
import org.eclipse.jetty.server.HttpConnectionFactory;
import org.eclipse.jetty.server.SecureRequestCustomizer;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;
import org.eclipse.jetty.server.SslConnectionFactory;
import org.eclipse.jetty.util.ssl.SslContextFactory;
import org.eclipse.jetty.util.thread.QueuedThreadPool;

/** Jetty 12 with its Servlet 6.0 environment. */
final class JettyContainer implements RunningContainer {

    private final QueuedThreadPool threads;
    private final Server server;
    private final ServerConnector connector;

    JettyContainer(Site site) throws Exception {
        threads = new QueuedThreadPool(site.workerThreads);
        server = new Server(threads);
        connector = new ServerConnector(
                server, 1, 1, site.certificates.map(JettyContainer::secure).orElseGet(JettyContainer::plain));
        connector.setHost("127.0.0.1");
        // Some tests open thousands of connections at once.
        connector.setAcceptQueueSize(1024);
        server.addConnector(connector);
        server.setHandler(context(site));
        server.start();
    }

    private static ConnectionFactory[] plain() {
        HttpConfiguration http = new HttpConfiguration();
        return new ConnectionFactory[] {new HttpConnectionFactory(http), new HTTP2CServerConnectionFactory(http)};
    }

    private static ConnectionFactory[] secure(Certificates certificates) {
        SslContextFactory.Server tls = new SslContextFactory.Server();
        tls.setKeyStore(certificates.store());
        tls.setKeyStorePassword(certificates.password());
        HttpConfiguration http = new HttpConfiguration();
        http.addCustomizer(new SecureRequestCustomizer());
        ALPNServerConnectionFactory alpn = new ALPNServerConnectionFactory();
        alpn.setDefaultProtocol("http/1.1");
        return new ConnectionFactory[] {
            new SslConnectionFactory(tls, alpn.getProtocol()),
            alpn,
            new HTTP2ServerConnectionFactory(http),
            new HttpConnectionFactory(http)
        };
    }

    private static ServletContextHandler context(Site site) {
        ServletContextHandler context = new ServletContextHandler(site.contextPath.isEmpty() ? "/" : site.contextPath);
        for (Site.MappedServlet servlet : site.servlets) {
            ServletHolder holder = new ServletHolder(servlet.servlet());
            holder.setAsyncSupported(servlet.asyncSupported());
            context.addServlet(holder, servlet.path());
        }
        for (Site.MappedFilter filter : site.filters) {
            FilterHolder holder = new FilterHolder(filter.filter());
            holder.setAsyncSupported(filter.asyncSupported());
            context.addFilter(holder, "/*", EnumSet.copyOf(filter.dispatches()));
        }
        ErrorPageErrorHandler errors = new ErrorPageErrorHandler();
        site.pages.forEach(page -> errors.addErrorPage(page.status(), page.path()));
        context.setErrorHandler(errors);
        return context;
    }

    @Override
    public int port() {
        return connector.getLocalPort();
    }

    @Override
    public int busyThreads() {
        return threads.getUtilizedThreads();
    }

    @Override
    public void stop() throws IOException {
        try {
            server.stop();
        } catch (Exception e) {
            throw new IOException(e);
        }
    }
}
