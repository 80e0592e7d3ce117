package dev.remora.servlet;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.fields;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import org.junit.jupiter.api.Test;

/** What the servlet adapter never does. */
class ArchitectureTest {

    private static final JavaClasses ADAPTER = new ClassFileImporter()
            .withImportOption(location -> !location.contains("/test-classes/"))
            .importPackages("dev.remora.servlet");

    @Test
    void nettyAndContainersAreUnknownExceptWhereJettyIsUpgraded() {
        noClasses()
                .that()
                .haveNameNotMatching("dev\\.remora\\.servlet\\.JettyConnection(\\$.*)?")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage("io.netty..", "org.apache..", "org.eclipse..", "io.undertow..")
                .check(ADAPTER);
    }

    @Test
    void staticFieldsNeverChange() {
        fields().that().areStatic().should().beFinal().allowEmptyShould(true).check(ADAPTER);
    }
}
