package dev.remora.examples.container;

import io.undertow.Handlers;
import io.undertow.Undertow;
import io.undertow.UndertowOptions;
import io.undertow.server.handlers.GracefulShutdownHandler;
import io.undertow.servlet.Servlets;
import io.undertow.servlet.api.DeploymentInfo;
import io.undertow.servlet.api.DeploymentManager;
import io.undertow.servlet.api.ServletContainer;
import io.undertow.servlet.api.ServletContainerInitializerInfo;
import io.undertow.servlet.util.ImmediateInstanceFactory;
import jakarta.servlet.ServletContainerInitializer;
import jakarta.servlet.ServletException;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.security.GeneralSecurityException;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.xnio.OptionMap;
import org.xnio.Options;
import org.xnio.Xnio;
import org.xnio.XnioWorker;

/** An Undertow, on a worker of our own: it stops listening before its threads end. */
final class UndertowContainer implements Container {

    private final DeploymentManager deployment;
    private final XnioWorker worker;
    private final Undertow undertow;
    private final int port;
    // Undertow tells applications that a request is complete before its last bytes are on their way: it counts better.
    private final GracefulShutdownHandler requests;

    UndertowContainer(ContainerSettings settings, ServletContainerInitializer application)
            throws ServletException, IOException, GeneralSecurityException {
        deployment = ServletContainer.Factory.newInstance().addDeployment(describe(application));
        deployment.deploy();
        worker = Xnio.getInstance(UndertowContainer.class.getClassLoader())
                .createWorker(OptionMap.builder()
                        .set(Options.WORKER_IO_THREADS, Runtime.getRuntime().availableProcessors())
                        .set(Options.WORKER_TASK_CORE_THREADS, settings.maxThreads())
                        .set(Options.WORKER_TASK_MAX_THREADS, settings.maxThreads())
                        .set(Options.TCP_NODELAY, true)
                        .getMap());
        requests = Handlers.gracefulShutdown(deployment.start());
        Undertow.Builder builder = Undertow.builder().setWorker(worker).setHandler(requests);
        undertow = configure(builder, settings).build();
        try {
            undertow.start();
        } catch (RuntimeException e) {
            close();
            throw e;
        }
        port = ((InetSocketAddress) undertow.getListenerInfo().get(0).getAddress()).getPort();
    }

    private static DeploymentInfo describe(ServletContainerInitializer application) {
        return Servlets.deployment()
                .setDeploymentName("gateway")
                .setContextPath("/")
                .setClassLoader(UndertowContainer.class.getClassLoader())
                .setIgnoreFlush(false)
                .addServletContainerInitializer(new ServletContainerInitializerInfo(
                        application.getClass(), new ImmediateInstanceFactory<>(application), Set.of()));
    }

    private static Undertow.Builder configure(Undertow.Builder builder, ContainerSettings settings)
            throws GeneralSecurityException {
        if (settings.tls().isPresent()) {
            builder.addHttpsListener(
                    settings.port(), settings.host(), settings.tls().get().context());
        } else {
            builder.addHttpListener(settings.port(), settings.host());
        }
        return builder.setServerOption(
                        UndertowOptions.ENABLE_HTTP2, settings.tls().isPresent())
                .setServerOption(UndertowOptions.MAX_ENTITY_SIZE, -1L)
                .setServerOption(UndertowOptions.MAX_HEADER_SIZE, settings.maxHeaderBytes())
                .setServerOption(
                        UndertowOptions.REQUEST_PARSE_TIMEOUT,
                        millis(settings.timeouts().requestHead()))
                .setServerOption(
                        UndertowOptions.NO_REQUEST_TIMEOUT,
                        millis(settings.timeouts().clientIdle()));
    }

    private static int millis(Duration timeout) {
        return (int) Math.min(timeout.toMillis(), Integer.MAX_VALUE);
    }

    @Override
    public int port() {
        return port;
    }

    @Override
    public void stopListening() {
        undertow.stop();
    }

    @Override
    public CompletionStage<Void> whenIdle() {
        CompletableFuture<Void> idle = new CompletableFuture<>();
        requests.shutdown();
        requests.addShutdownListener(inTime -> idle.complete(null));
        return idle;
    }

    @Override
    public void close() {
        undertow.stop();
        worker.shutdownNow();
        try {
            worker.awaitTermination();
            deployment.stop();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (ServletException e) {
            throw new IllegalStateException("Undertow does not stop", e);
        }
    }
}
