package dev.remora.netty;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.fields;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaAccess;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Future;
import java.util.concurrent.Semaphore;
import org.junit.jupiter.api.Test;

/** What the Netty adapter never does. */
class ArchitectureTest {

    /** Started and closed by the threads of its user, never by an event loop. */
    private static final String MAY_WAIT = "dev.remora.netty.GatewayServer";

    private static final Map<Class<?>, Set<String>> WAITING = Map.of(
            io.netty.util.concurrent.Future.class,
            Set.of("sync", "syncUninterruptibly", "await", "awaitUninterruptibly", "get"),
            Future.class,
            Set.of("get"),
            CompletableFuture.class,
            Set.of("get", "join"),
            BlockingQueue.class,
            Set.of("put", "take"),
            CountDownLatch.class,
            Set.of("await"),
            Semaphore.class,
            Set.of("acquire", "acquireUninterruptibly"),
            ExecutorService.class,
            Set.of("awaitTermination", "invokeAll", "invokeAny", "close"),
            Thread.class,
            Set.of("sleep", "join"));

    private static final JavaClasses ADAPTER = new ClassFileImporter()
            .withImportOption(location -> !location.contains("/test-classes/"))
            .importPackages("dev.remora.netty");

    @Test
    void nothingWaitsOnAnEventLoop() {
        noClasses()
                .that()
                .doNotHaveFullyQualifiedName(MAY_WAIT)
                .should()
                .accessTargetWhere(waits())
                .check(ADAPTER);
    }

    private static DescribedPredicate<JavaAccess<?>> waits() {
        return DescribedPredicate.describe(
                "waits",
                access -> WAITING.entrySet().stream()
                        .anyMatch(each -> access.getTargetOwner().isAssignableTo(each.getKey())
                                && each.getValue().contains(access.getName())));
    }

    @Test
    void servletTypesAreUnknown() {
        noClasses()
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage("jakarta.servlet..", "javax.servlet..")
                .check(ADAPTER);
    }

    @Test
    void staticFieldsNeverChange() {
        fields().that().areStatic().should().beFinal().allowEmptyShould(true).check(ADAPTER);
    }
}
