package dev.remora.examples;

import java.util.concurrent.Callable;
import org.slf4j.bridge.SLF4JBridgeHandler;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/**
 * The same gateway in a servlet container: Tomcat, Jetty or Undertow.
 *
 * <p>With its defaults it comes down to this, in any container of the level Servlet 6.0:
 *
 * <pre>{@code
 * ReverseProxyServlet proxy = ReverseProxyServlet.builder(balancer).build();
 * ServletRegistration.Dynamic servlet = context.addServlet("proxy", proxy);
 * servlet.setAsyncSupported(true);
 * servlet.addMapping("/*");
 * }</pre>
 */
@Command(
        name = "servlet-gateway",
        mixinStandardHelpOptions = true,
        versionProvider = Version.class,
        customSynopsis = "java -jar remora-examples.jar servlet-gateway [FLAG...]",
        sortOptions = false,
        description = {
            "The gateway of chat-gateway as a servlet, in a Tomcat, a Jetty or an Undertow of its own.",
            "With a certificate it speaks HTTP/2, too."
        },
        footer = {
            "",
            "What chat-gateway can be told and this one cannot:",
            "  --max-line-bytes: a container counts a request's line with its headers.",
            "  --request-head-timeout: only Undertow limits the whole head, here to 10 s; the others each wait for more.",
            "  --max-idle-connections, --backend-idle-timeout: the connections to back ends are kept by the JDK's client.",
            "In a Tomcat --request-body-idle-timeout also limits how long a client may take nothing of its answer."
        })
final class ServletGateway implements Callable<Integer> {

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Mixin
    private GatewayFlags flags = new GatewayFlags();

    @ArgGroup(exclusive = false, heading = "%nThe container%n")
    private ContainerFlags container = new ContainerFlags();

    @Override
    public Integer call() throws CommandFailed, InterruptedException {
        // Tomcat and Undertow log with the JDK's logging.
        SLF4JBridgeHandler.removeHandlersForRootLogger();
        SLF4JBridgeHandler.install();
        return flags.serve(container, spec.commandLine());
    }

    RunningGateways open() throws CommandFailed {
        return flags.open(container);
    }
}
