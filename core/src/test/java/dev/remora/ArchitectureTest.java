package dev.remora;

import static com.tngtech.archunit.base.DescribedPredicate.not;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.ANONYMOUS_CLASSES;
import static com.tngtech.archunit.core.domain.JavaModifier.ABSTRACT;
import static com.tngtech.archunit.core.domain.JavaModifier.FINAL;
import static com.tngtech.archunit.lang.SimpleConditionEvent.violated;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.fields;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.methods;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaAccess;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaMethod;
import com.tngtech.archunit.core.domain.JavaModifier;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.lang.ArchCondition;
import com.tngtech.archunit.lang.ConditionEvents;
import com.tngtech.archunit.library.dependencies.SliceAssignment;
import com.tngtech.archunit.library.dependencies.SliceIdentifier;
import dev.remora.exchange.NanoClock;
import java.time.Clock;
import java.time.Instant;
import java.util.ServiceLoader;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** The rules of the house that a compiler does not know. */
class ArchitectureTest {

    private static final String FRONT_DOOR = "dev.remora";

    private static final JavaClasses CORE = new ClassFileImporter()
            .withImportOption(location -> !location.contains("/test-classes/"))
            .importPackages(FRONT_DOOR);

    @Test
    void packagesFormNoCycles() {
        slices().assignedFrom(new OnePerPackage()).should().beFreeOfCycles().check(CORE);
    }

    @Test
    void exchangeKnowsNoOtherRoom() {
        knowsNoOtherRoom("dev.remora.exchange");
    }

    @Test
    void poolKnowsNoOtherRoom() {
        knowsNoOtherRoom("dev.remora.pool");
    }

    private static void knowsNoOtherRoom(String room) {
        noClasses()
                .that()
                .resideInAPackage(room)
                .should()
                .dependOnClassesThat(DescribedPredicate.describe(
                        "are in another room",
                        used -> used.getPackageName().startsWith(FRONT_DOOR)
                                && !used.getPackageName().equals(room)))
                .check(CORE);
    }

    @Test
    void roomsDoNotKnowTheFrontDoorExceptThoseThatStandBeforeIt() {
        noClasses()
                .that()
                .resideOutsideOfPackages(FRONT_DOOR, "dev.remora.metrics..", "dev.remora.relay..")
                .should()
                .dependOnClassesThat()
                .resideInAPackage(FRONT_DOOR)
                .check(CORE);
    }

    @Test
    void lettuceIsKnownInRedisOnly() {
        isKnownOnlyIn("dev.remora.redis..", "io.lettuce..");
    }

    @Test
    void micrometerIsKnownInMetricsOnly() {
        isKnownOnlyIn("dev.remora.metrics..", "io.micrometer..");
    }

    @Test
    void dnsjavaIsKnownInDnsOnly() {
        isKnownOnlyIn("dev.remora.dns..", "org.xbill..");
    }

    @Test
    void theAddressLibraryIsKnownWhereAddressesAreReadOnly() {
        noClasses()
                .that()
                .doNotHaveFullyQualifiedName("dev.remora.guard.AddressText")
                .should()
                .dependOnClassesThat()
                .resideInAPackage("inet.ipaddr..")
                .check(CORE);
    }

    @Test
    void re2jIsKnownInInspectOnly() {
        isKnownOnlyIn("dev.remora.inspect..", "com.google.re2j..");
    }

    @Test
    void jacksonIsKnownInFileAndWhereOthersJsonIsReadOnly() {
        noClasses()
                .that()
                .resideOutsideOfPackage("dev.remora.file..")
                .and()
                .doNotHaveFullyQualifiedName("dev.remora.affinity.BearerSubject")
                .and()
                .doNotHaveFullyQualifiedName("dev.remora.guard.AskedTokens")
                .should()
                .dependOnClassesThat()
                .resideInAPackage("com.fasterxml.jackson..")
                .check(CORE);
        isKnownOnlyIn("nowhere", "org.yaml..");
    }

    private static void isKnownOnlyIn(String room, String library) {
        noClasses()
                .that()
                .resideOutsideOfPackage(room)
                .should()
                .dependOnClassesThat()
                .resideInAPackage(library)
                .check(CORE);
    }

    @Test
    void platformsStayInTheirAdapters() {
        noClasses()
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage("io.netty..", "jakarta.servlet..", "javax.servlet..")
                .check(CORE);
    }

