package dev.remora.servlet;

import dev.remora.wire.Certificates;
import java.io.IOException;
import java.util.logging.Logger;
import org.apache.catalina.Context;
import org.apache.catalina.LifecycleException;
import org.apache.catalina.Wrapper;
import org.apache.catalina.connector.Connector;
import org.apache.catalina.startup.Tomcat;
import org.apache.coyote.AbstractProtocol;
import org.apache.coyote.http2.Http2Protocol;
import org.apache.tomcat.util.descriptor.web.ErrorPage;
import org.apache.tomcat.util.descriptor.web.FilterDef;
import org.apache.tomcat.util.descriptor.web.FilterMap;
import org.apache.tomcat.util.net.SSLHostConfig;
import org.apache.tomcat.util.net.SSLHostConfigCertificate;
import org.apache.tomcat.util.threads.ThreadPoolExecutor;

/** Tomcat 10.1 or 11. */
final class TomcatContainer implements RunningContainer {

    // Held, or the setting would be forgotten. Tomcat logs every exception that a test throws through it.
    private static final Logger LOG = Logger.getLogger("org.apache");

    static {
        LOG.setUseParentHandlers(false);
    }

    private final Tomcat tomcat = new Tomcat();
    private int names;

    TomcatContainer(Site site) throws LifecycleException, IOException {
        tomcat.setBaseDir(site.base.toString());
        connect(tomcat.getConnector(), site);
        Context context = tomcat.addContext(site.contextPath, site.base.toString());
        site.servlets.forEach(servlet -> add(context, servlet));
        site.filters.forEach(filter -> add(context, filter));
        site.pages.forEach(page -> add(context, page));
        tomcat.start();
    }

    private static void connect(Connector connector, Site site) throws IOException {
        connector.setPort(0);
        connector.setProperty("address", "127.0.0.1");
        // Some tests open thousands of connections at once.
        connector.setProperty("acceptCount", "1024");
        connector.setProperty("minSpareThreads", "2");
        connector.setProperty("maxThreads", Integer.toString(site.workerThreads));
        connector.setProperty("allowedTrailerHeaders", "x-check");
        connector.addUpgradeProtocol(new Http2Protocol());
        if (site.certificates.isPresent()) {
            connector.setSecure(true);
            connector.setScheme("https");
            connector.setProperty("SSLEnabled", "true");
            connector.addSslHostConfig(tls(site.certificates.get()));
        }
    }

    private static SSLHostConfig tls(Certificates certificates) throws IOException {
        SSLHostConfig tls = new SSLHostConfig();
        SSLHostConfigCertificate certificate =
                new SSLHostConfigCertificate(tls, SSLHostConfigCertificate.Type.UNDEFINED);
        certificate.setCertificateKeystore(certificates.store());
        certificate.setCertificateKeyPassword(certificates.password());
        tls.addCertificate(certificate);
        return tls;
    }

    private void add(Context context, Site.MappedServlet servlet) {
        Wrapper wrapper = Tomcat.addServlet(context, "servlet" + names++, servlet.servlet());
        wrapper.setAsyncSupported(servlet.asyncSupported());
        wrapper.addMapping(servlet.path());
    }

    private void add(Context context, Site.MappedFilter filter) {
        FilterDef def = new FilterDef();
        def.setFilterName("filter" + names++);
        def.setFilter(filter.filter());
        def.setAsyncSupported(Boolean.toString(filter.asyncSupported()));
        context.addFilterDef(def);
        FilterMap map = new FilterMap();
        map.setFilterName(def.getFilterName());
        map.addURLPattern("/*");
        filter.dispatches().forEach(type -> map.setDispatcher(type.name()));
        context.addFilterMap(map);
    }

    private static void add(Context context, Site.StatusPage page) {
        ErrorPage error = new ErrorPage();
        error.setErrorCode(page.status());
        error.setLocation(page.path());
        context.addErrorPage(error);
    }

    @Override
    public int port() {
        return tomcat.getConnector().getLocalPort();
    }

    @Override
    public int busyThreads() {
        AbstractProtocol<?> protocol =
                (AbstractProtocol<?>) tomcat.getConnector().getProtocolHandler();
        return ((ThreadPoolExecutor) protocol.getExecutor()).getActiveCount();
    }

    @Override
    public void stop() throws IOException {
        try {
            tomcat.stop();
            tomcat.destroy();
        } catch (LifecycleException e) {
            throw new IOException(e);
        }
    }
}
