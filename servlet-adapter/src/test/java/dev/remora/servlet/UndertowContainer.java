package dev.remora.servlet;

import io.undertow.Handlers;
import io.undertow.Undertow;
import io.undertow.UndertowOptions;
import io.undertow.servlet.Servlets;
import io.undertow.servlet.api.DeploymentInfo;
import io.undertow.servlet.api.DeploymentManager;
import io.undertow.servlet.api.ErrorPage;
import io.undertow.servlet.api.FilterInfo;
import io.undertow.servlet.api.ServletInfo;
import io.undertow.servlet.util.ImmediateInstanceFactory;
import jakarta.servlet.DispatcherType;
import jakarta.servlet.Filter;
import jakarta.servlet.Servlet;
import jakarta.servlet.ServletException;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.logging.Logger;

/** Undertow 2.3. */
final class UndertowContainer implements RunningContainer {

    // Held, or the setting would be forgotten. Undertow logs every exception that a test throws through it.
    private static final Logger LOG = Logger.getLogger("io.undertow");
    private static final Logger IO_LOG = Logger.getLogger("org.xnio");

    static {
        // Its executor counts only then.
        System.setProperty("jboss.threads.eqe.statistics.active-count", "true");
        LOG.setUseParentHandlers(false);
        IO_LOG.setUseParentHandlers(false);
    }

    private final DeploymentManager deployment;
    private final Undertow server;
    private int names;

    UndertowContainer(Site site) throws Exception {
        deployment = Servlets.newContainer().addDeployment(deployment(site));
        deployment.deploy();
        Undertow.Builder builder = Undertow.builder()
                .setIoThreads(2)
                .setWorkerThreads(site.workerThreads)
                .setServerOption(UndertowOptions.ENABLE_HTTP2, true)
                // 2 MB by itself.
                .setServerOption(UndertowOptions.MAX_ENTITY_SIZE, -1L)
                // A request that never ends must not keep the server from stopping.
                .setServerOption(UndertowOptions.SHUTDOWN_TIMEOUT, 10_000)
                .setHandler(Handlers.path().addPrefixPath(prefix(site), deployment.start()));
        if (site.certificates.isPresent()) {
            builder.addHttpsListener(0, "127.0.0.1", site.certificates.get().context());
        } else {
            builder.addHttpListener(0, "127.0.0.1");
        }
        server = builder.build();
        server.start();
    }

    private static String prefix(Site site) {
        return site.contextPath.isEmpty() ? "/" : site.contextPath;
    }

    private DeploymentInfo deployment(Site site) {
        DeploymentInfo info = new DeploymentInfo()
                .setClassLoader(UndertowContainer.class.getClassLoader())
                .setDeploymentName("test")
                .setContextPath(prefix(site));
        site.servlets.forEach(servlet -> add(info, servlet));
        site.filters.forEach(filter -> add(info, filter));
        site.pages.forEach(page -> info.addErrorPage(new ErrorPage(page.path(), page.status())));
        return info;
    }

    private void add(DeploymentInfo info, Site.MappedServlet mapped) {
        Servlet servlet = mapped.servlet();
        info.addServlet(
                new ServletInfo("servlet" + names++, servlet.getClass(), new ImmediateInstanceFactory<>(servlet))
                        .setAsyncSupported(mapped.asyncSupported())
                        .addMapping(mapped.path()));
    }

    private void add(DeploymentInfo info, Site.MappedFilter mapped) {
        Filter filter = mapped.filter();
        String name = "filter" + names++;
        info.addFilter(new FilterInfo(name, filter.getClass(), new ImmediateInstanceFactory<>(filter))
                .setAsyncSupported(mapped.asyncSupported()));
        for (DispatcherType type : mapped.dispatches()) {
            info.addFilterUrlMapping(name, "/*", type);
        }
    }

    @Override
    public int port() {
        return ((InetSocketAddress) server.getListenerInfo().get(0).getAddress()).getPort();
    }

    @Override
    public int busyThreads() {
        return server.getWorker().getMXBean().getBusyWorkerThreadCount();
    }

    @Override
    public void stop() throws IOException {
        server.stop();
        try {
            deployment.stop();
        } catch (ServletException e) {
            throw new IOException(e);
        }
        deployment.undeploy();
    }
}
