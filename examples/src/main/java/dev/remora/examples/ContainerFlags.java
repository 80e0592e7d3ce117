package dev.remora.examples;

import dev.remora.LoadBalancer;
import dev.remora.examples.container.Container;
import dev.remora.examples.container.ContainerSettings;
import dev.remora.examples.container.ServerIdentity;
import dev.remora.examples.demo.DemoFilter;
import dev.remora.examples.demo.DemoSite;
import dev.remora.servlet.ReverseProxyServlet;
import jakarta.servlet.DispatcherType;
import jakarta.servlet.Servlet;
import jakarta.servlet.ServletContainerInitializer;
import jakarta.servlet.ServletContext;
import jakarta.servlet.ServletRegistration;
import java.util.EnumSet;
import java.util.Optional;
import picocli.CommandLine.Option;

/** The servlet in a container, and what only that one can be told. */
final class ContainerFlags implements FrontServer.Kind {

    @Option(
            names = "--container",
            paramLabel = "NAME",
            description = "What carries the servlet: tomcat, jetty or undertow (default: ${DEFAULT-VALUE}).")
    private String container = "tomcat";

    @Option(
            names = "--threads",
            paramLabel = "N",
            description = "The most threads that run requests; streams need none while nothing flows"
                    + " (default: ${DEFAULT-VALUE}).")
    private int threads = 50;

    @Option(
            names = "--max-header-bytes",
            paramLabel = "N",
            description = "A request's line and headers together (default: ${DEFAULT-VALUE}).")
    private int maxHeaderBytes = 40 * 1024;

    @Override
    public FrontServer start(FrontSettings settings, LoadBalancer balancer, Optional<DemoSite> site) {
        var containerSettings = new ContainerSettings(
                settings.host(),
                settings.port(),
                settings.tls().map(tls -> ServerIdentity.read(tls.certificate(), tls.key())),
                settings.timeouts(),
                threads,
                maxHeaderBytes);
        ReverseProxyServlet proxy = proxy(settings, balancer);
        ServletContainerInitializer application = (classes, context) -> {
            register(context, proxy);
            site.ifPresent(shown -> register(context, new DemoFilter(shown)));
        };
        return new ServletServer(start(containerSettings, application), balancer);
    }

    private Container start(ContainerSettings settings, ServletContainerInitializer application) {
        return switch (container) {
            case "tomcat" -> Container.tomcat(settings, application);
            case "jetty" -> Container.jetty(settings, application);
            case "undertow" -> Container.undertow(settings, application);
            default ->
                throw new IllegalArgumentException(
                        "container: " + container + " (expected: tomcat, jetty or undertow)");
        };
    }

    private static ReverseProxyServlet proxy(FrontSettings settings, LoadBalancer balancer) {
        ReverseProxyServlet.Builder proxy = ReverseProxyServlet.builder(balancer)
                .preserveHost(settings.preserveHost())
                .timeouts(settings.timeouts());
        settings.backendCa().ifPresent(proxy::backendTls);
        settings.maxBodyBytes().ifPresent(proxy::maxRequestBodyBytes);
        return proxy.build();
    }

    private static void register(ServletContext context, Servlet proxy) {
        ServletRegistration.Dynamic servlet = context.addServlet("proxy", proxy);
        servlet.setAsyncSupported(true);
        servlet.addMapping("/*");
    }

    private static void register(ServletContext context, DemoFilter page) {
        var filter = context.addFilter("demo", page);
        filter.setAsyncSupported(true);
        filter.addMappingForUrlPatterns(EnumSet.of(DispatcherType.REQUEST), false, "/*");
    }
}
