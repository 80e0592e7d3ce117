package dev.remora.examples.container;

import dev.remora.http.Timeouts;
import jakarta.servlet.ServletContainerInitializer;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.CompletionStage;
import org.apache.catalina.LifecycleException;
import org.apache.catalina.connector.Connector;
import org.apache.catalina.core.StandardContext;
import org.apache.catalina.startup.Tomcat;
import org.apache.coyote.http11.Http11NioProtocol;
import org.apache.coyote.http2.Http2Protocol;
import org.apache.tomcat.util.buf.EncodedSolidusHandling;
import org.apache.tomcat.util.net.SSLHostConfig;
import org.apache.tomcat.util.net.SSLHostConfigCertificate;

/** A Tomcat. Its files would be temporary ones, and there are none. */
final class TomcatContainer implements Container {

    private static final int UNLIMITED = -1;

    private final Tomcat tomcat = new Tomcat();
    private final Connector connector;
    private final OpenRequests open;

    TomcatContainer(ContainerSettings settings, OpenRequests open, ServletContainerInitializer application)
            throws LifecycleException {
        this.open = open;
        var protocol = new Http11NioProtocol();
        connector = new Connector(protocol);
        configure(protocol, settings);
        connector.setPort(settings.port());
        connector.setThrowOnFailure(true);
        connector.setMaxPostSize(UNLIMITED);
        // A model's name may have a slash: the back end, and not Tomcat, knows what it means.
        connector.setEncodedSolidusHandling(EncodedSolidusHandling.PASS_THROUGH.getValue());
        settings.tls().ifPresent(identity -> speakTls(identity, settings.timeouts()));
        tomcat.setBaseDir(System.getProperty("java.io.tmpdir"));
        tomcat.setConnector(connector);
        var context = (StandardContext) tomcat.addContext("", null);
        context.addServletContainerInitializer(application, Set.of());
        // The application's classes stay: there is no class loader of its own to keep clean.
        context.setClearReferencesObjectStreamClassCaches(false);
        context.setClearReferencesThreadLocals(false);
        context.setClearReferencesRmiTargets(false);
        try {
            tomcat.start();
        } catch (LifecycleException e) {
            close();
            throw e;
        }
    }

    private static void configure(Http11NioProtocol protocol, ContainerSettings settings) {
        Timeouts timeouts = settings.timeouts();
        protocol.setProperty("address", settings.host());
        // The one that closes its socket before it stops.
        protocol.setProperty("bindOnInit", "false");
        protocol.setAcceptCount(ContainerSettings.BACKLOG);
        protocol.setMaxThreads(settings.maxThreads());
        protocol.setMinSpareThreads(1);
        protocol.setMaxConnections(UNLIMITED);
        protocol.setMaxKeepAliveRequests(UNLIMITED);
        protocol.setMaxHttpRequestHeaderSize(settings.maxHeaderBytes());
        protocol.setKeepAliveTimeout(millis(timeouts.clientIdle()));
        // For what a client does not read, too: Tomcat knows no other limit for that.
        protocol.setConnectionTimeout(millis(timeouts.requestBodyIdle()));
    }

    private void speakTls(ServerIdentity identity, Timeouts timeouts) {
        var host = new SSLHostConfig();
        host.setProtocols("TLSv1.3+TLSv1.2");
        var certificate = new SSLHostConfigCertificate(host, SSLHostConfigCertificate.Type.UNDEFINED);
        certificate.setCertificateKeystore(identity.store());
        certificate.setCertificateKeyPassword(ServerIdentity.PASSWORD);
        host.addCertificate(certificate);
        connector.setScheme("https");
        connector.setSecure(true);
        connector.setProperty("SSLEnabled", "true");
        connector.addSslHostConfig(host);
        var http2 = new Http2Protocol();
        http2.setKeepAliveTimeout(timeouts.clientIdle().toMillis());
        http2.setWriteTimeout(timeouts.requestBodyIdle().toMillis());
        http2.setStreamReadTimeout(timeouts.requestBodyIdle().toMillis());
        http2.setStreamWriteTimeout(timeouts.streamIdle().toMillis());
        connector.addUpgradeProtocol(http2);
    }

    private static int millis(Duration timeout) {
        return (int) Math.min(timeout.toMillis(), Integer.MAX_VALUE);
    }

    @Override
    public int port() {
        return connector.getLocalPort();
    }

    @Override
    public void stopListening() {
        connector.getProtocolHandler().closeServerSocketGraceful();
    }

    @Override
    public CompletionStage<Void> whenIdle() {
        return open.whenNone();
    }

    @Override
    public void close() {
        try {
            tomcat.stop();
            tomcat.destroy();
        } catch (LifecycleException e) {
            throw new IllegalStateException("Tomcat does not stop", e);
        }
    }
}