    @Test
    void classesAreFinal() {
        classes()
                .that()
                .areNotInterfaces()
                .and()
                .areNotEnums()
                .and()
                .doNotHaveModifier(ABSTRACT)
                .and(not(ANONYMOUS_CLASSES))
                .and(not(isConstantOfAnEnum()))
                .should()
                .haveModifier(FINAL)
                .check(CORE);
    }

    private static DescribedPredicate<JavaClass> isConstantOfAnEnum() {
        return DescribedPredicate.describe(
                "is a constant of an enum",
                type -> type.getRawSuperclass().filter(JavaClass::isEnum).isPresent());
    }

    @Test
    void abstractClassesAreNoPromise() {
        classes()
                .that()
                .areNotInterfaces()
                .and()
                .areNotEnums()
                .and()
                .haveModifier(ABSTRACT)
                .should()
                .notBePublic()
                .allowEmptyShould(true)
                .check(CORE);
    }

    @Test
    void implementationsHideBehindTheirDoor() {
        classes()
                .that()
                .areTopLevelClasses()
                .and()
                .areNotInterfaces()
                .and()
                .areNotRecords()
                .and()
                .arePublic()
                .should(offerMoreThanTheirDoors())
                .check(CORE);
    }

    /** A class that only implements our own interfaces belongs behind their static methods. */
    private static ArchCondition<JavaClass> offerMoreThanTheirDoors() {
        return new ArchCondition<>("offer more than the interfaces of dev.remora that they implement") {
            @Override
            public void check(JavaClass type, ConditionEvents events) {
                Set<JavaClass> doors = type.getAllRawInterfaces();
                boolean behindADoor =
                        doors.stream().anyMatch(door -> door.getPackageName().startsWith(FRONT_DOOR));
                boolean nothingElse = type.getMethods().stream()
                        .filter(method -> method.getModifiers().contains(JavaModifier.PUBLIC))
                        .allMatch(method -> doors.stream().anyMatch(door -> declares(door, method)));
                if (behindADoor && nothingElse) {
                    events.add(violated(type, type.getName() + " is public, but all that it offers is in " + doors));
                }
            }
        };
    }

    private static boolean declares(JavaClass door, JavaMethod method) {
        return door.tryGetMethod(method.getName(), parameterTypes(method)).isPresent();
    }

    private static String[] parameterTypes(JavaMethod method) {
        return method.getRawParameterTypes().stream().map(JavaClass::getName).toArray(String[]::new);
    }

    @Test
    void methodsAreNotNamedGet() {
        // Behind a door a method may have to be named as an interface of the JDK wants it.
        methods()
                .that()
                .arePublic()
                .and()
                .areDeclaredInClassesThat()
                .arePublic()
                .should()
                .haveNameNotMatching("get[A-Z].*")
                .check(CORE);
    }

    @Test
    void typesAreNamedAfterThingsOfTheField() {
        noClasses()
                .should()
                .haveNameMatching(".*(Manager|Helper|Util|Utils|Impl)")
                .check(CORE);
    }

    @Test
    void staticFieldsNeverChange() {
        fields().that().areStatic().should().beFinal().check(CORE);
    }

    @Test
    void nothingIsFoundByServiceLoader() {
        noClasses()
                .should()
                .dependOnClassesThat()
                .areAssignableTo(ServiceLoader.class)
                .check(CORE);
    }

    @Test
    void timeIsAskedOfNanoClockOnlyAndNobodySleeps() {
        noClasses()
                .that()
                .areNotAssignableTo(NanoClock.class)
                .should()
                .accessTargetWhere(readsTheTimeOrSleeps())
                .check(CORE);
    }

    private static DescribedPredicate<JavaAccess<?>> readsTheTimeOrSleeps() {
        Set<String> calls = Set.of(
                "java.lang.System.nanoTime",
                "java.lang.System.currentTimeMillis",
                "java.lang.Thread.sleep",
                Instant.class.getName() + ".now",
                Clock.class.getName() + ".systemUTC",
                Clock.class.getName() + ".systemDefaultZone");
        return DescribedPredicate.describe(
                "reads the time or sleeps",
                access -> calls.contains(access.getTargetOwner().getName() + "." + access.getName()));
    }

    /** One slice per package; ArchUnit's patterns leave out either the root or its children. */
    private static final class OnePerPackage implements SliceAssignment {

        @Override
        public SliceIdentifier getIdentifierOf(JavaClass type) {
            return SliceIdentifier.of(type.getPackageName());
        }

        @Override
        public String getDescription() {
            return "one slice per package";
        }
    }
}
