package dev.remora.examples.container;

import jakarta.servlet.ServletContainerInitializer;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletionStage;
import org.eclipse.jetty.alpn.server.ALPNServerConnectionFactory;
import org.eclipse.jetty.ee10.servlet.ServletContextHandler;
import org.eclipse.jetty.http.UriCompliance;
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

/** A Jetty. */
final class JettyContainer implements Container {

    private static final int ACCEPTORS = 1;
    private static final int SELECTORS = Math.min(4, Runtime.getRuntime().availableProcessors());

    private final Server server;
    private final ServerConnector connector;
    private final OpenRequests open;

    JettyContainer(ContainerSettings settings, OpenRequests open, ServletContainerInitializer application)
            throws Exception {
        this.open = open;
        var threads = new QueuedThreadPool(settings.maxThreads() + ACCEPTORS + SELECTORS, ACCEPTORS + SELECTORS);
        threads.setName("jetty");
        server = new Server(threads);
        connector = new ServerConnector(server, null, null, null, ACCEPTORS, SELECTORS, protocols(settings));
        connector.setHost(settings.host());
        connector.setPort(settings.port());
        connector.setAcceptQueueSize(ContainerSettings.BACKLOG);
        connector.setIdleTimeout(settings.timeouts().clientIdle().toMillis());
        server.addConnector(connector);
        var context = new ServletContextHandler("/");
        context.getServletHandler().setDecodeAmbiguousURIs(true);
        context.addServletContainerInitializer(application);
        server.setHandler(context);
        try {
            server.start();
        } catch (Exception e) {
            close();
            throw e;
        }
    }

    private static ConnectionFactory[] protocols(ContainerSettings settings) {
        HttpConfiguration http = http(settings);
        List<ConnectionFactory> protocols = new ArrayList<>();
        settings.tls().ifPresent(identity -> {
            // Whoever comes by address, or by a name that the certificate lacks, is the client's to judge.
            http.addCustomizer(new SecureRequestCustomizer(false));
            var tls = new SslContextFactory.Server();
            tls.setKeyStore(identity.store());
            tls.setKeyStorePassword(ServerIdentity.PASSWORD);
            var alpn = new ALPNServerConnectionFactory();
            alpn.setDefaultProtocol("http/1.1");
            protocols.add(new SslConnectionFactory(tls, alpn.getProtocol()));
            protocols.add(alpn);
            protocols.add(new HTTP2ServerConnectionFactory(http));
        });
        protocols.add(new HttpConnectionFactory(http));
        return protocols.toArray(ConnectionFactory[]::new);
    }

    private static HttpConfiguration http(ContainerSettings settings) {
        var http = new HttpConfiguration();
        http.setSendServerVersion(false);
        http.setRequestHeaderSize(settings.maxHeaderBytes());
        // While a request is served. 0 would stay in force after it.
        http.setIdleTimeout(settings.timeouts().streamIdle().toMillis());
        // A model's name may have a slash: the back end, and not Jetty, knows what it means.
        http.setUriCompliance(UriCompliance.from("RFC3986,AMBIGUOUS_PATH_SEPARATOR,AMBIGUOUS_PATH_ENCODING"));
        return http;
    }

    @Override
    public int port() {
        return connector.getLocalPort();
    }

    @Override
    public void stopListening() {
        connector.close();
    }

    @Override
    public CompletionStage<Void> whenIdle() {
        return open.whenNone();
    }

    @Override
    public void close() {
        try {
            server.stop();
        } catch (Exception e) {
            throw new IllegalStateException("Jetty does not stop", e);
        }
    }
}
